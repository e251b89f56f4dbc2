job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      resources {
        device "a/b/c/d" {
          count = 0
          constraint {
            operator = "nope"
          }
        }
      }
    }
  }
}
