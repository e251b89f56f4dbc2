job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      env {
        A = ["x"]
        B = { c = 1 }
      }
    }
  }
}
