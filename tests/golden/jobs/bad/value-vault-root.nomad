job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      vault {
        policies = ["root"]
        change_mode = "now"
      }
    }
  }
}
