"""Requests to an API server on connections that stay open, and watches: kubectl would take a process for each."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .clusters import CommandFailed


class Api:
    """One connection, made when it is needed; not for two threads at once."""

    def __init__(self, server: str, token: str, trusted: Callable[[], ssl.SSLContext]):
        self.server, self._token, self._trusted = server, token, trusted
        self._connection: http.client.HTTPSConnection | None = None

    @staticmethod
    def of(kubeconfig: Path, context: str) -> Api:
        """By a kubeconfig as the lab writes it: JSON, certificates within, a token, user and cluster named as their context."""
        config = json.loads(kubeconfig.read_text())
        cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == context)
        user = next(u["user"] for u in config["users"] if u["name"] == context)
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        return Api(cluster["server"], user["token"], lambda: ssl.create_default_context(cadata=authority))

    def another(self) -> Api:
        return Api(self.server, self._token, self._trusted)

    def send(self, method: str, path: str, body: dict[str, Any] | None = None, kind: str = "application/json") -> dict[str, Any]:
        if self._connection is None:
            self._connection = self._connect(60)
        self._connection.request(method, path, None if body is None else json.dumps(body), self._headers(kind))
        response = self._connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise CommandFailed(f"{method} {path}: {response.status} {text.decode(errors='replace')[:300]}")
        return json.loads(text)

    def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.send("POST", path, body)

    def replace(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.send("PUT", path, body)

    def list(self, path: str, **query: str) -> list[dict[str, Any]]:
        return self.send("GET", f"{path}?{urllib.parse.urlencode(query)}")["items"]

    def stream(self, path: str, **query: str) -> tuple[http.client.HTTPResponse, socket.socket]:
        connection = self._connect(None)
        connection.request("GET", f"{path}?{urllib.parse.urlencode(query | {'watch': '1'})}", headers=self._headers("application/json"))
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        kept = connection.sock  # the response takes it from the connection
        response = connection.getresponse()
        if response.status != 200:
            raise CommandFailed(f"watch of {path}: {response.status} {response.read().decode(errors='replace')[:300]}")
        return response, kept

    def _connect(self, timeout: float | None) -> http.client.HTTPSConnection:
        url = urllib.parse.urlsplit(self.server)
        return http.client.HTTPSConnection(url.hostname or "", url.port, context=self._trusted(), timeout=timeout)

    def _headers(self, kind: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Content-Type": kind}


class Watch:
    """Calls `seen` with the time (monotonic, s), the type and the object of each event, on a thread of its own: first of all
    that stands, then of what changes. An API server that is busy ends watches that it cannot serve in time: then it goes on
    where it was, as informers do."""

    def __init__(self, api: Api, path: str, seen: Callable[[float, str, Any], None], **query: str):
        self._api, self._what, self._query = api, path, query
        self._response, self._socket = api.stream(path, **query)
        self._closed = False
        self._wrong: Exception | None = None
        self._thread = threading.Thread(target=self._follow, args=[seen], daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises what ended the watch, if something did: what was not seen would say nothing."""
        if self._wrong is not None or not self._thread.is_alive():
            raise CommandFailed(f"the watch of {self._what} has ended: {self._wrong}")

    def _follow(self, seen: Callable[[float, str, Any], None]) -> None:
        version = ""
        try:
            while True:
                while line := self._response.readline():
                    now = time.monotonic()
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise CommandFailed(f"{event['object']}")
                    version = event["object"]["metadata"]["resourceVersion"]
                    seen(now, event["type"], event["object"])
                if self._closed:
                    return
                self._response, self._socket = self._api.stream(self._what, **self._query, resourceVersion=version)
        except Exception as e:  # noqa: BLE001  (told by check())
            if not self._closed:
                self._wrong = e

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
