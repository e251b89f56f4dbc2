job "bad" {
  datacenters = ["dc1"]
  datacentres = ["dc2"]
  prioritty = 3
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
