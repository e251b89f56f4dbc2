job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      leader = true
    }
    task "u" {
      driver = "raw_exec"
      leader = true
    }
  }
}
