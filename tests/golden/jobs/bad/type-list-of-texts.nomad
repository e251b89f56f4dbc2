job "bad" {
  datacenters = ["dc1", ["dc2"], { a = 1 }]
}
