job "bad" {
  datacenters = ["dc1"]
  priority = 99999999999999999999999
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
