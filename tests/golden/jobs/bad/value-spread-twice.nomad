job "bad" {
  datacenters = ["dc1"]
  spread {
    attribute = "${meta.rack}"
    target "a" { percent = 10 }
    target "a" { percent = 20 }
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
