job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      resources {
        network {
          port "http" = 80
        }
      }
    }
  }
}
