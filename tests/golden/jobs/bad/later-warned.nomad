job "bad" {
  datacenters = ["dc1"]
  region = "mars"
  vault_token = "s.1"
  affinity {
    attribute = "${node.class}"
    value = "a"
  }
  spread {
    attribute = "${node.class}"
  }
  update {
    stagger = "1m"
  }
  migrate {
    max_parallel = 2
  }
  group "g" {
    affinity {
      attribute = "${node.class}"
      value = "a"
    }
    spread {
      attribute = "${node.class}"
    }
    ephemeral_disk {
      sticky = true
      migrate = true
    }
    task "t" {
      driver = "exec"
      affinity {
        attribute = "${node.class}"
        value = "a"
      }
      resources {
        iops = 3
      }
      service {
        name = "x"
        provider = "consul"
        canary_tags = ["c"]
      }
    }
  }
}
