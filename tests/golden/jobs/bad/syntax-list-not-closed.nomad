job "bad" {
  datacenters = ["dc1"
  group "g" {
  }
}
