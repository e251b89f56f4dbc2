job "bad" {
  datacenters = ["dc1"]
  node_pool = "x"
  ui {
    description = "x"
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
