job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      leader = true
    }
    task "u" {
      driver = "exec"
      leader = true
    }
  }
}
