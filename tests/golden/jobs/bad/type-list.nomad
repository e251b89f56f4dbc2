job "bad" {
  datacenters = { dc1 = true }
  meta = ["a"]
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
