job "" {
  datacenters = ["dc1"]
  group "" {
    task "" { driver = "raw_exec" }
  }
}
