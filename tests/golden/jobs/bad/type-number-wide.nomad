job "bad" {
  datacenters = ["dc1"]
  group "g" {
    count = 2147483648
    task "t" {
      driver = "raw_exec"
    }
  }
}
