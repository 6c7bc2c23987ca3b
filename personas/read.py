"""Owns turning the files of a pack into checked values, each fault with its line. Knows no style rules."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from personas.card import Card, Extension, Text
from personas.pack import SIGNALS, Dialogue, Mode, VoiceProfile
from personas.problem import Problem

CARD, DIALOGUES, VOICE, FACES = "card.json", "dialogues.jsonl", "voice.toml", "faces"


@dataclass(slots=True)
class PackFiles:
    """What could be read of one folder. Complete when `problems` is empty; dialogues go with their line."""

    folder: Path
    card: Card | None = None
    card_text: str = ""
    extension: Extension | None = None
    dialogues: list[tuple[int, Dialogue]] = field(default_factory=list)
    voice: VoiceProfile | None = None
    problems: list[Problem] = field(default_factory=list)

    def fault(self, name: str, line: int, rule: str, message: str) -> None:
        """Notes one broken rule of the file `name`."""
        self.problems.append(Problem(self.folder / name, line, rule, message))


def read_files(folder: Path) -> PackFiles:
    """Reads a pack folder. Never raises for what the files hold: faults are in `problems`."""
    files = PackFiles(folder)
    if not folder.is_dir():
        files.fault("", 0, "folder", "there is no such pack")
        return files
    _read_card(files)
    _read_dialogues(files)
    _read_voice(files)
    for signal in SIGNALS:
        if not (folder / FACES / f"{signal}.svg").is_file():
            files.fault(f"{FACES}/{signal}.svg", 0, "face_missing", f"no drawing for the signal {signal}")
    return files


def line_of(text: str, keys: Sequence[str | int]) -> int:
    """The line on which the last of the nested keys stands, 1 when none is found. For JSON and for TOML."""
    at = 0
    for key in keys:
        name = re.escape(str(key))
        pattern = re.compile(rf'^\s*\[{name}\]|"{name}"\s*:|^\s*{name}\s*=', re.MULTILINE)
        found = pattern.search(text, at)
        at = found.end() if found else at
    return text.count("\n", 0, at) + 1


def _text(files: PackFiles, name: str) -> str | None:
    try:
        return (files.folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        files.fault(name, 0, "file_missing", "the pack has no such file")
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        files.fault(name, line, "encoding", f"byte {exc.start} is not UTF-8")
    return None


def _schema_faults(
    files: PackFiles, name: str, text: str, exc: ValidationError, above: tuple[str, ...] = (), line: int = 0
) -> None:
    for error in exc.errors(include_url=False, include_input=False):
        keys = (*above, *error["loc"])
        path = ".".join(str(key) for key in keys)
        files.fault(name, line or line_of(text, keys), "schema", f"{path or 'the whole'}: {error['msg']}")


def _read_card(files: PackFiles) -> None:
    text = _text(files, CARD)
    if text is None:
        return
    files.card_text = text
    try:
        files.card = Card.model_validate(json.loads(text))
    except json.JSONDecodeError as exc:
        files.fault(CARD, exc.lineno, "json", exc.msg)
        return
    except ValidationError as exc:
        _schema_faults(files, CARD, text, exc)
        return
    try:
        files.extension = files.card.lovelm()
    except ValidationError as exc:
        _schema_faults(files, CARD, text, exc, ("data", "extensions", "lovelm"))


class _Line(BaseModel):
    """One line of dialogues.jsonl. Our own format: an unknown field is a slip of the pen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    topic: Text
    mode: Mode
    question: str
    answer: Text
    signals: tuple[str, ...]


def _read_dialogues(files: PackFiles) -> None:
    text = _text(files, DIALOGUES)
    for number, line in enumerate((text or "").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate_json(line)
        except ValidationError as exc:
            _schema_faults(files, DIALOGUES, line, exc, line=number)
            continue
        files.dialogues.append(
            (number, Dialogue(read.id, read.topic, read.mode, read.question, read.answer, read.signals))
        )


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Model(_Table):
    name: Text


class _Sampling(_Table):
    temperature: Annotated[float, Field(ge=0, le=2)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    max_tokens: Annotated[int, Field(ge=1, le=4096)]
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)]


class _Length(_Table):
    min_chars: Annotated[int, Field(ge=1)]
    max_chars: Annotated[int, Field(ge=1)]


class _Speech(_Table):
    chars_per_s: Annotated[float, Field(ge=8, le=30)]  # slower tires the reader, faster cannot be read along


class _Tts(_Table):
    pitch: Annotated[float, Field(ge=0, le=2)]  # the ranges of the browser's SpeechSynthesisUtterance
    rate: Annotated[float, Field(ge=0.1, le=10)]
    lang: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[A-Z]{2}$")] | Literal["ko"]


class _Voice(_Table):
    model: _Model
    sampling: _Sampling
    length: _Length
    speech: _Speech
    tts: _Tts


def _read_voice(files: PackFiles) -> None:
    text = _text(files, VOICE)
    if text is None:
        return
    try:
        read = _Voice.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        found = re.search(r"at line (\d+)", str(exc))
        files.fault(VOICE, int(found[1]) if found else text.count("\n") + 1, "toml", str(exc))
        return
    except ValidationError as exc:
        _schema_faults(files, VOICE, text, exc)
        return
    if read.length.min_chars > read.length.max_chars:
        files.fault(
            VOICE, line_of(text, ("length", "min_chars")), "length_band", "min_chars is above max_chars"
        )
    files.voice = VoiceProfile(
        model=read.model.name,
        temperature=read.sampling.temperature,
        top_p=read.sampling.top_p,
        max_tokens=read.sampling.max_tokens,
        frequency_penalty=read.sampling.frequency_penalty,
        min_chars=read.length.min_chars,
        max_chars=read.length.max_chars,
        chars_per_s=read.speech.chars_per_s,
        pitch=read.tts.pitch,
        rate=read.tts.rate,
        lang=read.tts.lang,
    )
