"""The rules of a released pack: a good one passes, each broken rule is found where it is broken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas import check_pack
from personas.check import spoken_faults
from tests.unit.personas import pack_folder

Lines = list[dict[str, Any]]


def _rules(folder: Path) -> list[tuple[str, int, str]]:
    return [(problem.path.name, problem.line, problem.rule) for problem in check_pack(folder)]


def test_a_good_pack_has_no_problems(tmp_path: Path) -> None:
    assert check_pack(pack_folder.write(tmp_path)) == []


def test_a_folder_that_is_not_there_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    assert [problem.rule for problem in check_pack(tmp_path / "nobody")] == ["folder"]


def _set(number: int, key: str, value: object) -> Callable[[Lines], object]:
    return lambda lines: lines[number].__setitem__(key, value)


@pytest.mark.parametrize(
    ("change", "line", "rule"),
    [
        (_set(2, "id", "t-000"), 3, "duplicate_id"),
        (_set(2, "answer", pack_folder.dialogues()[0]["answer"]), 3, "duplicate_opening"),
        (_set(2, "topic", "날씨"), 3, "topic"),
        (_set(2, "signals", ["wink"]), 3, "signal"),
        (_set(2, "signals", []), 3, "signal"),
        (_set(2, "question", ""), 3, "question"),
        (_set(2, "answer", "너무 짧아요."), 3, "length"),
        (_set(2, "answer", "이 대답은 너무 깁니다. " * 40), 3, "length"),
        (_set(2, "answer", "다른 말로 시작해서 결국 그냥 참아 보라고 말하는 대답입니다."), 3, "taboo"),
        (_set(2, "answer", "활짝 웃으며 (미소) 이야기하는, 지문이 들어 있는 대답입니다."), 3, "bracket"),
        (_set(2, "answer", "자리표시를 {name}님이라고 잘못 적은, 이름 없는 대답입니다."), 3, "bracket"),
        (_set(2, "answer", "아주 **굵은** 글씨로 힘주어 이야기하는 대답은 읽을 수 없습니다."), 3, "markdown"),
        (_set(2, "answer", "첫째로 이렇게 하시고\n- 둘째로 저렇게 하시면 되는 대답입니다."), 3, "markdown"),
        (_set(2, "answer", "오늘은 참 좋은 날이에요 🌸 함께 걸어 볼까요, 천천히요."), 3, "emoji"),
    ],
)
def test_a_broken_dialogue_is_found_on_its_line(
    tmp_path: Path, change: Callable[[Lines], object], line: int, rule: str
) -> None:
    lines = pack_folder.dialogues()
    change(lines)
    assert ("dialogues.jsonl", line, rule) in _rules(pack_folder.write(tmp_path, lines=lines))


def test_thirty_nine_dialogues_are_too_few_and_a_missing_topic_is_named(tmp_path: Path) -> None:
    lines = [line for line in pack_folder.dialogues() if line["topic"] != "돈"][:39]
    problems = check_pack(pack_folder.write(tmp_path, lines=lines))
    assert [problem.rule for problem in problems] == ["too_few", "topic_missing"]
    assert "돈" in problems[1].message


def test_only_counsel_is_held_to_the_length_band_and_an_opening_needs_no_question(tmp_path: Path) -> None:
    lines = pack_folder.dialogues()
    lines[3].update(mode="opening", question="", answer="안녕하세요.")
    assert check_pack(pack_folder.write(tmp_path, lines=lines)) == []


def test_a_required_address_must_be_in_every_counsel_answer(tmp_path: Path) -> None:
    raw = pack_folder.card()
    raw["data"]["extensions"]["lovelm"]["address"] = {"terms": ["{nick}님", "여러분"], "required": True}
    lines = pack_folder.dialogues()
    lines[5]["answer"] = "여러분, 이 대답은 부르는 말로 시작하니 괜찮습니다."
    lines[6]["answer"] = "이 대답은 아무도 부르지 않으니 규칙을 어기고 맙니다."
    lines[7].update(mode="greeting", answer="안녕하세요.")
    folder = pack_folder.write(tmp_path, card_=raw, lines=lines)
    assert _rules(folder) == [("dialogues.jsonl", 7, "address")]


def test_ids_of_card_and_voice_must_be_the_folder(tmp_path: Path) -> None:
    raw = pack_folder.card()
    raw["data"]["extensions"]["lovelm"]["id"] = "someone-else"
    folder = pack_folder.write(
        tmp_path, card_=raw, voice=pack_folder.VOICE.replace("test-one", "someone-else")
    )
    assert [(name, rule) for name, _, rule in _rules(folder)] == [
        ("card.json", "id"),
        ("voice.toml", "model_name"),
    ]


def test_the_greetings_of_a_card_are_spoken_and_held_to_the_same_rules(tmp_path: Path) -> None:
    raw = pack_folder.card()
    raw["data"]["first_mes"] = "반가워요 😊"
    raw["data"]["alternate_greetings"] = ["그냥 참아 보세요."]
    folder = pack_folder.write(tmp_path, card_=raw)
    assert sorted(rule for _, _, rule in _rules(folder)) == ["emoji", "taboo"]


def test_an_apology_is_spoken_too_and_names_nobody(tmp_path: Path) -> None:
    raw = pack_folder.card()
    apologies = ["{nick}님, 말이 끊겼어요.", "그냥 참아 주세요.", "(한숨) 말이 끊겼어요."]
    raw["data"]["extensions"]["lovelm"]["apologies"] = apologies
    folder = pack_folder.write(tmp_path, card_=raw)
    assert sorted(rule for _, _, rule in _rules(folder)) == ["bracket", "nick", "taboo"]


@pytest.mark.parametrize("apologies", [[], ["하나", "둘", "셋", "넷"], [""], None])
def test_a_pack_has_one_to_three_apologies(tmp_path: Path, apologies: object) -> None:
    raw = pack_folder.card()
    raw["data"]["extensions"]["lovelm"]["apologies"] = apologies
    assert {rule for _, _, rule in _rules(pack_folder.write(tmp_path, card_=raw))} == {"schema"}


def test_nonverbal_rules_name_every_signal_once(tmp_path: Path) -> None:
    raw = pack_folder.card()
    nonverbal = raw["data"]["extensions"]["lovelm"]["nonverbal"]
    nonverbal["wink"] = nonverbal.pop("cry")
    (problem,) = check_pack(pack_folder.write(tmp_path, card_=raw))
    assert problem.rule == "nonverbal"
    assert problem.message.endswith("cry, wink")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("</svg>", "", "face_xml"),
        ("0 0 320 320", "0 0 32 32", "face_view_box"),
        ('<g id="mouth"/>', "", "face_group"),
        ('<g id="mouth"/>', '<g id="mouth"/><g id="mouth"/>', "face_id"),
        ('<g id="eyes"/>', '<g id="eyes"/><script>alert(1)</script>', "face_active"),
        ('<g id="eyes"/>', '<g id="eyes" onclick="alert(1)"/>', "face_active"),
        ('<g id="eyes"/>', '<g id="eyes"/><use href="other.svg#a"/>', "face_reference"),
        ('<g id="eyes"/>', '<g id="eyes" fill="url(http://a.example/b#c)"/>', "face_reference"),
        ('<g id="eyes"/>', '<g id="eyes"/><style>@import "a.css";</style>', "face_reference"),
        ("<svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg', "face_doctype"),
        ("<svg", '<?xml-stylesheet href="a.css"?><svg', "face_active"),
    ],
)
def test_a_harmful_or_broken_face_is_found(tmp_path: Path, old: str, new: str, rule: str) -> None:
    folder = pack_folder.write(tmp_path)
    (folder / "faces" / "shy.svg").write_text(pack_folder.FACE.replace(old, new))
    assert [(name, found) for name, _, found in _rules(folder)] == [("shy.svg", rule)]


@pytest.mark.parametrize(
    "text",
    ["ㅋㅋㅋ 진짜?!", "{nick}님, 3번이나요… 그랬군요.", "“그 말”은 아니죠. 10:30 - 11:00", "10% 정도요."],
)
def test_ordinary_speech_passes(text: str) -> None:
    assert spoken_faults(text, ("그냥 참아",)) == []


@given(before=st.text(), after=st.text(), word=st.sampled_from(["그냥 참아", "괜찮아질 거예요"]))
def test_a_taboo_word_is_found_wherever_it_stands(before: str, after: str, word: str) -> None:
    assert "taboo" in [rule for rule, _ in spoken_faults(f"{before}\n{word}\n{after}", (word,))]


@given(text=st.binary())
def test_rubbish_in_every_file_is_reported_and_never_raises(tmp_path_factory: Any, text: bytes) -> None:
    folder = pack_folder.write(tmp_path_factory.mktemp("packs"))
    for name in ("card.json", "dialogues.jsonl", "voice.toml", "faces/sad.svg"):
        (folder / name).write_bytes(text)
    assert check_pack(folder)


def _line(mode: str, answer: str) -> dict[str, Any]:
    return {
        "id": "t-900",
        "topic": "잡담",
        "mode": mode,
        "question": "",
        "answer": answer,
        "signals": ["nod"],
    }


@pytest.mark.parametrize(
    ("mode", "answer"),
    [
        ("story", "읽어 볼게요, ‘{title}’. {quotes} 고마워요, {nick}님."),
        ("story", "{quotes} 이런 이야기예요."),
        ("panel", "제가 먼저 할게요."),
        ("panel", "{former}님은 {point}라고 하셨죠."),
        ("reaction", "{former}님 말씀이 좋네요."),
        ("result", "열어 볼게요. {result} 고마워요."),
        ("result", "이렇게 나왔어요. {result}"),
        ("recall", "전에 {memory} 하셨죠."),
    ],
)
def test_what_a_mode_fills_in_may_stand_open(tmp_path: Path, mode: str, answer: str) -> None:
    lines = [*pack_folder.dialogues(), _line(mode, answer)]
    assert check_pack(pack_folder.write(tmp_path, lines=lines)) == []


@pytest.mark.parametrize(
    ("mode", "answer", "rule"),
    [
        ("story", "제목은 ‘{title}’.", "place"),
        ("story", "이렇게 {quotes} 적어 주셨어요.", "place"),
        ("story", "읽어 볼게요. {quotes} {memory} 네.", "bracket"),
        ("panel", "그분은 {point}라고 하셨죠.", "place"),
        ("reaction", "좋은 말씀이네요.", "place"),
        ("result", "결과가 나왔어요.", "place"),
        ("result", "결과는 {result} 이에요.", "place"),
        ("recall", "전에 하신 말씀이 떠올라요.", "place"),
        ("recall", "전에 {memory} 하셨죠", "end"),
        ("idle", "{former}님은 쉬고 계세요.", "bracket"),
    ],
)
def test_a_place_that_is_missing_or_cannot_be_filled_is_found(
    tmp_path: Path, mode: str, answer: str, rule: str
) -> None:
    lines = [*pack_folder.dialogues(), _line(mode, answer)]
    assert ("dialogues.jsonl", 45, rule) in _rules(pack_folder.write(tmp_path, lines=lines))


def test_two_lead_ins_that_begin_with_a_name_are_told_apart_behind_it(tmp_path: Path) -> None:
    other = _line("reaction", "{former}님, 저는 그 말씀에 고개를 아주 오래오래 끄덕였어요. 정말요.")
    lines = [
        *pack_folder.dialogues(),
        _line("reaction", "{former}님, 저는 그 말씀에 고개를 아주 오래오래 끄덕였어요."),
        other | {"id": "t-901"},
        other | {"id": "t-902", "answer": "{former}님, 듣고 보니 그렇네요."},
    ]
    assert _rules(pack_folder.write(tmp_path, lines=lines)) == [("dialogues.jsonl", 46, "duplicate_opening")]
