job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      kill_timeout = "-5s"
      shutdown_delay = "-1s"
    }
  }
}
