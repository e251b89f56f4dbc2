job "bad" {
  type =
}
