job "bad" {
  datacenters = [var.dc]
}
