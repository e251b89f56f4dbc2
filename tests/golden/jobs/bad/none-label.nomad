job {
  group {
    count = 1
  }
}
