"""A store as one writes it in an afternoon: the API's verbs, on a JSON file rewritten in place.

It is what the harness must find fault with; whatever is kept here dies in the end of a kill.

    python json_store.py FILE DESCRIPTOR EXPERIMENT…
"""

import contextlib
import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_LISTS = ("boards", "experiments", "members")
_ENDS = {"complete": "completed", "fail": "failed"}


class Store:
    """Everything there is, by list and name."""

    def __init__(self, path: Path, experiments: list[str]) -> None:
        self._path = path
        self.lock = threading.Lock()
        self.lists: dict[str, dict[str, Any]] = {name: {} for name in _LISTS}
        with contextlib.suppress(OSError, ValueError):  # it begins anew, as such stores do
            self.lists = json.loads(path.read_text())
        for name in experiments:
            fresh = {"name": name, "state": "running", "notes": "", "params": {}}
            self.lists["experiments"].setdefault(name, fresh)

    def save(self) -> None:
        """Rewrite the file."""
        with self._path.open("w") as file:
            json.dump(self.lists, file, indent=1)

    def change(self, method: str, words: list[str], body: dict[str, Any]) -> bool:
        """Make one change; return whether there was something to change."""
        match method, words:
            case "POST", [kind]:
                made = {"idle_timeout": None, "state": "sleeping"} if kind == "boards" else {}
                self.lists[kind][body["name"]] = {**made, **body}
            case "DELETE", [kind, name]:
                return self.lists[kind].pop(name, None) is not None
            case "PATCH", [kind, name] if name in self.lists[kind]:
                self._patch(kind, name, body)
            case "POST", ["experiments", name, verb]:
                self.lists["experiments"][name]["state"] = _ENDS[verb]
            case _, ["boards", name, "experiments", one] if name in self.lists["boards"]:
                members = {*self.lists["boards"][name]["experiments"]} - {one}
                members |= {one} if method == "PUT" else set()
                self.lists["boards"][name]["experiments"] = sorted(members)
            case _:
                return False
        return True

    def _patch(self, kind: str, name: str, body: dict[str, Any]) -> None:
        one = self.lists[kind].pop(name)
        if "paused" in body:
            body = {"state": "paused" if body["paused"] else "sleeping"}
        if "params" in body:
            body = {"params": {**one["params"], **body["params"]}}
        self.lists[kind][body.get("name", name)] = {**one, **body}


class Handler(BaseHTTPRequestHandler):
    """Answers the API's requests."""

    store: Store

    def do_GET(self) -> None:
        """Answer a list."""
        with self.store.lock:
            shown = [_shown(one) for one in self.store.lists[self._words()[0]].values()]
        self._answer(200, {"items": shown, "next": None})

    def _change(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        with self.store.lock:
            done = self.store.change(self.command, self._words(), body)
            self.store.save()
        self._answer(200 if done else 404, {})

    do_POST = do_PUT = do_PATCH = do_DELETE = _change  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _words(self) -> list[str]:
        return self.path.partition("?")[0].removeprefix("/api/v1/").split("/")

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    if "experiments" not in one:
        return one
    return {**one, "experiments": [{"name": name, "state": "added"} for name in one["experiments"]]}


def listener() -> socket.socket:
    """Return a listening socket for a store."""
    return socket.create_server(("127.0.0.1", 0))


def flaws(path: Path) -> list[str]:
    """Tell why a file cannot be read, if it is there."""
    try:
        json.loads(path.read_text())
    except FileNotFoundError:
        return []
    except ValueError as error:
        return [f"{path.name}: {error}"]
    return []


def main() -> None:
    """Serve."""
    file, descriptor, *experiments = sys.argv[1:]
    Handler.store = Store(Path(file), experiments)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=int(descriptor))
    server.serve_forever()


if __name__ == "__main__":
    main()
