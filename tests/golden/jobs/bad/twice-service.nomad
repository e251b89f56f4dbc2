job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      service {
        name = "x"
      }
      service {
        name = "x"
      }
    }
  }
}
