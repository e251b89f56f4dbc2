job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      env {
        A = "\ud800"
      }
    }
  }
}
