job "bad" {
  datacenters = ["dc1"]
  type = "batch"
  all_at_once = true
  namespace = "dev"
  periodic {
    cron = "@daily"
  }
  parameterized {
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
