job "a b/../c" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
