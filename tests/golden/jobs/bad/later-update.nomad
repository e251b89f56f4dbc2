job "bad" {
  datacenters = ["dc1"]
  update {
    canary = 1
    auto_revert = true
    auto_promote = true
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
