"""The four packs of the project keep their own rules, and the drawings are what the drawing module draws."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

import personas
from personas import SIGNALS, check_pack, load_packs
from personas.check_face import face_faults
from personas.face_people import people
from personas.faces import draw

PACKS = Path(personas.__file__).parent
IDS = ["hong-sehyeon", "kang-sihyeon", "kim-chungi", "oh-yul"]


def test_all_four_are_loaded() -> None:
    packs = load_packs()
    assert list(packs) == IDS
    assert (
        len({pack.colour for pack in packs.values()})
        == len({pack.system_prompt for pack in packs.values()})
        == 4
    )


@pytest.mark.parametrize("persona_id", IDS)
def test_each_pack_keeps_every_rule(persona_id: str) -> None:
    assert [str(problem) for problem in check_pack(PACKS / persona_id)] == []


def test_each_apologises_in_its_own_manner() -> None:
    packs = load_packs()
    for pack in packs.values():
        words = [term for term in pack.address_terms if "{nick}" not in term]
        assert all(any(word in apology for word in words) for apology in pack.apologies), pack.id
    said = [apology for pack in packs.values() for apology in pack.apologies]
    assert len(said) == len(set(said)) >= 8
    sorry = ("미안", "죄송", "유감", "사과")
    dry = next(pack for pack in packs.values() if pack.id == "kim-chungi")
    assert not [
        apology for apology in dry.apologies if any(word in apology for word in (*sorry, "?", "네요", "죠"))
    ]
    assert all(
        any(word in apology for word in sorry)
        for pack in packs.values()
        if pack is not dry
        for apology in pack.apologies
    )


LEAST = {
    "idle": 30, "story": 10, "panel": 10, "reaction": 12, "result": 5, "recall": 8, "opening": 4, "closing": 4,
    "thanks": 6,
}  # fmt: skip


@pytest.mark.parametrize("persona_id", IDS)
def test_each_has_words_for_a_whole_evening(persona_id: str) -> None:
    counted = Counter(dialogue.mode for dialogue in load_packs()[persona_id].dialogues)  # type: ignore[index]
    assert {mode: counted[mode] for mode in LEAST if counted[mode] < LEAST[mode]} == {}  # type: ignore[index]


@pytest.mark.parametrize("persona_id", IDS)
def test_each_can_be_first_in_a_panel_and_can_read_a_story_without_a_title(persona_id: str) -> None:
    dialogues = load_packs()[persona_id].dialogues  # type: ignore[index]
    panel = [dialogue.answer for dialogue in dialogues if dialogue.mode == "panel"]
    story = [dialogue.answer for dialogue in dialogues if dialogue.mode == "story"]
    assert 3 <= len([answer for answer in panel if "{former}" not in answer]) < len(panel)
    assert 3 <= len([answer for answer in story if "{title}" not in answer]) < len(story)
    for mode in ("panel", "reaction"):
        named = [d.answer for d in dialogues if d.mode == mode and "{former}" in d.answer]
        assert (
            len([answer for answer in named if "{point}" not in answer]) >= 5
        )  # when there is no short sentence


@pytest.mark.parametrize("persona_id", IDS)
def test_every_opening_says_that_an_ai_speaks(persona_id: str) -> None:
    openings = [d.answer for d in load_packs()[persona_id].dialogues if d.mode == "opening"]  # type: ignore[index]
    assert [answer for answer in openings if "AI" not in answer] == []


IDLE_MODES = ("idle", "story", "panel", "reaction", "result", "recall", "opening", "closing", "thanks")
ENDINGS = {
    "hong-sehyeon": r"(?:[요죠]|니다|까요|답니다)",
    "oh-yul": r"(?:[요죠]|니다|까요|지요|지|시죠)",
    "kim-chungi": r"(?:니다|세요|십시오)",
    "kang-sihyeon": r"(?!.*(?:[가-힣](?:니다|[하어아예]요))).*[^다]",
}
"""How the sentences of each may end. Literal only; the morphemes are measured by the evaluation."""


@pytest.mark.parametrize("persona_id", IDS)
def test_what_is_said_all_evening_keeps_the_speech_level(persona_id: str) -> None:
    wrong = []
    for dialogue in load_packs()[persona_id].dialogues:  # type: ignore[index]
        if dialogue.mode not in IDLE_MODES:
            continue
        for sentence in re.split(r"(?<=[.?!…])\s+", dialogue.answer):
            words = re.sub(r", (?:우리 )?\{\w+\}(?:님| 씨)$", "", sentence.rstrip(".?!…’”'"))
            if words.endswith("}"):
                continue
            if not re.fullmatch(rf".*{ENDINGS[persona_id]}", words):
                wrong.append(f"{dialogue.id}: {sentence}")
    assert wrong == []


def test_the_dry_one_asks_nothing_and_never_softens() -> None:
    dry = load_packs()["kim-chungi"]  # type: ignore[index]
    for dialogue in dry.dialogues:
        if dialogue.mode in IDLE_MODES:
            assert not re.search(r"\?|죠|네요|여러분", dialogue.answer), dialogue.id


def test_no_two_personas_share_a_sentence() -> None:
    whose: dict[str, str] = {}
    for pack in load_packs().values():
        for dialogue in pack.dialogues:
            for sentence in re.split(r"(?<=[.?!…])\s+", dialogue.answer):
                if len(sentence) >= 12:
                    assert whose.setdefault(sentence, pack.id) == pack.id, sentence


@pytest.mark.parametrize("person", people(), ids=lambda person: person.id)
def test_the_committed_faces_are_the_drawn_ones(person: personas.face_people.Person) -> None:
    for signal in SIGNALS:
        committed = (PACKS / person.id / "faces" / f"{signal}.svg").read_text(encoding="utf-8")
        assert committed == draw(person, signal), f"run: python -m personas.faces ({person.id}, {signal})"


def test_no_two_faces_are_alike() -> None:
    def features(svg: str) -> str:
        root = ET.fromstring(svg)
        parts = [root.find(f".//*[@id='{group}']") for group in ("eyes", "mouth")]
        return "".join(ET.tostring(part, encoding="unicode") for part in parts if part is not None)

    drawn = [draw(person, signal) for person in people() for signal in SIGNALS]
    assert len(drawn) == len(set(drawn)) == 48
    for person in people():
        # Hands and marks may help, yet eyes and mouth alone tell at least nine of the twelve apart.
        assert len({features(draw(person, signal)) for signal in SIGNALS}) >= 9


def test_a_client_may_put_a_transform_on_eyes_and_mouth() -> None:
    for person in people():
        for signal in SIGNALS:
            svg = draw(person, signal)
            assert face_faults(svg.encode()) == []
            for group in ("eyes", "mouth"):
                found = ET.fromstring(svg).find(f".//*[@id='{group}']")
                assert found is not None
                assert "transform" not in found.attrib
