job "bad" {
  datacenters = ["dc1"]
  group "g" {
    count = "three"
    task "t" {
      driver = "raw_exec"
    }
  }
}
