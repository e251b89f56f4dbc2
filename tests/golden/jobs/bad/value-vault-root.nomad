job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      vault {
        policies = ["root"]
        change_mode = "now"
      }
    }
  }
}
