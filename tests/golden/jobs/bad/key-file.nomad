jobs "bad" {
}
