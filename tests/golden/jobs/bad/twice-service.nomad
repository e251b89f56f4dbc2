job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      service {
        name = "x"
      }
      service {
        name = "x"
      }
    }
  }
}
