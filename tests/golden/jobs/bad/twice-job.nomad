job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
job "worse" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
