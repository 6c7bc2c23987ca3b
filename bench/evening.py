"""Owns a simulated evening: whom our choice answers, beside first come, random and latest wins. No clock, no model.

    python -m bench.evening [--seed 1] [--seeds 5] [--quick]

3,000 viewers say 40,000 lines in two and a half hours: bursts in which many ask the same, two spammers with 50 accounts
each, 200 payments of which 40 are small ones in a row, 60 stories. All policies get the same evening, the same width
and the same budget: an answer of 170 characters is spoken at 15 characters a second, with a pause after each turn; a
story takes its time out of it. Ours is `Waiting` and `choose` as the room actor runs them; the others keep as many
lines, of the same age, and know neither classes nor groups. Two in between show what grouping alone brings. Told are
medians over the seeds, and the worst of each promise: before every turn it is written down who was told to be answered
within how many turns.
"""

import math
import random
import time
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import results
from bench.evening_lines import FLOODER, NAMES, QUICK, Said, Size, evening
from room_actor.alike import Alike, Form
from room_actor.choose import choose, outlook
from room_actor.events import Reason
from room_actor.knobs import Knobs
from room_actor.question import addressed, is_question
from room_actor.waiting import PAID, WAITING_KEPT, Line, Waiting
from store.ids import PersonaId, Seq, ViewerId

KNOBS = Knobs()
ANSWER_MS = 170 * 1_000 // 15  # characters of an answer over the speaking speed
STORY_MS = 45_000
STORY_EVERY_MS = 150_000
CLASSES = ("paid", "question", "mention", "talk")
VOICES = {PersonaId(persona): name for persona, name in NAMES.items()}
SOON_TURNS = KNOBS.max_age_s * 1_000 // (KNOBS.width * ANSWER_MS + KNOBS.pause_ms + STORY_MS // 4)  # 25
POINTS = 20
"""Of each Lorenz curve."""


@dataclass(slots=True)
class Outcome:
    """What became of an evening. waits_ms: of answered lines, by class; those of who pays in a row apart."""

    waits_ms: dict[str, list[int]] = field(default_factory=lambda: {why: [] for why in (*CLASSES, FLOODER)})
    attention: Counter[str] = field(default_factory=Counter)
    """How often a viewer's own question or payment was answered: by itself, or with one that truly asks the same."""
    turns: int = 0
    chosen: int = 0
    chosen_spam: int = 0
    merged: int = 0
    merged_asking: int = 0
    merged_wrong: int = 0
    paid: int = 0
    stories: int = 0
    story_wait_ms: int = 0
    promises: int = 0
    kept: int = 0
    too_old: int = 0
    broken: int = 0
    soon: int = 0
    """Promises within SOON_TURNS: these come true before a line is too old."""
    soon_took: list[int] = field(default_factory=list)
    """Turns that these took."""
    of_bound: list[float] = field(default_factory=list)
    """Of each promise kept the turns it took over those it said."""
    add_us: list[float] = field(default_factory=list)
    choose_ms: list[float] = field(default_factory=list)


class Ours:
    """The room actor's choice, and a book of its promises."""

    def __init__(self, outcome: Outcome, _: random.Random) -> None:
        self.waiting = Waiting()
        self._outcome = outcome
        self._due: dict[tuple[str, bool], tuple[int, int, Line]] = {}

    def add(self, line: Line) -> None:
        began = time.thread_time()
        self.waiting.add(line, names=VOICES)
        self._outcome.add_us.append((time.thread_time() - began) * 1e6)

    def take(self, now_ms: int) -> list[tuple[int, list[int]]]:
        """The lines to answer, and with each those answered by the way."""
        self._write_down(now_ms)
        began = time.thread_time()
        reasons = self.choose(now_ms)
        self._outcome.choose_ms.append((time.thread_time() - began) * 1e3)
        taken = [(reason.of, self._with(reason)) for reason in reasons]
        gone = [self.waiting.items[Seq(seq)] for of, others in taken for seq in (of, *others)]
        keys = {(item.line.viewer, item.why == PAID) for item in gone}
        self.waiting.asked(reasons, now_ms=now_ms, max_age_s=KNOBS.max_age_s)
        self._tick_off(keys, now_ms)
        return taken

    def choose(self, now_ms: int) -> Sequence[Reason]:
        choice = choose(self.waiting, knobs=KNOBS, persona=None, now_ms=now_ms)
        return choice.reasons if choice else ()

    def _with(self, reason: Reason) -> list[int]:
        groups = {self.waiting.items[seq].group for seq in (reason.of, *reason.alike)}
        return [seq for group in groups for seq in self.waiting.members(group) if seq != reason.of]

    def _write_down(self, now_ms: int) -> None:
        for told in outlook(self.waiting, knobs=KNOBS, now_ms=now_ms):
            key = told.line.viewer, told.why == PAID
            if told.within_turns and key not in self._due:
                self._due[key] = self._outcome.turns, told.within_turns, told.line
                self._outcome.promises += 1
                self._outcome.soon += told.within_turns <= SOON_TURNS

    def _tick_off(self, answered: set[tuple[ViewerId, bool]], now_ms: int) -> None:
        """This turn is number `turns + 1`."""
        outcome = self._outcome
        for key, (began, within, line) in list(self._due.items()):
            took = outcome.turns + 1 - began
            if key in answered:
                outcome.kept += 1
                outcome.broken += took > within
                outcome.of_bound.append(took / within)
                if within <= SOON_TURNS:
                    outcome.soon_took.append(took)
            elif not key[1] and line.at_ms < now_ms - KNOBS.max_age_s * 1_000:
                outcome.too_old += 1
            else:
                outcome.broken += took == within
                continue
            del self._due[key]


