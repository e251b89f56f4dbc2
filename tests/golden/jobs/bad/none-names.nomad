job "" {
  datacenters = ["dc1"]
  group "" {
    task "" { driver = "exec" }
  }
}
