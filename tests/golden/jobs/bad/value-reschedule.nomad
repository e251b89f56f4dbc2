job "bad" {
  datacenters = ["dc1"]
  group "g" {
    reschedule {
      attempts = 3
      unlimited = true
      delay = "1s"
      delay_function = "random"
    }
    task "t" {
      driver = "exec"
    }
  }
}
