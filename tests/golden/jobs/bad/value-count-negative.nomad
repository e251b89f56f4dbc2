job "bad" {
  datacenters = ["dc1"]
  group "g" {
    count = -1
    task "t" {
      driver = "exec"
    }
  }
}
