job "bad" {
  datacenters = ["dc1"]
  type = "daemon"
  priority = 101
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
