job "bad" {
  group "g" {
    task "t" { driver = "exec" }
  }
}
