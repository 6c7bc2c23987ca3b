"""The four packs of the project keep their own rules, and the drawings are what the drawing module draws."""

import xml.etree.ElementTree as ET
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
