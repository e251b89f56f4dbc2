job "bad" {
  = 3
}
