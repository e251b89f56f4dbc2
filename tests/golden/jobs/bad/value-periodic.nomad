job "bad" {
  datacenters = ["dc1"]
  periodic {
    cron = "* * *"
    time_zone = "Middle Earth"
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
