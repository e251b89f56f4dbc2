job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "exec"
      artifact {
        source = "https://example.org/x"
      }
      template {
        data = "x"
        destination = "local/x"
      }
      vault {
        policies = ["p"]
      }
      dispatch_payload {
        file = "x"
      }
      resources {
        device "gpu" {}
      }
      service {
        name = "x"
        check {
          type = "grpc"
          interval = "10s"
          timeout = "2s"
          port = "1"
        }
        check {
          type = "http"
          protocol = "https"
          path = "/"
          interval = "10s"
          timeout = "2s"
          port = "1"
        }
      }
    }
  }
}
