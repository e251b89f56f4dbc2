job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      constraint {
        distinct_hosts = true
      }
    }
  }
}
