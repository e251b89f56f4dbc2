job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      env {
        "" = "x"
        "A=B" = "x"
      }
    }
  }
}
