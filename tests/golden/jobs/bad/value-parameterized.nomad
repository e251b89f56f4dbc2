job "bad" {
  datacenters = ["dc1"]
  parameterized {
    payload = "maybe"
    meta_required = ["a", "b"]
    meta_optional = ["b"]
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
