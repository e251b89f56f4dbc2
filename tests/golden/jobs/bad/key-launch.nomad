job "bad" {
  datacenters = ["dc1"]
  periodic {
    corn = "* * * * *"
  }
  parameterized {
    meta_require = ["a"]
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
