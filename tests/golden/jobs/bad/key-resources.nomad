job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      resources {
        cpus = 3
        mem = 256
        disk = 10
        cores = 2
      }
    }
  }
}
