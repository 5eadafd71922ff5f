"""A model hub on this machine, as ModelScope's library speaks to one: lists and sends files, or parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

_MODELS = "/api/v1/models/"


@dataclass
class Hub:
    """What the hub has and how it behaves. `breaks`: bytes of a file after which the line goes dead, once."""

    models: dict[str, Path] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    lists_also: list[dict[str, Any]] = field(default_factory=list)
    wrong_hash: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)  # file, its Range header
    url: str = ""

    def files(self, model: str) -> list[dict[str, Any]]:
        folder = self.models[model]
        found = [self._listed(folder, path) for path in sorted(folder.rglob("*")) if path.is_file()]
        return found + self.lists_also

    def _listed(self, folder: Path, path: Path) -> dict[str, Any]:
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        digest = hashlib.sha256(content + (b"?" if name in self.wrong_hash else b"")).hexdigest()
        return {"Path": name, "Name": path.name, "Type": "blob", "Size": len(content), "Sha256": digest}


@contextmanager
def running() -> Iterator[Hub]:
    hub = Hub()

    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: Hub

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not parts.path.startswith(_MODELS):
            self._answer(404, {"Code": 404, "Message": "not found"})
            return
        model, _, asked = parts.path.removeprefix(_MODELS).partition("/repo")
        if model not in self.served.models or query.get("Revision") != "master":
            self._answer(404, {"Code": 10010205001, "Message": f"record not found: {model}"})
        elif asked == "/files":
            self._answer(200, {"Code": 200, "Data": {"Files": self.served.files(model)}})
        else:
            self._send_file(self.served.models[model] / query["FilePath"], query["FilePath"])

    def _send_file(self, path: Path, name: str) -> None:
        wanted = self.headers.get("Range", "")
        self.served.asked.append((name, wanted))
        content = path.read_bytes()
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        ends = self.served.breaks.pop(name, None)
        self.wfile.write(content[start:ends])
        if ends is not None:
            self.close_connection = True

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
