"""An npm registry on loopback with one package in it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

NAME, VERSION = "kokoro-js", "1.2.1"


def another_package() -> bytes:
    """A sound package of that name, and not the one we know."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        content = json.dumps({"name": NAME, "version": VERSION}).encode()
        member = tarfile.TarInfo("package/package.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


@contextmanager
def serving(package: bytes, *, share: float = 1.0) -> Iterator[str]:
    """The registry's address; of the package only `share` is sent before the line goes dead."""
    handler = type("Handler", (_Handler,), {"package": package, "share": share})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    package: bytes
    share: float

    def do_GET(self) -> None:
        if self.path.endswith(".tgz"):
            sent = self.package[: round(len(self.package) * self.share)]
            self._answer(sent, len(self.package), "application/octet-stream")
        else:
            said = json.dumps(self._description()).encode()
            self._answer(said, len(said), "application/json")

    def _description(self) -> dict[str, object]:
        digest = base64.b64encode(hashlib.sha512(self.package).digest()).decode()
        tarball = f"http://{self.headers['Host']}/{NAME}-{VERSION}.tgz"
        version = {
            "name": NAME,
            "version": VERSION,
            "dist": {"tarball": tarball, "integrity": f"sha512-{digest}"},
        }
        return {"name": NAME, "dist-tags": {"latest": VERSION}, "versions": {VERSION: version}}

    def _answer(self, body: bytes, length: int, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""
