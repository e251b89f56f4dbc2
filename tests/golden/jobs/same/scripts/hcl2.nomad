job "convert" {
  datacenters = ["dc1"]
  type        = "batch"
  priority    = 40

  parameterized {
    payload       = "required"
    meta_required = ["input", "codec"]
    meta_optional = ["quality"]
  }

  group "work" {
    count = 2

    task "ffmpeg" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "echo 'one' \"two\" $three $${four} 100%"]
      }

      env {
        GREETING = "héllo ✓ 😀"
        LINES    = "a\nb"
      }

      dispatch_payload {
        file = "in/put.bin"
      }

      template {
        source          = "local/a.tpl"
        destination     = "local/a"
        left_delimiter  = "<<"
        right_delimiter = ">>"
        vault_grace     = "10s"
      }

      kill_timeout = "30s"
    }
  }
}
