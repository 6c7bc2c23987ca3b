"""Whoever comes and goes whenever: each gets what was published in between, in order, once."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edge import coalesce
from edge.coalesce import Coalescer, Part
from edge.frames import Push, push_of
from edge.mirror import Publication
from store.ids import Seq

steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["chat", "chat", "delta", "delta", "anew", "count", "come", "come", "flush", "ranks"]
        ),
        st.integers(0, 40_000),
    ),
    max_size=60,
)


class Room:
    """One room: what it said, the snapshot it would give, and what each follower was handed."""

    def __init__(self, most_s: float) -> None:
        self.coalescer = Coalescer(most_s)
        self.offset = 0
        self.text = ""
        self.followers: list[dict[str, Any]] = []
        self.gone = 0
        """Numbers of those who were there first and have left."""
        self.now_s = 0.0

    def say(self, what: str, size: int) -> None:
        if what == "chat":
            self.offset += 1
            self._add(self.offset, {"t": "chat", "text": "x" * size})
        elif what == "count":
            self._add(0, {"t": "count", "viewers": size})
        else:
            at = len(self.text) if what == "delta" else size % (len(self.text) + 1)
            piece = str(size)[:3]
            self.text = self.text[:at] + piece
            self._add(0, {"t": "delta", "reply": "t_1", "at": at, "text": piece})

    def _add(self, offset: int, body: dict[str, Any]) -> None:
        data = json.dumps(body, separators=(",", ":")).encode()
        self.now_s += 0.001
        self.coalescer.add([push_of("room:a", Publication(Seq(offset), data))], self.now_s)

    def come(self) -> None:
        self.coalescer.join(len(self.followers))
        self.followers.append({"next": self.offset + 1, "text": self.text})

    def close_ranks(self) -> None:
        """Half of those who are here leave, and the others move up."""
        gone = len(self.followers) // 2
        self.coalescer.renumber(lambda number: max(0, number - gone))
        del self.followers[:gone]

    def flush(self) -> int:
        """Returns how many parts there were."""
        parts = self.coalescer.take(len(self.followers))
        for part in parts:
            self._hand_out(part)
        self.coalescer.flushed(self.now_s)
        return len(parts)

    def _hand_out(self, part: Part) -> None:
        assert part.pushes
        size_bytes = sum(len(push.json) + 1 for push in part.pushes)
        assert size_bytes <= coalesce.FRAME_MOST_BYTES + 1 or len(part.pushes) == 1
        for follower in self.followers[part.first : part.end]:
            for push in part.pushes:
                self._take(follower, push)

    def _take(self, follower: dict[str, Any], push: Push) -> None:
        pub = json.loads(push.json)["push"]["pub"]
        if "offset" in pub:
            assert pub["offset"] == follower["next"], "a hole, or a double"
            follower["next"] += 1
        elif push.delta is not None:
            assert push.delta.at <= len(follower["text"])
            follower["text"] = follower["text"][: push.delta.at] + push.delta.text


@given(steps, st.sampled_from([0.0, 0.5]))
@settings(max_examples=300)
def test_everybody_gets_what_came_after_them_in_order_and_once(
    steps: list[tuple[str, int]], most_s: float
) -> None:
    room = Room(most_s)
    for what, size in steps:
        match what:
            case "come":
                room.come()
            case "flush":
                room.flush()
            case "ranks":
                room.close_ranks()
            case _:
                room.say(what, size)
    room.flush()

    assert all(follower == {"next": room.offset + 1, "text": room.text} for follower in room.followers)
    assert room.coalescer.due_s() is None
    assert room.coalescer.size_bytes == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=30), st.floats(0.001, 0.5))
def test_no_window_is_longer_than_the_most_and_nothing_waits_for_longer(
    flushes: list[tuple[float, float]], most_s: float
) -> None:
    coalescer, now_s = Coalescer(most_s), 0.0
    for pause_s, took_s in flushes:
        now_s += pause_s
        data = Publication(Seq(1), b'{"t":"chat"}')
        coalescer.add([push_of("room:a", data)], now_s)
        due_s = coalescer.due_s()
        assert due_s is not None
        assert now_s <= due_s <= now_s + most_s + 1e-9
        coalescer.take(1)
        now_s = due_s + took_s
        coalescer.flushed(now_s)
        assert 0 < coalescer.window_s <= most_s
