job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      kill_timeout = "-5s"
      shutdown_delay = "-1s"
    }
  }
}
