job "bad" {
  datacenters = ["dc1"]
  group "g" {
    restart {
      attempts = 1
    }
    restart {
      attempts = 2
    }
    task "t" {
      driver = "raw_exec"
    }
  }
}
