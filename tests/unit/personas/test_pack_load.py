"""Reading packs: what is whole is loaded, what is broken says where."""

import json
from pathlib import Path

import pytest

from personas import SIGNALS, PackInvalid, load_pack, load_packs
from personas.card import Card
from tests.unit.personas import pack_folder


def test_a_whole_pack_is_loaded_with_everything_its_files_say(tmp_path: Path) -> None:
    folder = pack_folder.write(tmp_path)
    pack = load_pack("test-one", tmp_path)
    assert (pack.id, pack.name, pack.name_latin, pack.age, pack.mbti) == (
        "test-one",
        "시험",
        "Test One",
        30,
        "INFP",
    )
    assert pack.address_terms == ("우리 {nick}님",)
    assert len(pack.dialogues) == 44
    assert pack.dialogues[1].signals == ("nod", "smile")
    assert (pack.voice.model, pack.voice.max_chars) == ("lovelm-test-one", 400)
    assert pack.apologies == ("잠시 말이 끊겼어요.", "조금 뒤에 다시 적어 주세요.")
    assert {pack.apology(f"t_{n}") for n in range(50)} == set(pack.apologies)
    assert pack.apology("t_1") == pack.apology("t_1")
    assert list(pack.faces) == list(SIGNALS)
    assert pack.faces["cry"] == folder / "faces" / "cry.svg"


def test_packs_come_in_the_order_of_their_ids_and_other_folders_are_left_alone(tmp_path: Path) -> None:
    pack_folder.write(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "load.py").write_text("")
    assert list(load_packs(tmp_path)) == ["test-one"]


def test_a_folder_without_a_card_is_an_error_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "half-made").mkdir()
    with pytest.raises(PackInvalid) as caught:
        load_packs(tmp_path)
    missing = {problem.path.name for problem in caught.value.problems if problem.rule == "file_missing"}
    assert missing == {"card.json", "dialogues.jsonl", "voice.toml"}


@pytest.mark.parametrize("persona_id", ["nobody", "../test-one", "", ".", "test-one/../test-one"])
def test_an_id_that_is_no_folder_name_here_finds_nothing(tmp_path: Path, persona_id: str) -> None:
    pack_folder.write(tmp_path / "packs")
    with pytest.raises(PackInvalid) as caught:
        load_pack(persona_id, tmp_path / "packs")
    assert [problem.rule for problem in caught.value.problems] == ["folder"]


def test_unknown_fields_of_a_card_come_back_as_they_were(tmp_path: Path) -> None:
    pack_folder.write(tmp_path)
    pack = load_pack("test-one", tmp_path)
    assert json.loads(pack.card.model_dump_json(exclude_unset=True)) == pack_folder.card()


def test_a_card_of_another_program_is_read_without_our_part() -> None:
    raw = pack_folder.card()
    raw["data"]["extensions"] = {"depth_prompt": {"depth": 4}}
    assert Card.model_validate(raw).data.extensions == {"depth_prompt": {"depth": 4}}


def test_a_card_that_is_not_json_names_the_line(tmp_path: Path) -> None:
    folder = pack_folder.write(tmp_path)
    (folder / "card.json").write_text('{\n "spec": "chara_card_v3",\n oops\n}')
    with pytest.raises(PackInvalid) as caught:
        load_pack("test-one", tmp_path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.rule) == (folder / "card.json", 3, "json")
    assert str(problem).startswith(f"{folder / 'card.json'}:3: json: ")


def test_every_wrong_field_of_a_card_is_named_with_its_line(tmp_path: Path) -> None:
    raw = pack_folder.card()
    raw["data"]["extensions"]["lovelm"]["directness"] = 6
    raw["data"]["extensions"]["lovelm"]["colour"] = "pink"
    folder = pack_folder.write(tmp_path, card_=raw)
    with pytest.raises(PackInvalid) as caught:
        load_pack("test-one", tmp_path)
    lines = (folder / "card.json").read_text().splitlines()
    found = {
        problem.message.split(":")[0]: lines[problem.line - 1].strip() for problem in caught.value.problems
    }
    assert found == {
        "data.extensions.lovelm.directness": '"directness": 6,',
        "data.extensions.lovelm.colour": '"colour": "pink",',
    }


def test_a_wrong_dialogue_names_its_own_line(tmp_path: Path) -> None:
    lines = pack_folder.dialogues()
    lines[4]["mode"] = "shouting"
    lines[7]["sginals"] = []
    pack_folder.write(tmp_path, lines=lines)
    with pytest.raises(PackInvalid) as caught:
        load_pack("test-one", tmp_path)
    assert [problem.line for problem in caught.value.problems] == [5, 8]


def test_a_separator_inside_an_answer_does_not_split_the_line(tmp_path: Path) -> None:
    lines = pack_folder.dialogues()
    lines[0]["answer"] = "줄\u2028바꿈이 들어 있는 대답입니다. 그래도 한 줄이죠."
    pack_folder.write(tmp_path, lines=lines)
    assert "\u2028" in load_pack("test-one", tmp_path).dialogues[0].answer


@pytest.mark.parametrize(
    ("old", "new", "line", "rule"),
    [
        ("top_p = 0.9", "top_p = ", 5, "toml"),
        ("top_p = 0.9", "top_p = 9", 5, "schema"),
        ("min_chars = 20", "min_chars = 500", 9, "length_band"),
        ("chars_per_s = 15", "chars_per_s = 15\nloud = true", 13, "schema"),
    ],
)
def test_a_wrong_voice_names_the_line(tmp_path: Path, old: str, new: str, line: int, rule: str) -> None:
    pack_folder.write(tmp_path, voice=pack_folder.VOICE.replace(old, new))
    with pytest.raises(PackInvalid) as caught:
        load_pack("test-one", tmp_path)
    assert [(problem.line, problem.rule) for problem in caught.value.problems] == [(line, rule)]


def test_text_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    folder = pack_folder.write(tmp_path)
    (folder / "voice.toml").write_bytes(b'[model]\nname = "\xff"\n')
    with pytest.raises(PackInvalid) as caught:
        load_pack("test-one", tmp_path)
    assert [(problem.line, problem.rule) for problem in caught.value.problems] == [(2, "encoding")]


def test_a_missing_face_is_named(tmp_path: Path) -> None:
    folder = pack_folder.write(tmp_path)
    (folder / "faces" / "cry.svg").unlink()
    with pytest.raises(PackInvalid, match="no drawing for the signal cry"):
        load_pack("test-one", tmp_path)
