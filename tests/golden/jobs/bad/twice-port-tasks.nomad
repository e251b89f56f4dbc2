job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      resources { network { port "a" { static = 80 } } }
    }
    task "u" {
      driver = "exec"
      resources { network { port "b" { static = 80 } } }
    }
  }
}
