job "bad" {
  group "a" "b" "c" "d" "e" "f" {}
}
