job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      logs {
        max_files = 100
        max_file_size = 100
      }
    }
  }
}
