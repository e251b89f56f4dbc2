job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      dispatch_payload {
        file = "../x"
      }
    }
  }
}
