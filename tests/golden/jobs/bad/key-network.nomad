job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      resources {
        network {
          mbit = 3
          prot "http" {}
          port "http" {
            statc = 80
          }
        }
      }
    }
  }
}
