job "a b/../c" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
    }
  }
}
