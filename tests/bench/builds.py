"""A build folder of orch, of this tree or an older one, and what its programs can be made to do.

Old programs take no new options, so all here uses what the first of them took.
"""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import free_port, wait_for  # noqa: E402
from raw_http import ask  # noqa: E402


class Failed(Exception):
    """A program did not do what it was asked."""


def run(words, log):
    """Standard output of a program; its whole output goes to `log`."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    with open(log, "a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(words)}\n{done.stdout}{done.stderr}")
    if done.returncode != 0:
        raise Failed(f"{words[0]} ended with {done.returncode}; its words are in {log}")
    return done.stdout


def callgrind(out, small_map):
    """Words to put before a program; `counted` reads what it has left. `small_map`: the library of small_map.cc."""
    return ["env", f"LD_PRELOAD={small_map}", "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]


def counted(out):
    """Instructions that a program under callgrind has carried out, all threads together."""
    with open(out, encoding="utf-8", errors="replace") as file:
        found = re.findall(r"^(?:summary|totals): (\d+)", file.read(), re.MULTILINE)
    if not found:
        raise Failed(f"callgrind left no sum in {out}")
    return int(found[-1])


class Agent:
    """`orch agent -server` on an empty folder, by choice under callgrind."""

    def __init__(self, build, folder, before=()):
        self.port = free_port()
        self.data_dir = os.path.join(folder, "data")
        self.log = os.path.join(folder, "agent.log")
        words = [*before, build.program("orch"), "agent", "-server", "-data-dir", self.data_dir,
                 "-http-port", str(self.port), "-heartbeat-ttl", "3600"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def __enter__(self):
        wait_for(f"the agent's first answer ({self.log})", self.answers, 300)
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGINT if kind is None else signal.SIGKILL)
        code = self.process.wait(600)
        if kind is None and code != 0:
            raise Failed(f"the agent ended with {code}; its words are in {self.log}")

    def answers(self):
        if self.process.poll() is not None:
            raise Failed(f"the agent ended with {self.process.returncode}; its words are in {self.log}")
        with contextlib.suppress(OSError, EOFError):
            return ask(self.port, "GET", "/v1/status/leader").status == 200
        return False

    def put(self, path, body):
        answer = ask(self.port, "PUT", path, json.dumps(body))
        if answer.status != 200:
            raise Failed(f"PUT {path}: {answer.status} {answer.text}")
        return json.loads(answer.body)

    def register_nodes(self, count):
        """Nodes without clients: they take placements and say nothing."""
        resources = {"CPU": 1_000_000, "MemoryMB": 1_000_000, "DiskMB": 1_000_000}
        for n in range(count):
            self.put("/v1/node/register", {"Node": {
                "ID": f"00000000-0000-0000-0000-{100_000_000_000 + n}", "Name": f"n{n}", "Datacenter": "dc1",
                "Attributes": {"kernel.name": "linux", "driver.mock_driver": "1"}, "Resources": resources}})

    def place(self, job, count):
        """Registers a job and waits until its evaluation is complete."""
        task = {"Name": "t", "Driver": "mock_driver", "Config": {}, "Resources": {"CPU": 20, "MemoryMB": 10},
                "LogConfig": {"MaxFiles": 1, "MaxFileSizeMB": 1}}
        made = self.put("/v1/jobs", {"Job": {
            "ID": job, "Name": job, "Type": "service", "Datacenters": ["dc1"],
            "TaskGroups": [{"Name": "g", "Count": count, "EphemeralDisk": {"SizeMB": 10}, "Tasks": [task]}]}})

        def complete():
            answer = ask(self.port, "GET", f"/v1/evaluation/{made['EvalID']}")
            return answer.status == 200 and json.loads(answer.body)["Status"] == "complete"
        wait_for(f"the evaluation of {job}", complete, 120)


class Build:
    places = {"orch": "cli/orch"}

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)

    def program(self, name):
        return os.path.join(self.folder, self.places.get(name, f"tests/bench/{name}"))

    def has(self, *names):
        return all(os.access(self.program(name), os.X_OK) for name in names)


def timed(words, log):
    start = time.monotonic()
    run(words, log)
    return time.monotonic() - start
