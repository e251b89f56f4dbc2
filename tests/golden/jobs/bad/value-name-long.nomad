job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" {
      driver = "exec"
    }
  }
}
