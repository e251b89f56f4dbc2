job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      logs {
        max_files = 0
        max_file_size = 0
      }
    }
  }
}
