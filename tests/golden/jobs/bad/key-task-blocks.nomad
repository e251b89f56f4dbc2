job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      logs {
        max_file = 3
      }
      artifact {
        sorce = "x"
      }
      template {
        dta = "x"
      }
      vault {
        policy = ["x"]
      }
      dispatch_payload {
        fil = "x"
      }
    }
  }
}
