job "bad" {
  datacenters = ["dc1"]
  group "g" {
    restart "now" {
      attempts = 1
    }
    task "t" {
      driver = "raw_exec"
    }
  }
}
