job "bad" {
  type = service
}
