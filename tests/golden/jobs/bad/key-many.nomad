job "bad" {
  datacenters = ["dc1"]
  nonsense0 = 1
  nonsense1 = 1
  nonsense2 = 1
  nonsense3 = 1
  nonsense4 = 1
  nonsense5 = 1
  nonsense6 = 1
  nonsense7 = 1
  nonsense8 = 1
  nonsense9 = 1
  nonsense10 = 1
  nonsense11 = 1
  nonsense12 = 1
  nonsense13 = 1
  nonsense14 = 1
  nonsense15 = 1
  nonsense16 = 1
  nonsense17 = 1
  nonsense18 = 1
  nonsense19 = 1
  nonsense20 = 1
  nonsense21 = 1
  nonsense22 = 1
  nonsense23 = 1
  nonsense24 = 1
  nonsense25 = 1
  nonsense26 = 1
  nonsense27 = 1
  nonsense28 = 1
  nonsense29 = 1
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
