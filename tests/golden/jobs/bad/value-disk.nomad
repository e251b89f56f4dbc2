job "bad" {
  datacenters = ["dc1"]
  group "g" {
    ephemeral_disk {
      size = 5
    }
    task "t" {
      driver = "exec"
    }
  }
}
