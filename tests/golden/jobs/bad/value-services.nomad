job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      service {
        name = "under_score"
        port = "nosuch"
        address_mode = "moon"
        check {
          type = "ping"
        }
        check {
          type = "http"
          port = "nosuch"
          interval = "500ms"
          timeout = "-1s"
          initial_status = "fine"
          check_restart {
            limit = -1
            grace = "-1s"
          }
        }
        check {
          type = "script"
          interval = "10s"
        }
      }
      service {
        name = "no-port"
        check {
          type = "tcp"
          interval = "10s"
          timeout = "1s"
        }
      }
    }
  }
}
