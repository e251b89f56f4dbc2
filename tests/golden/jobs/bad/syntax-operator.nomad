job "bad" {
  priority = 40 + 10
}
