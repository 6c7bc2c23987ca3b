"""Owns measuring how soon a payment is answered while a persona talks by itself, and that the talk has really stopped.

    python -m bench.preemption [--payments 30] [--quick] [--out DIRECTORY]

The whole platform, Envoy in front. A persona talks by itself; at some moment of its talk a payment comes by the
studio's API. From that request on: until the viewer has the talk's `reply` with `cut`, until the first words of the
answer, and, with a model, until its server has seen the talk's generation broken off. What the log has of the talk must
be what the viewer was sent, to the character. Each answer is skipped once its first words are there, which must stop
it, too.

Two voices: the built-in one, and `bench.slow_model`, which takes 0.3 s to its first word and 30 s for an answer.
"""

import json
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle

from bench import platform, slow_model
from bench.results import Part, arguments, part_of
from bench.show_room import OPERATOR_TOKEN, Viewer, direct, watching

ROOMS = ("panel", "oh-yul", "hong-sehyeon", "kim-chungi", "kang-sihyeon")
"""One after the other: with the built-in voice a persona has five talks of its own for an evening."""

KNOBS = {"opening": False, "idle_after_s": 1, "notice_every_s": 0}
QUIET_S = 12.0
"""A room in which nobody has begun to talk after so long has nothing left to say."""

ENDS_S = 5.0
"""The model's server hears within this of a stream that was closed, or never."""

MODEL_FIRST_S = 0.3
MODEL_ANSWER_S = 30.0
MODEL_WORDS_PER_S = 8.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One payment. Seconds from its request; paid_s: when that was, of the monotonic clock."""

    paid_s: float
    ended_s: float
    first_word_s: float
    is_exact: bool


class Payments:
    """Payments in one room after the other, as long as somebody talks there."""

    def __init__(self, port: int, seed: int) -> None:
        self._port = port
        self._rng = random.Random(seed)
        self._paid = 0

    def make(self, wanted: int) -> Iterator[Measured]:
        for room in cycle(ROOMS):
            with watching(self._port, room) as viewer:
                while self._paid < wanted and (measured := self._pay(room, viewer)) is not None:
                    yield measured
            if self._paid >= wanted:
                return

    def _pay(self, room: str, viewer: Viewer) -> Measured | None:
        """None: nobody talks here any more."""
        began = len(viewer.seen)
        talk = viewer.find(lambda s: s.is_of("asked", kind="idle"), after=began, within_s=QUIET_S)
        if talk is None:
            return None
        turn = talk.data["reply"]
        viewer.wait_for(lambda s: s.is_of("delta", reply=turn), after=began)
        time.sleep(self._rng.uniform(0.2, 2.5))
        if any(seen.is_of("reply", reply=turn) for seen in viewer.seen[began:]):
            return self._pay(room, viewer)  # it had said all
        self._paid += 1
        paid_s = time.monotonic()
        donation = direct(
            self._port, room, "donations", id=f"p-{self._paid}", nick="하늘", amount=5_000, currency="KRW",
            text="오래 만난 사람과 자꾸 다퉈요. 어떻게 할까요?",
        )  # fmt: skip
        end = viewer.wait_for(lambda s: s.is_of("reply", reply=turn), after=began)
        asked = viewer.wait_for(lambda s: s.is_of("asked") and donation in s.data["answers"], after=began)
        answer = asked.data["reply"]
        first = viewer.wait_for(
            lambda s: s.is_of("delta", reply=answer) and s.data["text"] != "", after=began
        )
        direct(self._port, room, "skip")
        viewer.wait_for(lambda s: s.is_of("reply", reply=answer), after=began)
        if (
            end.data.get("cut") != "preempted"
        ):  # it came to its end by itself while the payment was on its way
            self._paid -= 1
            return self._pay(room, viewer)
        is_exact = end.data["text"] == viewer.text_of(turn)
        return Measured(paid_s, end.at_s - paid_s, first.at_s - paid_s, is_exact)


def stopped_s(model: slow_model.Running, payments: list[Measured]) -> tuple[list[float], int]:
    """From each payment until the talk's generation was broken off, and how many generations run on in the end."""
    time.sleep(ENDS_S)
    generations = model.generations()
    took = []
    for payment in payments:
        talk = [
            each
            for each in generations
            if each.began_s < payment.paid_s and (each.ended_s > payment.paid_s or each.how == "running")
        ]
        took += [each.ended_s - payment.paid_s for each in talk if each.how == "aborted"]
    return took, sum(each.how == "running" for each in generations)


def measure(part: Part, voice: str, wanted: int) -> None:
    with ExitStack() as stack:
        model = None
        settings = {"LOVELM_OPERATOR_TOKEN": OPERATOR_TOKEN, "LOVELM_KNOBS": json.dumps(KNOBS)}
        if voice == "model":
            model = stack.enter_context(
                slow_model.running(
                    answer_s=MODEL_ANSWER_S, tokens_per_s=MODEL_WORDS_PER_S, first_s=MODEL_FIRST_S
                )
            )
            settings["LOVELM_MODEL_URL"] = model.url
        running = stack.enter_context(platform.whole(**settings))
        payments = list(Payments(running.port, seed=5).make(wanted))
        took, left = stopped_s(model, payments) if model is not None else ([], None)
        part.add(
            voice="a model that takes 30 s an answer" if model is not None else "built-in",
            payments=len(payments),
            **_of("first_word", [each.first_word_s for each in payments]),
            **_of("ended", [each.ended_s for each in payments]),
            **_of("stopped", took),
            generations_stopped=len(took),
            left_running=left,
            exact=sum(each.is_exact for each in payments),
        )


def _of(name: str, seconds: list[float]) -> dict[str, float | None]:
    """p50 and p99 (of thirty: the longest), in ms."""
    ordered = sorted(1_000 * value for value in seconds)

    def share(p: float) -> float | None:
        return ordered[min(len(ordered) - 1, int(p * len(ordered)))] if ordered else None

    return {f"{name}_p50_ms": share(0.50), f"{name}_p99_ms": share(0.99)}


def main() -> None:
    parser = arguments(
        "preemption", "From a payment to the first word for it, while a persona talks by itself."
    )
    parser.add_argument("--payments", type=int, default=30)
    given = parser.parse_args()
    part = part_of("preemption", given)
    for voice in ("built-in", "model"):
        measure(part, voice, 2 if given.quick else given.payments)
    part.note(
        "A talk ends at the end of its sentence, which is then spoken faster: that time is in the first two figures."
        " The model takes 300 ms to its first word, and those are in its row."
    )
    part.note(
        "From the request of the payment (HTTP, through Envoy) to the viewer's socket. p99 of 30 is the longest."
    )
    part.save()


if __name__ == "__main__":
    main()
