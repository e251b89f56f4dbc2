job "bad" {
  /* no end
}
