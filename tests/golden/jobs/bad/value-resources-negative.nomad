job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      resources {
        cpu = -100
        memory = -1
      }
    }
  }
}
