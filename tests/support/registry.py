"""Image registries for tests: Debian's docker-registry on a loopback port, and a slow way to one."""
import base64
import json
import os
import shutil
import socket
import subprocess
import threading
import warnings

from cluster import free_port, wait_for

PROGRAM = "/usr/bin/docker-registry"


def bcrypt_hash(password):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import crypt
    return crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))


class Registry:
    """One registry in a folder of its own; with `user` and `password` it asks for them."""

    def __init__(self, folder, user=None, password=None):
        self.folder, self.user, self.password = folder, user, password
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        assert os.path.exists(PROGRAM), f"no {PROGRAM}: install docker-registry"
        os.makedirs(self.folder)
        config = ["version: 0.1", "log: {level: warn}", "storage: {filesystem: {rootdirectory: %s/data}}" % self.folder,
                  "http: {addr: '%s', secret: test}" % self.host]
        if self.user:
            with open(self.folder + "/htpasswd", "w") as f:
                f.write(f"{self.user}:{bcrypt_hash(self.password)}\n")
            config.append("auth: {htpasswd: {realm: test, path: %s/htpasswd}}" % self.folder)
        with open(self.folder + "/config.yml", "w") as f:
            f.write("\n".join(config) + "\n")
        self.log = open(self.folder + "/log", "wb")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", self.folder + "/config.yml"], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL
        )
        wait_for("the registry to listen", self.listens, 30)
        return self

    def listens(self):
        assert self.process.poll() is None, open(self.folder + "/log").read()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def push(self, engine, image, name):
        """Makes an image of the files of one of the engine's, pushes it and forgets it; answers its digest."""
        repository, tag = name.rsplit(":", 1)
        engine.copy_image(image, f"{self.host}/{name}")
        login = {"username": self.user or "", "password": self.password or ""}
        header = base64.urlsafe_b64encode(json.dumps(login).encode()).decode()
        lines = engine.lines("POST", f"/images/{self.host}/{repository}/push?tag={tag}", {"X-Registry-Auth": header})
        assert not any("error" in line for line in lines), lines
        engine.ask("DELETE", f"/images/{self.host}/{name}")
        return next(line["aux"]["Digest"] for line in lines if "aux" in line)


class SlowWay(threading.Thread):
    """Passes connections on to a registry and answers back at `rate` bytes a second; at 0 nothing comes back any more
    once an answer is larger than `free` bytes."""

    def __init__(self, registry, rate, free=64 * 1024):
        super().__init__(daemon=True)
        self.registry, self.rate, self.free = registry, rate, free
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.over = threading.Event()
        self.start()

    def run(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.registry.port))
            threading.Thread(target=self.carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self.carry, args=(far, near, True), daemon=True).start()

    def carry(self, source, target, slowly):
        sent = 0
        try:
            while data := source.recv(16384):
                if slowly and sent > self.free:
                    if self.over.wait(len(data) / self.rate if self.rate else None):
                        break
                target.sendall(data)
                sent += len(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.over.set()
        self.listener.close()
