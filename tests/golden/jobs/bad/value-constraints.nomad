job "bad" {
  datacenters = ["dc1"]
  constraint {
    attribute = "${attr.kernel.name}"
    operator = "~"
    value = "x"
  }
  constraint {
    value = "linux"
  }
  constraint {
    attribute = "${attr.kernel.name}"
  }
  constraint {
    attribute = "${attr.cpu.arch}"
    regexp = "("
  }
  constraint {
    attribute = "${attr.os.version}"
    version = "newest"
  }
  constraint {
    distinct_property = "${meta.rack}"
    value = "none"
  }
  constraint {
    attribute = "${meta.a}"
    set_contains = ""
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
