job "bad" {
  datacenters = ["dc1"]
  affinity {
    attribute = "${node.class}"
    value = "a"
    weight = 0
  }
  affinity {
    attribute = "${node.class}"
    value = "a"
    weight = 101
  }
  affinity {
    distinct_hosts = true
  }
  affinity {
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
