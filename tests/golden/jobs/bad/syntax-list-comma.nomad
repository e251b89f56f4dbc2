job "bad" {
  datacenters = ["dc1" "dc2"]
}
