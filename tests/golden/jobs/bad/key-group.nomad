job "bad" {
  datacenters = ["dc1"]
  group "g" {
    cuont = 2
    task "t" {
      driver = "raw_exec"
    }
  }
}
