job "bad" {
  datacenters = ["dc1"]
  migrate {
    max_parallel = -1
    health_check = "manual"
    min_healthy_time = "10m"
    healthy_deadline = "-5m"
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
