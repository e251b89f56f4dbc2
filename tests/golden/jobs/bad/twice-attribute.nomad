job "bad" {
  datacenters = ["dc1"]
  type = "batch"
  type = "service"
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
