job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      kill_timeout = "soon"
      shutdown_delay = "5 s"
    }
  }
}
