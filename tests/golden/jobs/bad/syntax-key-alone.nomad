job "bad" {
  all_at_once
}
