job "bad" {
  datacenters = ["dc1"]
  type = "system"
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
