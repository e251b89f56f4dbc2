job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      resources {
        cpu = 1.2.3
      }
    }
  }
}
