job "bad" {
  datacenters = ["dc1"]
  update {
    max_parallel = 0
    canary = -1
    health_check = "luck"
    min_healthy_time = "10m"
    healthy_deadline = "5m"
    progress_deadline = "1m"
    stagger = "-1s"
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
