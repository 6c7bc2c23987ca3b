"""Owns how a process gets its personas: read once at start, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from personas.pack import SIGNALS, Pack
from personas.problem import PackInvalid
from personas.read import CARD, FACES, read_files
from store.ids import PersonaId

PACKS = Path(__file__).parent


def load_pack(persona_id: str, packs: Path = PACKS) -> Pack:
    """The pack in the folder `persona_id` below `packs`. Raises PackInvalid with every fault of its shape.

    Shape only: what the answers say is judged by `check_pack`, before a pack is released.
    """
    # Only the name of a folder that is there reaches the file system: an id may come from a request.
    known = {folder.name: folder for folder in _folders(packs)}
    files = read_files(known.get(persona_id, packs / "no-such-pack"))
    extension = files.extension
    if extension is not None and extension.id != persona_id:
        files.fault(CARD, 0, "id", f"the card is of {extension.id}, the folder of {persona_id}")
    if files.problems or files.card is None or extension is None or files.voice is None:
        raise PackInvalid(files.problems)
    return Pack(
        id=PersonaId(persona_id),
        card=files.card,
        name=files.card.data.name,
        name_latin=extension.name_latin,
        age=extension.age,
        mbti=extension.mbti,
        role=extension.role,
        tagline=extension.tagline,
        intro=extension.intro,
        colour=extension.colour,
        values=extension.values,
        directness=extension.directness,
        address_terms=extension.address.terms,
        address_required=extension.address.required,
        speech_level=extension.speech_level,
        answer_order=extension.answer_order,
        taboo_words=extension.taboo_words,
        taboo_topics=extension.taboo_topics,
        nonverbal=MappingProxyType(extension.nonverbal),
        safety=extension.safety,
        apologies=extension.apologies,
        dialogues=tuple(dialogue for _, dialogue in files.dialogues),
        voice=files.voice,
        faces=MappingProxyType({signal: files.folder / FACES / f"{signal}.svg" for signal in SIGNALS}),
        system_prompt=files.card.data.system_prompt,
        first_message=files.card.data.first_mes,
    )


def load_packs(packs: Path = PACKS) -> dict[PersonaId, Pack]:
    """Every pack below `packs`, in the order of the ids. Raises PackInvalid at the first that is broken."""
    return {pack.id: pack for pack in (load_pack(folder.name, packs) for folder in _folders(packs))}


def _folders(packs: Path) -> list[Path]:
    """The pack folders, sorted: every folder but those of the language (`__pycache__`) and hidden ones."""
    return sorted(folder for folder in packs.iterdir() if folder.is_dir() and folder.name[0] not in "._")
