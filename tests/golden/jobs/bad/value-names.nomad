job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "a/b" { driver = "raw_exec" }
    task ".." { driver = "raw_exec" }
    task "alloc" { driver = "raw_exec" }
    task "c\\d" { driver = "raw_exec" }
  }
}
