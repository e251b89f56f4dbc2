job "bad" {
  datacenters = ["dc1"]
  spread {
    weight = 0
  }
  spread {
    attribute = "${node.datacenter}"
    target "a" { percent = 60 }
    target "b" { percent = 60 }
  }
  spread {
    attribute = "${meta.rack}"
    target "a" { percent = -1 }
    target "b" { percent = 101 }
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
