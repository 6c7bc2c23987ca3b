"""Makes small packs that keep every rule, for tests to break one rule at a time."""

import json
from pathlib import Path
from typing import Any

from personas import SIGNALS, TOPICS

FACE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 320">
<g id="eyes"/>
<g id="mouth"/>
</svg>
"""
VOICE = """\
[model]
name = "lovelm-test-one"
[sampling]
temperature = 0.8
top_p = 0.9
max_tokens = 400
frequency_penalty = 0.2
[length]
min_chars = 20
max_chars = 400
[speech]
chars_per_s = 15
[tts]
pitch = 1.0
rate = 1.0
lang = "ko-KR"
"""
ORDINALS = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보"


def card() -> dict[str, Any]:
    texts = ("description", "personality", "scenario", "first_mes", "mes_example", "creator", "system_prompt")
    lovelm = {
        "id": "test-one", "name_latin": "Test One", "age": 30, "mbti": "INFP", "role": "시험", "tagline": "짧은 말",
        "intro": "소개입니다.",
        "colour": "#aabbcc", "values": ["정직"], "directness": 3,
        "address": {"terms": ["우리 {nick}님"], "required": False}, "speech_level": "polite",
        "answer_order": ["공감", "제안"], "imagery": "꽃",
        "taboo_words": ["그냥 참아"], "taboo_topics": [],
        "nonverbal": dict.fromkeys(SIGNALS, "언제나"), "safety": ["의료 조언을 하지 않는다."],
        "apologies": ["잠시 말이 끊겼어요.", "조금 뒤에 다시 적어 주세요."],
    }  # fmt: skip
    data = {
        "name": "시험", **dict.fromkeys(texts, "말입니다."), "character_version": "1", "creator_notes": "",
        "post_history_instructions": "", "alternate_greetings": [], "tags": [], "group_only_greetings": [],
        "extensions": {"lovelm": lovelm, "other/program": {"kept": [1, 2]}}, "nickname": "시", "x_new": 7,
    }  # fmt: skip
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}


def dialogues() -> list[dict[str, Any]]:
    """Two for every topic, each with an opening of its own."""
    return [
        {
            "id": f"t-{number:03}",
            "topic": TOPICS[number % len(TOPICS)],
            "mode": "counsel",
            "question": "어떻게 할까요?",
            "answer": f"{first}{second} 이야기를 들려주셔서 고맙습니다, {{nick}}님. 천천히 함께 생각해 보죠.",
            "signals": ["nod", "smile"],
        }
        for number, (first, second) in enumerate(
            (first, second) for first in ORDINALS[:22] for second in ORDINALS[:2]
        )
    ]


def write(packs: Path, *, card_: object = None, lines: list[dict[str, Any]] | None = None, voice: str = VOICE,
          face: str = FACE) -> Path:  # fmt: skip
    """Writes the pack `test-one` below `packs` and returns its folder."""
    folder = packs / "test-one"
    (folder / "faces").mkdir(parents=True)
    text = json.dumps(card() if card_ is None else card_, ensure_ascii=False, indent=1)
    (folder / "card.json").write_text(text, encoding="utf-8")
    lines = dialogues() if lines is None else lines
    jsonl = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "dialogues.jsonl").write_text(jsonl, encoding="utf-8")
    (folder / "voice.toml").write_text(voice, encoding="utf-8")
    for signal in SIGNALS:
        (folder / "faces" / f"{signal}.svg").write_text(face, encoding="utf-8")
    return folder
