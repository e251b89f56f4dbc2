job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      resources {
        cpu = -100
        memory = -1
      }
    }
  }
}
