job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      resources {
        network {
          port "http" {}
          port "http" {}
          port "a" { static = 80 }
          port "b" { static = 80 }
        }
      }
    }
  }
}
