job "bad" {
  datacenters = ["dc1"]
  type = "batch"
  periodic {
  }
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
