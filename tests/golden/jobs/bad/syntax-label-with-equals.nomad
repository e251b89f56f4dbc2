job "bad" {
  group "g" = {}
}
