job "bad" {
}
}
