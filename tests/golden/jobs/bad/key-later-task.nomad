job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      lifecycle {
        hook = "prestart"
      }
      volume_mount {
      }
      restart {
      }
    }
  }
}
