job "bad" {
  datacenters = ["dc1"]
  group "g" {
    network {
      mode = "bridge"
    }
    task "t" {
      driver = "exec"
    }
  }
}
