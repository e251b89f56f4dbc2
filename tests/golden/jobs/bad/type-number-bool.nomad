job "bad" {
  datacenters = ["dc1"]
  group "g" {
    count = true
    task "t" {
      driver = "raw_exec"
    }
  }
}
