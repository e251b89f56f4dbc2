job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      service {
        nam = "x"
        chekc {
        }
        check {
          typ = "tcp"
          check_restart {
            limits = 3
          }
        }
      }
    }
  }
}
