"""Owns what a face drawing may hold: a self-contained, harmless SVG of the right frame. Knows no pack."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

VIEW_BOX = "0 0 320 320"
GROUPS = ("eyes", "mouth")  # what a client animates
_ACTIVE = frozenset(
    ("script", "foreignobject", "iframe", "image", "audio", "video", "handler", "listener", "set", "animate")
)
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:|https?:|data:", re.IGNORECASE)


@dataclass(slots=True)
class _Reader:
    """Collects (line, rule, message) while expat walks through one drawing."""

    parser: expat.XMLParserType
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    depth: int = 0

    def fault(self, rule: str, message: str) -> None:
        self.faults.append((self.parser.CurrentLineNumber, rule, message))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if self.depth == 0:
            if name != "svg":
                self.fault("face_root", f"the root is {name}, not svg")
            if attributes.get("viewBox") != VIEW_BOX:
                self.fault("face_view_box", f"viewBox is {attributes.get('viewBox')!r}, not {VIEW_BOX!r}")
        self.depth += 1
        if name.lower() in _ACTIVE:
            self.fault("face_active", f"the element {name} is not allowed in a face")
        for key, value in attributes.items():
            local = key.rpartition(":")[2].lower()
            if key == "id":
                if value in self.ids:
                    self.fault("face_id", f"the id {value!r} stands twice")
                self.ids.add(value)
            elif local.startswith("on"):
                self.fault("face_active", f"the event handler {key} is not allowed")
            elif (local == "href" and not value.startswith("#")) or (
                not key.startswith("xmlns") and _OUTSIDE.search(value)
            ):
                self.fault("face_reference", f"{key} refers to something outside the file")

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def text(self, text: str) -> None:
        if _OUTSIDE.search(text):
            self.fault("face_reference", "the text refers to something outside the file")

    def instruction(self, target: str, _data: str) -> None:
        self.fault("face_active", f"the processing instruction {target} is not allowed")


def face_faults(svg: bytes) -> list[tuple[int, str, str]]:
    """(line, rule, message) of everything wrong with one drawing; an empty list is a pass."""
    if b"<!DOCTYPE" in svg or b"<!ENTITY" in svg:  # before the parser, which would expand entities
        line = svg[: svg.find(b"<!")].count(b"\n") + 1
        return [(line, "face_doctype", "no document type: entities could reach outside or blow up")]
    parser = expat.ParserCreate()
    reader = _Reader(parser)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(svg, True)
    except expat.ExpatError as exc:
        reader.faults.append((exc.lineno, "face_xml", expat.ErrorString(exc.code)))
        return reader.faults
    for group in GROUPS:
        if group not in reader.ids:
            reader.faults.append((0, "face_group", f"no element with the id {group!r}: a client animates it"))
    return reader.faults
