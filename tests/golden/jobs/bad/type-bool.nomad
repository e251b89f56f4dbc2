job "bad" {
  datacenters = ["dc1"]
  all_at_once = "maybe"
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
