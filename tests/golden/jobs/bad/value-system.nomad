job "bad" {
  datacenters = ["dc1"]
  type = "system"
  affinity {
    attribute = "${node.class}"
    value = "a"
  }
  spread {
    attribute = "${node.class}"
  }
  group "g" {
    count = 2
    reschedule {
      attempts = 1
    }
    task "t" {
      driver = "exec"
    }
  }
}
