job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      artifact {
      }
      artifact {
        source = "x"
        mode = "tree"
        destination = "../../etc"
      }
    }
  }
}
