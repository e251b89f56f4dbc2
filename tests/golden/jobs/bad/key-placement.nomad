job "bad" {
  datacenters = ["dc1"]
  constraint {
    attribut = "${attr.kernel.name}"
  }
  affinity {
    wieght = 3
  }
  spread {
    target "a" {
      precent = 3
    }
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
