job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" { driver = "raw_exec" }
    task "t" { driver = "raw_exec" }
  }
}
