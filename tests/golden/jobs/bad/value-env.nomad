job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      env {
        "" = "x"
        "A=B" = "x"
      }
    }
  }
}
