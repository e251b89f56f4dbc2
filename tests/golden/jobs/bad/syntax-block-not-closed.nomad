job "bad" {
  group "g" {
    task "t" {
      driver = "raw_exec"
