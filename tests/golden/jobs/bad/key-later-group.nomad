job "bad" {
  datacenters = ["dc1"]
  group "g" {
    volume "v" {
      type = "host"
    }
    scaling {
    }
    shutdown_delay = "3s"
    task "t" {
      driver = "raw_exec"
    }
  }
}
