"""However slowly a viewer reads: what is durable comes whole and in order, and the words on air end up the same."""

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.frames import Frame, frame_of, push_of, text_frame
from edge.mirror import Publication
from edge.outbox import FRAME_MOST_BYTES, Outbox
from store.ids import Seq

ROOMS = ("room:a", "room:b")

# (what, which room or reply, how much)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "chat",
                "chat",
                "delta",
                "delta",
                "anew",
                "whole",
                "count",
                "react",
                "raw",
                "send",
                "send",
                "head",
            ]
        ),
        st.integers(0, 1),
        st.integers(0, 300),
    ),
    max_size=120,
)


class Show:
    """Makes what two rooms publish, and knows what a viewer must end up with who lacks nothing."""

    def __init__(self) -> None:
        self.durable: dict[str, list[int]] = {room: [] for room in ROOMS}
        self.text: dict[str, str] = dict.fromkeys(ROOMS, "")
        self.turns = Counter[str]()
        self.cues = 0

    def publish(self, what: str, room: str, size: int) -> Publication:
        """A publication of a show as an actor makes it: a delta begins within what was said before or at its end."""
        turn = f"t_{self.turns[room]}"
        text = self.text[room]
        match what:
            case "chat":
                return self._durable(room, {"t": "chat", "text": "x" * (20 * size)})
            case "whole":
                self.turns[room] += 1
                self.text[room] = ""
                return self._durable(room, {"t": "reply", "reply": turn, "text": text})
            case "delta" | "anew":
                at = len(text) if what == "delta" else size % (len(text) + 1)
                piece = "".join(chr(0xAC00 + (at + size + i) % 11_172) for i in range(size % 9))
                self.text[room] = text[:at] + piece
                body: dict[str, Any] = {"t": "delta", "reply": turn, "at": at, "text": piece}
                if size % 5 == 0:
                    self.cues += 1
                    body["cue"] = {"signal": f"s_{self.cues}", "at": at}
                return _publication(0, body)
        return _publication(0, {"t": what, "viewers": size})

    def _durable(self, room: str, body: dict[str, Any]) -> Publication:
        self.durable[room].append(len(self.durable[room]) + 1)
        return _publication(len(self.durable[room]), body)


def _publication(offset: int, body: dict[str, Any]) -> Publication:
    return Publication(Seq(offset), json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())