class Ungrouped(Ours):
    """Ours, had nobody ever asked the same."""

    class Blind(Alike):
        def add(self, name: int, form: Form, key: Hashable = None) -> None:
            super().add(name, form, (key, name))  # each of a kind of its own

    def __init__(self, outcome: Outcome, dice: random.Random) -> None:
        super().__init__(outcome, dice)
        self.waiting._groups = self.Blind()


class Grouped(Ours):
    """First come, first served, with all who ask the same."""

    def choose(self, now_ms: int) -> Sequence[Reason]:
        oldest_ms = now_ms - KNOBS.max_age_s * 1_000
        firsts: dict[Seq, Seq] = {}
        for seq, item in self.waiting.items.items():
            if item.line.at_ms >= oldest_ms and len(firsts) < KNOBS.width:
                firsts.setdefault(item.group, seq)
        return [Reason(seq, "talk", 0) for seq in firsts.values()]

    def _write_down(self, now_ms: int) -> None:
        """It promises nothing."""


class Plain:
    """A queue that knows neither classes nor groups. When it is full, the oldest gives way."""

    def __init__(self, _: Outcome, dice: random.Random) -> None:
        self._lines: dict[int, Line] = {}
        self._dice = dice

    def add(self, line: Line) -> None:
        self._lines[line.seq] = line
        if len(self._lines) > WAITING_KEPT:
            del self._lines[next(iter(self._lines))]

    def take(self, now_ms: int) -> list[tuple[int, list[int]]]:
        fresh = [seq for seq, line in self._lines.items() if line.at_ms >= now_ms - KNOBS.max_age_s * 1_000]
        chosen = self.pick(fresh)
        for seq in chosen:
            del self._lines[seq]
        return [(seq, []) for seq in chosen]

    def pick(self, fresh: list[int]) -> list[int]:
        return fresh[: KNOBS.width]


class Random(Plain):
    def pick(self, fresh: list[int]) -> list[int]:
        return self._dice.sample(fresh, min(KNOBS.width, len(fresh)))


class Latest(Plain):
    def pick(self, fresh: list[int]) -> list[int]:
        return fresh[-KNOBS.width :]


POLICIES: dict[str, Callable[[Outcome, random.Random], Ours | Plain]] = {
    "ours": Ours,
    "ours, nothing grouped": Ungrouped,
    "first come, grouped": Grouped,
    "first come": Plain,
    "random": Random,
    "latest wins": Latest,
}


def class_of(said: Said) -> str:
    if said.amount:
        return PAID
    return "question" if is_question(said.text) else "mention" if addressed(said.text, VOICES) else "talk"


def run(name: str, lines: list[Said], stories: list[int], size: Size, seed: int) -> Outcome:
    """One evening under one policy."""
    outcome = Outcome()
    policy = POLICIES[name](outcome, random.Random(seed))
    whys = [class_of(said) for said in lines]
    now_ms = told = read = 0
    story_due_ms = STORY_EVERY_MS
    while now_ms < size.seconds * 1_000:
        while told < len(lines) and lines[told].at_ms <= now_ms:
            said = lines[told]
            told += 1  # the line's seq: 1, 2, 3 …
            policy.add(
                Line(Seq(told), ViewerId(said.viewer), said.viewer, said.text, said.at_ms, said.amount)
            )
        if read < len(stories) and stories[read] <= now_ms and story_due_ms <= now_ms:
            outcome.story_wait_ms = max(outcome.story_wait_ms, now_ms - stories[read])
            read += 1
            story_due_ms = now_ms + STORY_EVERY_MS
            now_ms += STORY_MS + KNOBS.pause_ms
            continue
        taken = policy.take(now_ms)
        if not taken:
            now_ms = min(lines[told].at_ms if told < len(lines) else size.seconds * 1_000, now_ms + 1_000)
            continue
        outcome.turns += 1
        for seq, others in taken:
            _note(outcome, lines, whys, seq, others, now_ms)
        now_ms += len(taken) * ANSWER_MS + KNOBS.pause_ms
    outcome.stories = read
    return outcome


