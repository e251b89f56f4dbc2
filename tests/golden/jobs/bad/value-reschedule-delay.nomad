job "bad" {
  datacenters = ["dc1"]
  group "g" {
    reschedule {
      attempts = 1
      unlimited = false
      interval = "5s"
      delay = "10m"
      max_delay = "5m"
    }
    task "t" {
      driver = "exec"
    }
  }
}
