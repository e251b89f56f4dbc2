job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "a/b" { driver = "exec" }
    task ".." { driver = "exec" }
    task "alloc" { driver = "exec" }
    task "c\\d" { driver = "exec" }
  }
}
