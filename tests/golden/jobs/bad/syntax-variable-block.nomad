variable "dc" {
  default = "dc1"
}

locals {
  a = 1
}

job "bad" {
  datacenters = ["dc1"]
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
