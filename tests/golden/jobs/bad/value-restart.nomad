job "bad" {
  datacenters = ["dc1"]
  group "g" {
    restart {
      attempts = 100
      interval = "4s"
      delay = "-15s"
      mode = "never"
    }
    task "t" {
      driver = "exec"
    }
  }
}
