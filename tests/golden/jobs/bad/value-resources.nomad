job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      resources {
        cpu = 0
        memory = 9
        network {
          mbits = 0
        }
      }
    }
  }
}
