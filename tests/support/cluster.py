"""Parts that end-to-end tests run on: a private Docker engine with redis images, an agent, its command line."""
import contextlib
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time

SUPPORT = os.path.dirname(os.path.abspath(__file__))


def wait_for(what, condition, seconds=60):
    """The first true answer of `condition`; an AssertionError that names `what` after the bound."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < end, f"waited {seconds} s for: {what}"
        time.sleep(0.05)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=60):
        super().__init__("engine", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def is_zombie(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


class Engine:
    """A private Docker engine in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = os.path.join(folder, "docker.sock")

    def __enter__(self):
        try:
            self.start()
            env = dict(os.environ, DOCKER_HOST="unix://" + self.socket)
            subprocess.run([os.path.join(SUPPORT, "redis_images"), "--no-pull"], check=True, env=env)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, failure, *_):
        subprocess.run([os.path.join(SUPPORT, "docker_engine"), "stop", self.folder], check=failure is None)

    def call(self, method, path, body=None, headers=None):
        connection = UnixConnection(self.socket)
        try:
            kind = (
                {}
                if body is None
                else {"Content-Type": "application/x-tar" if isinstance(body, bytes) else "application/json"}
            )
            connection.request(
                method,
                path,
                body if body is None or isinstance(body, bytes) else json.dumps(body),
                dict(headers or {}, **kind),
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, method, path, body=None):
        status, text = self.call(method, path, body)
        return status, json.loads(text) if text.strip() else None

    def lines(self, method, path, headers=None):
        """An answer of one JSON object a line."""
        status, text = self.call(method, path, headers=headers)
        assert status == 200, text
        return [json.loads(line) for line in text.splitlines() if line.strip()]

    def copy_image(self, image, name):
        """An image of the same files in a layer of its own, so that a registry's copy of it must be fetched again."""
        status, made = self.ask("POST", "/containers/create", {"Image": image})
        assert status == 201, made
        status, files = self.call("GET", f"/containers/{made['Id']}/export")
        assert status == 200
        self.ask("DELETE", f"/containers/{made['Id']}")
        whole = io.BytesIO(files)
        with tarfile.open(fileobj=whole, mode="a") as tar:
            mark = tarfile.TarInfo("mark")
            mark.size = 64
            tar.addfile(mark, io.BytesIO(os.urandom(64)))
        repository, tag = name.rsplit(":", 1)
        status, answer = self.call(
            "POST",
            f"/images/create?fromSrc=-&repo={repository}&tag={tag}&changes=ENV%20PATH=/usr/local/bin:/bin",
            whole.getvalue(),
        )
        assert status == 200, answer

    def kill(self):
        """Ends the engine at once, as a crash would; its containers may run on."""
        for name in ("docker.pid", "exec/containerd/containerd.pid"):
            path = os.path.join(self.folder, name)
            pid = int(open(path).read())
            with contextlib.suppress(ProcessLookupError):  # the second dies with the first
                os.kill(pid, signal.SIGKILL)
            wait_for("the engine's end", lambda: is_zombie(pid), 30)
            os.unlink(path)  # a new engine would take a zombie for a running one

    def start(self):
        subprocess.run([os.path.join(SUPPORT, "docker_engine"), "start", self.folder], check=True)

    def containers(self):
        """All containers, running or not: name → {id, image, running}."""
        _, listed = self.ask("GET", "/containers/json?all=true")
        return {
            c["Names"][0].lstrip("/"): {"id": c["Id"], "image": c["Image"], "running": c["State"] == "running"}
            for c in listed
        }


class Agent:
    """`orch agent -dev` with a data folder that outlives it."""

    def __init__(self, orch, data_dir, socket_of_engine=None, mode=("-dev",), extra=()):
        self.orch, self.data_dir, self.extra = orch, data_dir, [*mode, *extra]
        self.engine_socket = socket_of_engine
        self.port = free_port()
        self.log = open(data_dir.rstrip("/") + ".log", "ab")
        self.process = None

    def start(self):
        words = [
            self.orch,
            "agent",
            "-data-dir",
            self.data_dir,
            "-http-port",
            str(self.port),
            "-node",
            "vm",
            *self.extra,
        ]
        if self.engine_socket:
            words += ["-docker-socket", self.engine_socket]
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        try:
            wait_for("the agent's first answer", self.answers, 60)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def answers(self):
        assert (
            self.process.poll() is None
        ), f"the agent ended with {self.process.returncode}; its words are in {self.log.name}"
        try:
            return self.get("/v1/status/leader") is not None
        except OSError:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, f"the agent ended with {self.process.returncode}"

    def request(self, method, path, body=None, timeout=60, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(
                method,
                path,
                body if body is None or isinstance(body, (str, bytes)) else json.dumps(body),
                headers or {},
            )
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def get(self, path):
        status, _, body = self.request("GET", path)
        return json.loads(body) if status == 200 else None

    def run(self, *words, cwd=None, timeout=120, input=None):
        """One command of orch: its standard output and error, as a terminal would mix them, and its exit code."""
        env = dict(os.environ, ORCH_ADDR=f"http://127.0.0.1:{self.port}", TZ="UTC")
        done = subprocess.run(
            [self.orch, *words],
            cwd=cwd,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            text=True,
            input=input,
        )
        return done.stdout, done.returncode


class Workplace:
    """A temporary folder that is removed after success and named after failure."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="orch-e2e-")
        return self.path

    def __exit__(self, kind, *_):
        if kind is None:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            print(f"left for a look: {self.path}", flush=True)
