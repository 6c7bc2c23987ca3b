"""Owns measuring that a room with nobody in it costs nothing: no turn, and no call of the model.

    python -m bench.empty_room [--minutes 10] [--quick] [--out DIRECTORY]

The whole platform with `bench.slow_model` as its voice. The persona would talk by itself after 5 s of quiet. Before, a
viewer is there, asks something, and is answered; then everybody leaves, for ten minutes of real time; then one comes
back, asks, and is answered. The model's server counts its calls, the room's log the turns.
"""

import json
import time
import urllib.request
from typing import Any

from bench import platform, slow_model
from bench.results import Part, arguments, part_of
from bench.show_room import watching
from cli.ports import LOOPBACK

ROOM = "oh-yul"
QUESTION = "답장이 늦어지면 마음이 식은 걸까요?"
KNOBS = {"opening": False, "idle_after_s": 5, "notice_every_s": 60, "pace": 0}
LEAVING_S = 30.0
"""For the edge to notice, and for the turn that is on to end."""

PAGE = 1_000


def turns(port: int) -> int:
    """How many the room's log has."""
    asked, after = 0, 0
    while events := _events(port, after):
        asked += sum(event["data"]["t"] == "asked" for event in events)
        after = events[-1]["offset"]
    return asked


def _events(port: int, after: int) -> list[Any]:
    url = f"http://{LOOPBACK}:{port}/api/v1/rooms/{ROOM}/events?after={after}&limit={PAGE}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        events: list[Any] = json.load(answer)["events"]
        return events


def measure(part: Part, minutes: float, leaving_s: float) -> None:
    with (
        slow_model.running(answer_s=2.0) as model,
        platform.whole(LOVELM_MODEL_URL=model.url, LOVELM_KNOBS=json.dumps(KNOBS)) as running,
    ):
        counted = (0, 0)

        def add(when: str, *, took_s: float, viewers: int, lines: int) -> None:
            nonlocal counted
            now = (turns(running.port), len(model.generations()))
            part.add(
                when=when,
                minutes=took_s / 60,
                viewers=viewers,
                lines_said=lines,
                turns=now[0] - counted[0],
                model_calls=now[1] - counted[1],
            )
            counted = now

        def visit(when: str) -> None:
            began_s = time.monotonic()
            with watching(running.port, ROOM) as viewer:
                line = viewer.say(QUESTION)
                asked = viewer.wait_for(lambda s: s.is_of("asked") and line in s.data["answers"])
                viewer.wait_for(lambda s: s.is_of("reply", reply=asked.data["reply"]))
            time.sleep(leaving_s)
            add(when, took_s=time.monotonic() - began_s, viewers=1, lines=1)

        visit("before")
        began_s = time.monotonic()
        time.sleep(60 * minutes)
        add("nobody there", took_s=time.monotonic() - began_s, viewers=0, lines=0)
        visit("after")


def main() -> None:
    parser = arguments("empty_room", "A room with no viewers: calls of the model.")
    parser.add_argument("--minutes", type=float, default=10.0)
    given = parser.parse_args()
    part = part_of("empty_room", given)
    measure(part, 0.1 if given.quick else given.minutes, 10.0 if given.quick else LEAVING_S)
    part.note(
        "A persona that talks by itself after 5 s of quiet. Before and after count from a viewer's coming until"
        f" {LEAVING_S:g} s after the leaving."
    )
    part.save()


if __name__ == "__main__":
    main()
