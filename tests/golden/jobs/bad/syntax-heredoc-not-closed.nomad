job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      template {
        data = <<EOF
      hello
        EOFF
      }
    }
  }
}
