job "bad" {
  datacenters = ["dc1"]
  group "g" {
    count = 1e999
    task "t" {
      driver = "raw_exec"
    }
  }
}
