job "bad" {
  type = "service
  group "g" {}
}
