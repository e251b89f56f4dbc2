job "report" {
  datacenters = ["dc1"]
  type        = "batch"

  periodic {
    cron             = "0 3 * * *"
    prohibit_overlap = true
    time_zone        = "Europe/Berlin"
  }

  group "make" {
    reschedule {
      attempts       = 3
      interval       = "12h"
      delay          = "30s"
      delay_function = "fibonacci"
      max_delay      = "10m"
      unlimited      = false
    }

    task "make" {
      driver = "exec"

      config {
        command = "/usr/local/bin/report"
        args    = ["--day", "${NOMAD_META_day}"]
      }

      artifact {
        source      = "https://example.org/report.tar.gz"
        destination = "local/bin"
        mode        = "dir"
        options {
          checksum = "md5:d41d8cd98f00b204e9800998ecf8427e"
        }
      }

      template {
        data        = <<-EOH
        key = {{ key "report/key" }}
        EOH
        destination = "secrets/file.env"
        env         = true
        change_mode = "noop"
        perms       = "600"
        splay       = "30s"
      }

      vault {
        policies      = ["report", "mail"]
        change_mode   = "signal"
        change_signal = "SIGUSR1"
        env           = false
      }

      resources {
        cpu    = 2000
        memory = 4096
      }
    }
  }
}
