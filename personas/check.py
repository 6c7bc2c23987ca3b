"""Owns the rules that a pack must keep before it is released: what `lovelm persona check` runs.

Literal rules only, so that a check takes milliseconds. What needs a morpheme analyser (speech level,
endings) is measured by the evaluation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from personas.check_face import face_faults
from personas.pack import PLACES, SIGNALS, TOPICS, WITHOUT_QUESTION, Dialogue
from personas.problem import Problem
from personas.read import CARD, DIALOGUES, FACES, VOICE, PackFiles, line_of, read_files

MIN_DIALOGUES = 40
OPENING_CHARS = 20
"""Two answers that share this many first characters begin alike: a viewer hears the tape recorder."""

NICK = "{nick}"
_PLACE = re.compile(r"\{(\w+)\}")
_END_MARKS = (".", "?", "!", "…")
_OF_ITS_OWN = re.compile(r"(?:^|[.?!…] )\{(?:quotes|result)\}(?:$| )")
_ID = re.compile(r"[a-z]+(-[a-z]+)*")
_BRACKETS = re.compile(r"[()\[\]{}<>（）［］｛｝〈〉《》「」『』【】〔〕]")
_MARKDOWN = re.compile(r"[*_`#|~\\]|^\s*(?:[-+•]\s|\d+\.\s)|https?://", re.MULTILINE)


def check_pack(path: Path) -> list[Problem]:
    """Every broken rule of the pack in the folder `path`, by file and line. An empty list is a pass.

    Never raises for what the files hold.
    """
    files = read_files(path)
    if path.is_dir():
        _check_identity(files)
        _check_collection(files)
        for line, dialogue in files.dialogues:
            _check_dialogue(files, line, dialogue)
        _check_card_texts(files)
        _check_faces(files)
    return sorted(files.problems, key=lambda problem: (str(problem.path), problem.line, problem.rule))


def spoken_faults(text: str, taboo_words: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(rule, message) of everything in `text` that no persona may say aloud. `{nick}` is allowed."""
    plain = unicodedata.normalize("NFC", text).replace(NICK, "")
    faults = [("taboo", f"says the taboo word {word!r}") for word in taboo_words if word in plain]
    if bracket := _BRACKETS.search(plain):
        faults.append(("bracket", f"holds the bracket {bracket[0]!r}"))
    if mark := _MARKDOWN.search(plain):
        faults.append(("markdown", f"holds the mark-up {mark[0].strip()!r}"))
    if emoji := next((sign for sign in plain if _is_emoji(sign)), None):
        faults.append(("emoji", f"holds the emoji U+{ord(emoji):04X}"))
    return faults


def opening(answer: str) -> str:
    """What an answer begins with: its first OPENING_CHARS letters and digits, what is filled in left out."""
    letters = "".join(sign for sign in _PLACE.sub("", answer) if sign.isalnum())
    return letters[:OPENING_CHARS]


def _is_emoji(sign: str) -> bool:
    # "So" holds pictographs and dingbats; the rest are joiners, variation selectors, skin tones, flags.
    code = ord(sign)
    joins = code in (0x200D, 0xFE0F, 0x20E3)
    return joins or unicodedata.category(sign) == "So" or 0x1F000 <= code <= 0x1FAFF


def _check_identity(files: PackFiles) -> None:
    folder = files.folder.resolve().name
    if not _ID.fullmatch(folder):
        files.fault("", 0, "id", f"the folder name {folder!r} is not words of a-z with hyphens")
    if files.extension is not None and files.extension.id != folder:
        line = line_of(files.card_text, ("extensions", "lovelm", "id"))
        files.fault(CARD, line, "id", f"the card is of {files.extension.id}, the folder of {folder}")
    if files.voice is not None and files.voice.model != f"lovelm-{folder}":
        files.fault(VOICE, 0, "model_name", f"must be lovelm-{folder}, not {files.voice.model}")
    if files.extension is not None and set(files.extension.nonverbal) != set(SIGNALS):
        line = line_of(files.card_text, ("extensions", "lovelm", "nonverbal"))
        odd = ", ".join(sorted(set(files.extension.nonverbal) ^ set(SIGNALS)))
        files.fault(CARD, line, "nonverbal", f"must name the signals of a face; missing or unknown: {odd}")


