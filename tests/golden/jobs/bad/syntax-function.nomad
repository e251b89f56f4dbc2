job "bad" {
  datacenters = split(",", "dc1,dc2")
}
