job "bad" {
  datacenters = ["dc1"]
  group "g" {
    restart {
      attemps = 3
    }
    reschedule {
      unlimted = true
    }
    update {
      max_paralel = 2
    }
    migrate {
      helth_check = "checks"
    }
    ephemeral_disk {
      sze = 3
    }
    task "t" {
      driver = "raw_exec"
    }
  }
}
