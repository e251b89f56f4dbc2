job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      resources {
        network {
          port "a" { static = 70000 }
          port "b" { static = -1 }
          port "c" { to = 70000 }
          port "d e" {}
          port "" {}
        }
      }
    }
  }
}
