job "model" {
  datacenters = ["dc1"]
  affinity { attribute = "${node.class}" value = "big" weight = 80 }
  affinity { attribute = "${meta.cpu}" regexp = "^Xeon.*" weight = -20 }
  spread { attribute = "${node.datacenter}" weight = 60 target "dc1" { percent = 70 } target "dc2" { percent = 30 } }
  spread { attribute = "${meta.rack}" }
  group "g" {
    spread { attribute = "${attr.platform.zone}" weight = 100 }
    ephemeral_disk { size = 5000 sticky = true migrate = true }
    constraint { attribute = "${meta.features}" set_contains = "gpu,ssd" }
    constraint { attribute = "${meta.features}" operator = "set_contains_any" value = "a,b" }
    constraint { attribute = "${attr.os.version}" operator = ">=" value = "10" }
    constraint { is_set = "${meta.owner}" }
    task "t" {
      driver = "mock_driver"
      affinity { attribute = "${attr.cpu.arch}" value = "amd64" }
      config { run_for = "1h" }
      resources {
        cpu = 1000
        device "nvidia/gpu" {
          count = 2
          constraint { attribute = "${device.attr.memory}" operator = ">=" value = "2 GiB" }
          affinity { attribute = "${device.model}" value = "Tesla" weight = 75 }
        }
        device "fpga" {}
      }
    }
  }
}
