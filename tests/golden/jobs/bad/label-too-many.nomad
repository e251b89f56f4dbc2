job "bad" "worse" {
  datacenters = ["dc1"]
}
