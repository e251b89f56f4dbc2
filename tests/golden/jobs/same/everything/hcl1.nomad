job "everything" {
  name = "All of it"
  datacenters = ["dc1"]
  namespace = "default"
  vault_token = "s.1234"
  migrate { max_parallel = 3 health_check = "task_states" min_healthy_time = "1s" healthy_deadline = "1h2m3s" }
  update { stagger = "45s" max_parallel = 5 health_check = "manual" min_healthy_time = "0s" healthy_deadline = "9m" progress_deadline = "0s" auto_revert = true auto_promote = true canary = 2 }
  vault { policies = ["job"] }
  group "a" {
    count = 0
    meta { a = "1" }
    network {
      mode = "host"
      port "in" { static = 4000 to = 5000 }
      port "any" { to = 6000 }
    }
    service {
      name = "everything-a"
      port = "in"
      provider = "nomad"
      task = "one"
      meta { v = "2" }
      canary_tags = ["canary"]
      check { type = "grpc" port = "any" interval = "10s" timeout = "2s" grpc_service = "health" grpc_use_tls = true tls_skip_verify = true address_mode = "host" }
    }
    task "one" { driver = "mock_driver" }
  }
  group "b" {
    vault { policies = ["group"] }
    reschedule { delay = "1m" delay_function = "constant" unlimited = true }
    restart { mode = "delay" }
    task "two" {
      driver = "mock_driver"
      vault { policies = ["task"] }
      config {
        deep { er { still = [1, 2.5, true, [3, "x"], { k = "v" }] } }
        twice { n = 1 }
        twice { n = 2 }
        labelled "a" "b" { c = 1 }
        null_one = null
      }
      resources { cpu = 20 memory = 10 iops = 5 }
    }
    task "three" { driver = "mock_driver" }
  }
}
