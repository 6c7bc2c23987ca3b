"""Owns one room of the real platform as a part about the show needs it: a viewer who notes when each thing came, and an
operator who directs by the studio's API. Knows nothing of what is measured.
"""

import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from cli.ports import LOOPBACK

Json = dict[str, Any]

OPERATOR_TOKEN = "a token of the benchmark, no more"
"""For LOVELM_OPERATOR_TOKEN."""

ANSWER_S = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One publication. at_s: of the monotonic clock, when the viewer's process had read it."""

    at_s: float
    offset: int
    data: Json

    def is_of(self, kind: str, /, **fields: Any) -> bool:
        return self.data["t"] == kind and all(self.data.get(name) == value for name, value in fields.items())


class Viewer:
    """Somebody who watches one room and notes all that comes, in a thread."""

    def __init__(self, socket: ClientConnection, room: str) -> None:
        self._socket = socket
        self._channel = f"room:{room}"
        self._numbers = itertools.count(1)
        self._answers: dict[int, Json] = {}
        self._news = threading.Condition()
        self.seen: list[Seen] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ask("connect")
        self._ask("subscribe", channel=self._channel)

    def say(self, text: str) -> int:
        """Returns the line's offset, when it is durable."""
        data = {"channel": self._channel, "text": text, "id": f"m{time.monotonic_ns()}"}
        offset: int = self._ask("rpc", method="say", data=data)["data"]["offset"]
        return offset

    def wait_for(self, wanted: Callable[[Seen], bool], *, after: int = 0, within_s: float = ANSWER_S) -> Seen:
        """The first of its kind among what came as number `after` or later. Raises TimeoutError."""
        found = self.find(wanted, after=after, within_s=within_s)
        if found is None:
            raise TimeoutError(f"nothing of the kind came within {within_s:g} s")
        return found

    def find(self, wanted: Callable[[Seen], bool], *, after: int, within_s: float) -> Seen | None:
        deadline_s = time.monotonic() + within_s
        with self._news:
            looked = after
            while True:
                for seen in self.seen[looked:]:
                    if wanted(seen):
                        return seen
                looked = len(self.seen)
                if not self._news.wait(max(0.0, deadline_s - time.monotonic())):
                    return None

    def text_of(self, turn: str) -> str:
        """What was sent of it, piece by piece."""
        text = ""
        for seen in list(self.seen):
            if seen.is_of("delta", reply=turn):
                text = text[: seen.data["at"]] + seen.data["text"]
        return text

    def _ask(self, method: str, /, **fields: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, method: fields}))
        with self._news:
            if not self._news.wait_for(lambda: number in self._answers, ANSWER_S):
                raise TimeoutError(f"{method} got no answer")
            return self._answers.pop(number)[method]

    def _read(self) -> None:
        while True:
            try:
                frame = str(self._socket.recv())
            except ConnectionClosed:
                return
            at_s = time.monotonic()
            with self._news:
                for message in map(json.loads, frame.split("\n")):
                    if not message:
                        self._socket.send("{}")
                    elif "push" in message:
                        pub = message["push"]["pub"]
                        self.seen.append(Seen(at_s, pub.get("offset", 0), pub["data"]))
                    else:
                        self._answers[message["id"]] = message
                self._news.notify_all()


@contextmanager
def watching(port: int, room: str) -> Iterator[Viewer]:
    """A viewer who is in, until the end."""
    with connect(f"ws://{LOOPBACK}:{port}/connection/websocket") as socket:
        yield Viewer(socket, room)


def direct(port: int, room: str, act: str, method: str = "POST", **fields: Any) -> int:
    """Asks by the studio's API. Returns the offset of what came of it. Raises RuntimeError with what was answered."""
    request = urllib.request.Request(
        f"http://{LOOPBACK}:{port}/api/v1/studio/rooms/{room}/{act}",
        data=json.dumps(fields).encode(),
        method=method,
        headers={"authorization": f"Bearer {OPERATOR_TOKEN}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
            offset: int = json.load(answer)["offset"]
            return offset
    except urllib.error.HTTPError as exc:
        raise RuntimeError(f"{act}: {exc.code} {exc.read().decode()}") from exc
