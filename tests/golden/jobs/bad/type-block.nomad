job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      resources = 3
      logs = "x"
      env = ["A=1"]
      config = "x"
    }
  }
}