def _check_collection(files: PackFiles) -> None:
    if len(files.dialogues) < MIN_DIALOGUES:
        files.fault(DIALOGUES, 0, "too_few", f"{len(files.dialogues)} dialogues, {MIN_DIALOGUES} are needed")
    missing = [topic for topic in TOPICS if all(dialogue.topic != topic for _, dialogue in files.dialogues)]
    if missing:
        files.fault(DIALOGUES, 0, "topic_missing", f"no dialogue on {', '.join(missing)}")
    ids: dict[str, int] = {}
    openings: dict[str, int] = {}
    for line, dialogue in files.dialogues:
        if (first := ids.setdefault(dialogue.id, line)) != line:
            files.fault(DIALOGUES, line, "duplicate_id", f"{dialogue.id} stands on line {first} already")
        if (first := openings.setdefault(opening(dialogue.answer), line)) != line:
            files.fault(DIALOGUES, line, "duplicate_opening", f"{dialogue.id} begins like line {first}")


def _check_dialogue(files: PackFiles, line: int, dialogue: Dialogue) -> None:
    def fault(rule: str, message: str) -> None:
        files.fault(DIALOGUES, line, rule, f"{dialogue.id} {message}")

    if dialogue.topic not in TOPICS:
        fault("topic", f"has the unknown topic {dialogue.topic!r}")
    for signal in dialogue.signals:
        if signal not in SIGNALS:
            fault("signal", f"has the unknown signal {signal!r}")
    if not dialogue.signals:
        fault("signal", "has no signal")
    if not dialogue.question.strip() and dialogue.mode not in WITHOUT_QUESTION:
        fault(
            "question", f"needs a question, being {dialogue.mode}, not {', '.join(sorted(WITHOUT_QUESTION))}"
        )
    answer = _check_places(dialogue, fault)
    if dialogue.mode == "counsel" and files.voice is not None:
        length = len(dialogue.answer)
        if not files.voice.min_chars <= length <= files.voice.max_chars:
            band = f"{files.voice.min_chars}..{files.voice.max_chars}"
            fault("length", f"has {length} characters, the band of voice.toml is {band}")
    if dialogue.mode == "counsel" and files.extension is not None and files.extension.address.required:
        terms = files.extension.address.terms
        if not any(term in dialogue.answer for term in terms):
            fault("address", f"addresses nobody: one of {', '.join(terms)} is required")
    taboo_words = files.extension.taboo_words if files.extension else ()
    for rule, message in spoken_faults(answer, taboo_words):
        fault(rule, message)


def _check_places(dialogue: Dialogue, fault: Callable[[str, str], None]) -> str:
    """Whether what the answer leaves open can be filled in its mode. Returns the answer without the known places."""
    needed, possible = PLACES.get(dialogue.mode, (frozenset(), frozenset()))
    found = set(_PLACE.findall(dialogue.answer))
    for name in sorted(needed - found):
        fault("place", f"leaves no place for {{{name}}}, which {dialogue.mode} needs")
    if "point" in found and "former" not in found:
        fault("place", "tells a {point} and not whose, {former}")
    if found & {"quotes", "result"} and not _OF_ITS_OWN.search(dialogue.answer):
        fault("place", "must let {quotes} or {result} stand as sentences of their own")
    if needed | possible and not dialogue.answer.rstrip("’”'").endswith(("}", *_END_MARKS)):
        fault("end", f"must end its last sentence with one of {' '.join(_END_MARKS)}")
    return _PLACE.sub(
        lambda place: "" if place[1] in needed | possible else place[0],
        dialogue.answer,
    )


def _check_card_texts(files: PackFiles) -> None:
    """The greetings and the apologies of the card are spoken too."""
    if files.card is None or files.extension is None:
        return
    data = files.card.data
    for key in ("name", "description", "personality", "scenario", "first_mes", "system_prompt"):
        if not str(getattr(data, key)).strip():
            line = line_of(files.card_text, ("data", key))
            files.fault(CARD, line, "card_empty", f"data.{key} says nothing")
    spoken = {"first_mes": (data.first_mes,), "alternate_greetings": data.alternate_greetings}
    for key, texts in spoken.items():
        for text in texts:
            for rule, message in spoken_faults(text, files.extension.taboo_words):
                files.fault(CARD, line_of(files.card_text, ("data", key)), rule, f"data.{key} {message}")
    for text in files.extension.apologies:
        faults = spoken_faults(text, files.extension.taboo_words)
        if NICK in text:
            faults.append(("nick", "names a viewer, but is said to all"))
        for rule, message in faults:
            files.fault(CARD, line_of(files.card_text, ("lovelm", "apologies")), rule, f"apologies {message}")


def _check_faces(files: PackFiles) -> None:
    for signal in SIGNALS:
        face = files.folder / FACES / f"{signal}.svg"
        if face.is_file():
            for line, rule, message in face_faults(face.read_bytes()):
                files.fault(f"{FACES}/{signal}.svg", line, rule, message)
