job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      template {
      }
      template {
        data = "x"
        destination = "local/../../x"
        change_mode = "explode"
        perms = "rw-"
        splay = "-1s"
      }
      template {
        data = "x"
        destination = "local/a"
      }
      template {
        data = "x"
        destination = "local/a"
        change_mode = "signal"
        env = true
      }
    }
  }
}