def _note(
    outcome: Outcome, lines: list[Said], whys: list[str], seq: int, others: list[int], now_ms: int
) -> None:
    of = lines[seq - 1]
    outcome.chosen += 1
    outcome.chosen_spam += of.spam
    helped: set[str] = set()
    for one in (seq, *others):
        said = lines[one - 1]
        outcome.waits_ms[said.viewer if said.viewer == FLOODER else whys[one - 1]].append(now_ms - said.at_ms)
        outcome.paid += said.amount > 0
        is_right = said.topic == of.topic
        if one != seq:
            outcome.merged += 1
            outcome.merged_asking += said.asks
            outcome.merged_wrong += not is_right
        if is_right and (said.asks or said.amount):
            helped.add(said.viewer)
    outcome.attention.update(helped)


def gini(counts: list[int]) -> float:
    """0: all got the same. 1: one got everything."""
    ordered, total = sorted(counts), sum(counts)
    if not total:
        return math.nan
    weighted = sum(rank * count for rank, count in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def lorenz(counts: list[int]) -> list[float]:
    """Share of the answers that the least attended 0, 5, … 100 % of viewers got."""
    ordered, total = sorted(counts), sum(counts) or 1
    ends = [len(ordered) * point // POINTS for point in range(POINTS + 1)]
    return [100 * sum(ordered[:end]) / total for end in ends]


def figures(outcome: Outcome, lines: list[Said], size: Size) -> dict[str, float]:
    """What the table shows of one evening."""
    counts = [outcome.attention[viewer] for viewer in who_asked(lines)]
    shown = {
        "asked_answered_pct": 100 * sum(count > 0 for count in counts) / len(counts),
        "gini": gini(counts),
        "to_spammers_pct": 100 * outcome.chosen_spam / max(1, outcome.chosen),
        "turns": outcome.turns,
        "answers": outcome.chosen,
        "questions_merged": outcome.merged_asking,
        "lines_merged": outcome.merged,
        "merged_wrong_pct": 100 * outcome.merged_wrong / outcome.merged if outcome.merged else 0,
        "paid_answered_pct": 100 * outcome.paid / size.payments,
    }
    for why in (*CLASSES, FLOODER):
        waits = sorted(outcome.waits_ms[why])
        shown[f"{why}_answered"] = len(waits)
        if waits:
            shown[f"{why}_p50_s"] = waits[len(waits) // 2] / 1_000
            shown[f"{why}_p95_s"] = waits[len(waits) * 95 // 100] / 1_000
            shown[f"{why}_longest_s"] = waits[-1] / 1_000
    shown["stories_read"] = outcome.stories
    shown["story_longest_s"] = outcome.story_wait_ms / 1_000
    return shown


def who_asked(lines: list[Said]) -> list[str]:
    """Honest viewers who asked or paid."""
    return sorted({said.viewer for said in lines if not said.spam and (said.asks or said.amount)})


def main() -> None:
    parser = results.arguments("evening", "A simulated evening: whom four policies answer.")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    part = results.part_of("evening", given)
    size = QUICK if given.quick else Size()
    seeds = range(given.seed, given.seed + (1 if given.quick else given.seeds))
    evenings = {seed: evening(seed, size) for seed in seeds}
    ran = {name: {seed: run(name, *evenings[seed], size, seed) for seed in seeds} for name in POLICIES}
    for name, outcomes in ran.items():
        each = [figures(outcomes[seed], evenings[seed][0], size) for seed in seeds]
        keys = [
            key
            for key in dict.fromkeys(key for found in each for key in found)
            if all(key in f for f in each)
        ]
        part.add(kind="policy", policy=name, **{key: median(f[key] for f in each) for key in keys})
    ours = list(ran["ours"].values())
    shares = sorted(share for outcome in ours for share in outcome.of_bound)
    part.add(
        kind="promises",
        evenings=len(ours),
        told=sum(outcome.promises for outcome in ours),
        kept=sum(outcome.kept for outcome in ours),
        too_old_before=sum(outcome.too_old for outcome in ours),
        open=sum(outcome.promises - outcome.kept - outcome.too_old for outcome in ours),
        broken=sum(outcome.broken for outcome in ours),
        turns_over_bound_p50=shares[len(shares) // 2],
        turns_over_bound_most=shares[-1],
        soon_turns=SOON_TURNS,
        soon_told=sum(outcome.soon for outcome in ours),
        soon_kept=sum(len(outcome.soon_took) for outcome in ours),
        soon_took_p50=median(took for outcome in ours for took in outcome.soon_took),
    )
    adds = sorted(us for outcome in ours for us in outcome.add_us)
    chooses = sorted(ms for outcome in ours for ms in outcome.choose_ms)
    part.add(
        kind="cost",
        add_p50_us=adds[len(adds) // 2],
        add_p99_us=adds[len(adds) * 99 // 100],
        choose_p50_ms=chooses[len(chooses) // 2],
        choose_p99_ms=chooses[len(chooses) * 99 // 100],
    )
    asked = who_asked(evenings[given.seed][0])
    for name, outcomes in ran.items():
        curve = lorenz([outcomes[given.seed].attention[viewer] for viewer in asked])
        for point, share in enumerate(curve):
            part.add(kind="lorenz", policy=name, viewers_pct=100 * point / POINTS, answers_pct=share)
    part.save()


if __name__ == "__main__":
    main()
