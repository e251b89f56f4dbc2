job "bad" {
  type = <<
}
