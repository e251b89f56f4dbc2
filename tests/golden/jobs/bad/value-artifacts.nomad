job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
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