class Viewer:
    """A socket that takes what the steps say, and a client that reads what came through."""

    def __init__(self, limit_bytes: int) -> None:
        self.outbox = Outbox(limit_bytes)
        self.limit_bytes = limit_bytes
        self.sent = bytearray()
        self.begun_bytes = 0
        """What is left of the frame that has begun."""

    def offer(self, frame: Frame | bytes, takes: int) -> bool:
        data = frame if isinstance(frame, bytes) else frame.data
        sent_bytes = 0 if self.outbox else min(takes, len(data))
        self.sent += data[:sent_bytes]
        if sent_bytes == len(data):
            return True
        self.begun_bytes = len(data) - sent_bytes if sent_bytes else self.begun_bytes
        if isinstance(frame, bytes):
            return self.outbox.push_raw(frame, sent_bytes=sent_bytes)
        return self.outbox.push_all(frame, sent_bytes=sent_bytes)

    def send(self, most: int) -> None:
        if self.outbox:
            head = self.outbox.head()
            piece = bytes(head[:most])
            self.begun_bytes = len(head) - len(piece) if piece else self.begun_bytes
            self.outbox.advance(len(piece))
            self.sent += piece

    def read(self) -> list[list[dict[str, Any]]]:
        """Frame by frame. Fails on half a frame."""
        frames, at = [], 0
        while at < len(self.sent):
            assert self.sent[at] == 0x81
            size, head = self.sent[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(self.sent[at + 2 : at + 4], "big"), 4
            assert size < 126 or head == 4
            payload = self.sent[at + head : at + head + size]
            assert len(payload) == size, "half a frame"
            frames.append([json.loads(line) for line in payload.split(b"\n")])
            at += head + size
        return frames


def play(steps: list[tuple[str, int, int]], limit_bytes: int) -> tuple[Show, Viewer, list[int], bool]:
    """What was published, the viewer, the numbers of the frames as they are, and whether everything was taken."""
    show, viewer, raws = Show(), Viewer(limit_bytes), list[int]()
    for what, number, size in steps:
        match what:
            case "send":
                viewer.send(size)
            case "head":
                viewer.send(0)
            case "raw":
                raws.append(len(raws))
                if not viewer.offer(text_frame(b'{"id":%d}' % raws[-1]), size):
                    return show, viewer, raws, False
            case _:
                room = ROOMS[number]
                frame = frame_of([push_of(room, show.publish(what, room, size))])
                if not viewer.offer(frame, size % 7):
                    return show, viewer, raws, False
        assert viewer.outbox.size_bytes <= limit_bytes + viewer.begun_bytes + 10
    return show, viewer, raws, True


@given(steps, st.sampled_from([400, 20_000, 1_000_000]))
@settings(max_examples=300)
def test_what_is_durable_comes_once_and_in_order_and_the_words_on_air_are_the_same(
    steps: list[tuple[str, int, int]], limit_bytes: int
) -> None:
    show, viewer, raws, is_whole = play(steps, limit_bytes)
    while viewer.outbox:
        viewer.send(700)

    durable: dict[str, list[int]] = {room: [] for room in ROOMS}
    turns, texts = Counter[str](), dict.fromkeys(ROOMS, "")
    seen_raws = []
    for pushes in viewer.read():
        for one in pushes:
            if "id" in one:
                seen_raws.append(one["id"])
                continue
            room, pub = one["push"]["channel"], one["push"]["pub"]
            if "offset" in pub:
                durable[room].append(pub["offset"])
            body = pub["data"]
            if body["t"] == "reply":
                turns[room] += 1
                texts[room] = ""
            elif body["t"] == "delta":
                assert body["reply"] == f"t_{turns[room]}"
                assert body["at"] <= len(texts[room])
                texts[room] = texts[room][: body["at"]] + body["text"]
    if is_whole:
        assert durable == show.durable
        assert texts == show.text
        assert seen_raws == raws
    else:  # the viewer is closed and recovers by position: up to there nothing is lacking
        for room in ROOMS:
            assert durable[room] == show.durable[room][: len(durable[room])]
        assert seen_raws == raws[: len(seen_raws)]


@given(steps)
def test_signals_come_and_the_last_count_too_with_room_enough(steps: list[tuple[str, int, int]]) -> None:
    show, viewer, _, is_whole = play([step for step in steps if step[0] not in ("anew", "whole")], 1_000_000)
    while viewer.outbox:
        viewer.send(700)

    assert is_whole
    bodies = [one["push"] for pushes in viewer.read() for one in pushes if "push" in one]
    assert sum("cue" in push["pub"]["data"] for push in bodies) == show.cues
    for room in ROOMS:
        told = [size for what, number, size in steps if what == "count" and ROOMS[number] == room]
        seen = [
            p["pub"]["data"]["viewers"]
            for p in bodies
            if p["channel"] == room and "viewers" in p["pub"]["data"]
        ]
        seen = [size for size in seen if size in told]
        assert seen[-1:] == told[-1:] or not told


@given(st.lists(st.integers(0, 3 * FRAME_MOST_BYTES), max_size=20))
def test_frames_made_of_what_waited_are_small_unless_one_push_is_large(sizes: list[int]) -> None:
    viewer = Viewer(100 * FRAME_MOST_BYTES)
    viewer.offer(text_frame(b"{}"), 1)
    show = Show()
    for size in sizes:
        viewer.offer(frame_of([push_of(ROOMS[0], show.publish("chat", ROOMS[0], size // 20))]), 0)
    while viewer.outbox:
        head = viewer.outbox.head()
        assert len(head) <= FRAME_MOST_BYTES + 10 or b"\n" not in bytes(head[4:])
        viewer.send(len(head))
    assert viewer.outbox.size_bytes == 0
