"""Owns the drawing of the avatars: `python -m personas.faces` writes `<persona>/faces/<signal>.svg` anew.

The drawings are committed, and a test holds them equal to what this module draws: change it, then run it.
A drawing is one self-contained square of 320 x 320 with two groups that a client may animate, `eyes` and
`mouth`; neither carries a transform of its own.
"""

from __future__ import annotations

from pathlib import Path

from personas.face_features import brows, cheeks, eyes, mouth, points, tears
from personas.face_gestures import hands, marks
from personas.face_people import Person, people
from personas.pack import SIGNALS

PACKS = Path(__file__).parent

AIR = {  # what a feeling does to the light behind the head: colour and opacity
    "smile": ("#fff6cf", 0.5),
    "laugh": ("#ffe391", 0.55),
    "sad": ("#6f9bd1", 0.42),
    "cry": ("#5f94d6", 0.52),
    "angry": ("#ff4d3d", 0.34),
    "surprised": ("#c4f1ff", 0.7),
    "think": ("#b9a7e8", 0.34),
    "nod": ("#b9e6c4", 0.5),
    "shy": ("#ff7fa5", 0.32),
    "sigh": ("#7f8a99", 0.4),
    "cheer": ("#ffd84f", 0.55),
}


def draw(person: Person, signal: str) -> str:
    """The SVG text of one face. signal: one of SIGNALS."""
    pose, ink, at = person.expressions[signal], person.ink, person.eyes
    sky = f"{person.prefix}-sky"
    frame = f"{person.prefix}-frame"
    colour, strength = AIR.get(signal, ("#fff", 0))
    air = f'<rect width="320" height="320" fill="{colour}" fill-opacity="{strength:g}"/>' if strength else ""
    move = points('transform="translate(0 ?) rotate(? 160 236)"', pose.drop, pose.tilt)
    head_back = f"<g {move}>{person.hair_back}</g>"
    head = (
        f"<g {move}>{person.skull}{cheeks(pose.blush, at, ink)}"
        f"{eyes(pose, at, ink, person.prefix)}{person.nose}"
        f"{mouth(pose, person.mouth_y, person.mouth_scale, ink, person.snaggle)}{tears(pose.tears, at)}"
        f"{person.hair_front}{brows(pose, person.brows, at.gap, ink.hair_dark)}{person.over}</g>"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 320" role="img">\n'
        f"<title>{person.name}: {signal}</title>\n"
        f'<defs><linearGradient id="{sky}" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{ink.sky}"/>'
        f'<stop offset="1" stop-color="{ink.ground}"/></linearGradient>'
        f'<clipPath id="{frame}"><rect width="320" height="320" rx="64"/></clipPath>{person.defs}</defs>\n'
        f'<g clip-path="url(#{frame})">\n<rect width="320" height="320" fill="url(#{sky})"/>'
        f"{person.backdrop}{air}\n{head_back}\n{person.neck_and_clothes}\n{head}\n"
        f"{hands(pose.hands, ink)}{marks(pose.mark, ink)}\n</g>\n</svg>\n"
    )


def main(packs: Path = PACKS) -> None:
    """Draws every face of every person below `packs`."""
    for person in people():
        folder = packs / person.id / "faces"
        folder.mkdir(parents=True, exist_ok=True)
        for signal in SIGNALS:
            (folder / f"{signal}.svg").write_text(draw(person, signal), encoding="utf-8")


if __name__ == "__main__":
    main()
