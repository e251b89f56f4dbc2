"""HTTP below http.client: bytes out as a test wants them, answers in as they come."""
import socket
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode(errors="replace")


class RawConnection:
    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())
        return self

    def more(self):
        """False at the end; a reset is an end too: the server had said all it wanted."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.left += data
        return bool(data)

    def line(self):
        while b"\r\n" not in self.left:
            if not self.more():
                raise EOFError(f"the connection ended after {self.left!r}")
        line, _, self.left = self.left.partition(b"\r\n")
        return line.decode("latin-1")

    def take(self, count):
        while len(self.left) < count:
            if not self.more():
                raise EOFError(f"the connection ended {count - len(self.left)} bytes early")
        data, self.left = self.left[:count], self.left[count:]
        return data

    def answer(self, head=False):
        status = int(self.line().split(" ")[1])
        headers = {}
        while line := self.line():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if status == 100:
            return Answer(status, headers, b"")
        if head:
            return Answer(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.line(), 16):
                body += self.take(size)
                self.line()
            self.line()
            return Answer(status, headers, body)
        return Answer(status, headers, self.take(int(headers.get("content-length", 0))))

    def ended(self):
        """True once the server has closed, within the timeout."""
        while self.more():
            pass
        return True


def request(method, target, body=None, headers=(), version="HTTP/1.1"):
    lines = [f"{method} {target} {version}", "Host: test", *headers]
    data = b"" if body is None else body if isinstance(body, bytes) else body.encode()
    if body is not None:
        lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


def ask(port, method, target, body=None, headers=(), timeout=30):
    with RawConnection(port, timeout) as c:
        return c.send(request(method, target, body, headers)).answer(head=method == "HEAD")
