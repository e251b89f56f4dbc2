job "bad" {
  datacenters = ["dc1"]
  group "g" {
    restart {
      delay = ["15s"]
    }
    task "t" {
      driver = "raw_exec"
    }
  }
}
