"""Owns who says what in a simulated evening, by seed: viewers, bursts, spammers, payers, and how one question sounds in
many mouths. Knows nothing of who is answered.

Questions are those of the personas' dialogues, some far more common than others. Each is said in its own way: spaces
left out, another ending, tears, a letter swapped.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PERSONAS = Path(__file__).parents[1] / "personas"
NAMES = {"hong-sehyeon": "홍세현"}

SPAMMERS, ACCOUNTS = 2, 50
BURSTS = 14
BURST_S = 60
FLOODER = "payer"
"""Pays a small amount again and again."""

POPULAR = 1.1
"""Exponent of how common questions are (Zipf)."""

TALK = """
ㅋㅋㅋㅋㅋㅋ / ㅠㅠㅠ / 와 대박 / 저도 그랬어요 / 힘내세요 / 오늘 처음 왔어요 / 언니 목소리 좋다 / 맞아요 맞아요
공감 백퍼 / 헐 / 인정 / 그건 좀 아니다 / 안녕하세요 / 화이팅 / 눈물 난다 / 저는 아직 솔로예요 / 이 방송 좋네요
진짜? / ㅇㅈ / 배고프다 / 방금 들어왔어요 / 다들 굿밤 / 시간이 약이더라고요 / 커피 마시면서 듣는 중
내일 월요일이라니 / 노래 뭐야 좋다 / 남 일 같지 않네 / 와 미쳤다 / 감사합니다
"""
ABOUT = "남친이 / 여친이 / 썸남이 / 썸녀가 / 전남친이 / 짝남이 / 회사 동료가 / 친구가 / 남편이"
DID = """
오늘 생일이에요 / 연락이 뜸해졌어요 / 먼저 고백했어요 / 약속을 깼어요 / 꽃을 사 왔어요 / 게임만 해요 / 화났어요
울었어요 / 여행 가재요 / 결혼하재요
"""
ENDINGS = (("될까요", "되나요"), ("하죠", "해요"), ("까요", "나요"), ("어요", "는데"), ("은가요", "나요"))
PITCHES = (
    "무료 리딩방 들어오세요 수익 300% 보장 프로필 링크",
    "홍세현 님 하루 10분 부업으로 월 500 가능한 거 아세요? 프로필 보세요",
)
"""What each spammer's accounts say, with small changes. The second asks and addresses the persona, as questions do."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line. topic: lines of one topic say the same. asks: a question. spam: of a spammer's account."""

    at_ms: int
    viewer: str
    text: str
    amount: int = 0
    topic: str = ""
    asks: bool = False
    spam: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """How large the evening is."""

    viewers: int = 3_000
    lines: int = 40_000
    payments: int = 200
    stories: int = 60
    seconds: int = 9_000


QUICK = Size(viewers=300, lines=2_000, payments=20, stories=6, seconds=900)


def questions() -> list[str]:
    """What viewers ask in the personas' dialogues."""
    found = {
        json.loads(line)["question"]
        for path in sorted(PERSONAS.glob("*/dialogues.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and json.loads(line)["mode"] == "counsel"
    }
    return sorted(found)


def evening(seed: int, size: Size) -> tuple[list[Said], list[int]]:
    """Lines in order of time, and when each story was told (ms)."""
    dice = random.Random(seed)
    pool = questions()
    dice.shuffle(pool)
    weights = [1 / (rank + 1) ** POPULAR for rank in range(len(pool))]
    honest = [f"v{number}" for number in range(size.viewers - SPAMMERS * ACCOUNTS)]
    eager = [dice.paretovariate(1.3) for _ in honest]
    bursts = [(dice.randrange(size.seconds * 1_000), dice.choices(pool, weights)[0]) for _ in range(BURSTS)]
    spam = size.lines * 15 // 100
    lines = [*_spam(dice, size, spam), *_paid(dice, size, honest, pool, weights)]
    while len(lines) < size.lines:
        viewer = dice.choices(honest, eager)[0]
        begin_ms, hot = dice.choice(bursts)
        in_burst = dice.random() < 0.3
        at_ms = (
            begin_ms + dice.randrange(BURST_S * 1_000) if in_burst else dice.randrange(size.seconds * 1_000)
        )
        topic = _talk(dice)
        text = topic + dice.choice(("", "", " ㅠㅠ", " ㅋㅋ", "!"))
        kind = dice.random()
        asks = kind < (0.45 if in_burst else 0.2)
        if asks:
            topic = hot if in_burst and dice.random() < 0.6 else dice.choices(pool, weights)[0]
            text = said(dice, topic)
        if kind < 0.02 or kind > 0.96:
            text = f"세현언니 {text}"
        lines.append(Said(at_ms, viewer, text, topic=topic, asks=asks))
    stories = sorted(dice.randrange(int(size.seconds * 900)) for _ in range(size.stories))
    return sorted(lines, key=lambda line: line.at_ms), stories


def said(dice: random.Random, question: str) -> str:
    """The question in somebody's own way."""
    text = question
    for before, after in ENDINGS:
        if dice.random() < 0.3:
            text = text.replace(before, after)
    if dice.random() < 0.4:
        text = text.replace(" ", "", dice.randrange(1, 4))
    if dice.random() < 0.2:
        at = dice.randrange(len(text))
        text = text[:at] + text[at + 1 :]
    return text.rstrip("?. ") + dice.choice(("", "?", "??", " ㅠㅠ", "ㅠㅠㅠ", "?", " ㅋㅋ"))


def _talk(dice: random.Random) -> str:
    if dice.random() < 0.5:
        return _one(dice, TALK)
    return f"{_one(dice, ABOUT)} {_one(dice, DID)}"


def _one(dice: random.Random, texts: str) -> str:
    return dice.choice(texts.strip().replace("\n", "/").split("/")).strip()


def _spam(dice: random.Random, size: Size, lines: int) -> Iterator[Said]:
    for number in range(lines):
        spammer = number % SPAMMERS
        viewer = f"spam{spammer}-{dice.randrange(ACCOUNTS)}"
        text = PITCHES[spammer] + dice.choice(
            ("", "!!", " ㄱㄱ", f" {dice.randrange(100)}", " ㅎㅎ", " 선착순")
        )
        yield Said(dice.randrange(size.seconds * 1_000), viewer, text, topic=f"spam{spammer}", spam=True)


def _paid(
    dice: random.Random, size: Size, honest: list[str], pool: list[str], weights: list[float]
) -> Iterator[Said]:
    """A fifth of them are small and come from one viewer in a row."""
    flood_ms = dice.randrange(size.seconds * 700)
    for number in range(size.payments):
        question = dice.choices(pool, weights)[0]
        if number < size.payments // 5:
            yield Said(flood_ms + number * 4_000, FLOODER, said(dice, question), 1_000, question, asks=True)
            continue
        amount = dice.choice((1_000, 2_000, 5_000, 5_000, 10_000, 30_000, 100_000))
        asks = dice.random() < 0.6
        text, topic = (said(dice, question), question) if asks else ("늘 응원해요", "늘 응원해요")
        yield Said(dice.randrange(size.seconds * 950), dice.choice(honest), text, amount, topic, asks)
