job "shop-web" {
  region      = "global"
  datacenters = ["fra1", "fra2"]
  priority    = 70

  meta = {
    team      = "shop"
    "on-call" = "shop@example.org"
  }

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  constraint {
    attribute = "${attr.driver.docker.version}"
    version   = ">= 1.13, < 99"
  }

  update {
    max_parallel     = 2
    min_healthy_time = "15s"
    healthy_deadline = "2m"
  }

  group "front" {
    count = 4

    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }

    constraint {
      operator  = "distinct_property"
      attribute = "${meta.rack}"
      value     = "2"
    }

    restart {
      attempts = 10
      interval = "5m"
      delay    = "25s"
      mode     = "delay"
    }

    update {
      max_parallel = 1
    }

    task "nginx" {
      driver         = "docker"
      leader         = true
      kill_signal    = "SIGQUIT"
      kill_timeout   = "20s"
      shutdown_delay = "3s"

      config {
        image   = "registry.example.org:5000/shop/nginx:1.19@sha256:0000000000000000000000000000000000000000000000000000000000000000"
        command = "nginx"
        args    = ["-g", "daemon off;", "-c", "${NOMAD_TASK_DIR}/nginx.conf"]
        port_map {
          http  = 80
          https = 443
        }
        labels {
          env                = "prod"
          "com.example.tier" = "web"
        }
        volumes = [
          "local/cache:/var/cache/nginx",
          "/etc/ssl/certs:/etc/ssl/certs:ro",
        ]
        dns_servers     = ["10.0.0.2", "10.0.0.3"]
        readonly_rootfs = false
        ulimit {
          nofile = "4096:8192"
        }
        logging {
          type = "json-file"
          config {
            max-size = "10m"
          }
        }
      }

      env = {
        UPSTREAM = "http://${NOMAD_ADDR_app_http}/"
        QUOTED   = "a \"quoted\" word, a tab\tand a backslash \\"
        WHERE    = "${env["HOME"]}/x"
        EMPTY    = ""
        PORT     = 8080
        DEBUG    = true
        BANNER   = <<-EOF
          Welcome to "the shop"
            ${NOMAD_ALLOC_ID}
          EOF
      }

      meta {
        owner = "web"
      }

      logs {
        max_files     = 3
        max_file_size = 5
      }

      resources {
        cpu    = 250
        memory = 128
        network {
          mbits = 20
          port "http" {
            static = 80
          }
          port "https" {
            static = 443
          }
          port "stats" {}
        }
      }

      service {
        name = "shop-${TASKGROUP}"
        tags = ["prod", "urlprefix-shop.example.org/"]
        port = "http"

        check {
          type     = "http"
          name     = "front page"
          path     = "/health?full=1"
          method   = "HEAD"
          protocol = "http"
          interval = "5s"
          timeout  = "1.5s"
          header {
            Authorization = ["Basic Zm9vOmJhcg=="]
            X-Two         = ["1", "2"]
          }
          check_restart {
            limit = 3
            grace = "90s"
          }
        }

        check {
          type           = "script"
          name           = "config"
          command        = "/usr/sbin/nginx"
          args           = ["-t"]
          interval       = "60s"
          timeout        = "10s"
          initial_status = "passing"
          check_restart {
            limit           = 1
            grace           = "90s"
            ignore_warnings = true
          }
        }
      }

      service {
        name         = "shop-stats"
        port         = "stats"
        address_mode = "host"
      }
    }

    task "app" {
      driver = "docker"
      user   = "www-data"

      config {
        image      = "shop/app"
        force_pull = true
        port_map {
          http = 3000
        }
      }

      resources {
        cpu    = 500
        memory = 512
        network {
          port "http" {}
        }
      }
    }
  }
}
