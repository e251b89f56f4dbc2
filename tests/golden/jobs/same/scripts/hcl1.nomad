# Words without quotes as labels, several things on a line, semicolons and commas: what old files have.
job convert {
  datacenters = ["dc1"], type = "batch"; priority = "40"
  parameterized { payload = "required" meta_required = ["input", "codec"] meta_optional = ["quality"] }
  group work {
    count = "2"
    task ffmpeg {
      driver = "raw_exec"
      config = { command = "/bin/sh", args = ["-c", "echo 'one' \"two\" $three $${four} 100%"] }
      env { "GREETING" = "h\u00e9llo \u2713 \ud83d\ude00", LINES = "a\nb" }
      dispatch_payload { file = "in/put.bin" }
      template { source = "local/a.tpl" destination = "local/a" left_delimiter = "<<" right_delimiter = ">>" vault_grace = "10s" }
      kill_timeout = 30000000000
    }
  }
}
