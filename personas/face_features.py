"""Owns the moving parts of a face: eyes, brows, mouth, tears, hands and marks. Knows nobody's name or hair.

Everything is drawn in the 320 x 320 square of a face, x = 160 being the middle of the head. `side` is -1 for
the part on the viewer's left and +1 for the one on the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MIDDLE = 160.0
INSIDE_MOUTH = "#7c2b36"
TONGUE = "#f0828a"
TEAR = "#6fc3f2"

EyeKind = Literal["open", "arc", "closed", "squeezed"]
MouthKind = Literal[
    "rest",
    "flat",
    "smile",
    "smirk",
    "grin",
    "laugh",
    "frown",
    "wobble",
    "wail",
    "grit",
    "o",
    "skew",
    "pursed",
    "sigh",
]
TearKind = Literal["none", "brim", "drop", "stream"]
HandKind = Literal[
    "none", "chin", "fists", "fist", "thumb", "cheeks", "cheek", "fingers", "temple", "heart", "glasses"
]
MarkKind = Literal["none", "vein", "dots", "puff", "gasp", "notes", "hearts", "nods", "gloom", "sparkles"]


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of one person, each `#rrggbb`."""

    skin: str
    skin_shade: str
    line: str
    hair: str
    hair_light: str
    hair_dark: str
    iris: str
    lip: str
    blush: str
    cloth: str
    cloth_shade: str
    sky: str
    ground: str
    accent: str


@dataclass(frozen=True, slots=True)
class EyeShape:
    """gap: from the middle of the head to the middle of an eye; tilt: how far the outer corner stands up."""

    gap: float
    y: float
    half_width: float
    half_height: float
    tilt: float
    lid_px: float
    lash_px: float


@dataclass(frozen=True, slots=True)
class BrowShape:
    """rise: how much higher the outer end is than the inner one when the face is at rest."""

    y: float
    half_length: float
    width_px: float
    arch: float
    rise: float


@dataclass(frozen=True, slots=True)
class Expression:
    """One pose of a face. brow_lift: (viewer's left, right) in px up; brow_inner: px up of the inner ends,
    negative is a frown; tilt: degrees, clockwise; drop: px down; blush: opacity 0..1."""

    eyes: EyeKind = "open"
    openness: float = 1.0
    gaze: tuple[float, float] = (0.0, 0.0)
    iris_scale: float = 1.0
    brow_lift: tuple[float, float] = (0.0, 0.0)
    brow_inner: float = 0.0
    mouth: MouthKind = "rest"
    blush: float = 0.3
    tears: TearKind = "none"
    hands: HandKind = "none"
    mark: MarkKind = "none"
    tilt: float = 0.0
    drop: float = 0.0


def shape(d: str, fill: str, extra: str = "") -> str:
    """A filled path."""
    return f'<path d="{d}" fill="{fill}"{" " + extra if extra else ""}/>'


def line(d: str, colour: str, width: float, extra: str = "") -> str:
    """A stroked path with round ends."""
    tail = " " + extra if extra else ""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
        f' stroke-linecap="round" stroke-linejoin="round"{tail}/>'
    )


def points(template: str, *numbers: float) -> str:
    """`template` with every `?` replaced by the next number, to one decimal."""
    for number in numbers:
        template = template.replace("?", f"{round(number, 1):g}", 1)
    return template


def eyes(pose: Expression, at: EyeShape, ink: Ink, prefix: str) -> str:
    """The group `eyes`. prefix: makes the clip ids the person's own."""
    return '<g id="eyes">' + "".join(_eye(pose, at, ink, prefix, side) for side in (-1, 1)) + "</g>"


def _eye(pose: Expression, at: EyeShape, ink: Ink, prefix: str, side: int) -> str:
    cx, cy, w, h = MIDDLE + side * at.gap, at.y, at.half_width, at.half_height
    inner, outer = cx - side * w, cx + side * w
    match pose.eyes:
        case "open":
            return _open_eye(pose, at, ink, prefix, side)
        case "arc":
            d = points(
                "M? ?C? ? ? ? ? ?",
                inner,
                cy + 5,
                cx - side * w * 0.5,
                cy - 12,
                cx + side * w * 0.5,
                cy - 12,
                outer,
                cy + 5,
            )
            return line(d, ink.line, at.lid_px + 1.5)
        case "closed":
            d = points(
                "M? ?C? ? ? ? ? ?",
                inner,
                cy + 1,
                cx - side * w * 0.5,
                cy + 11,
                cx + side * w * 0.5,
                cy + 11,
                outer,
                cy + 1 - at.tilt * 0.5,
            )
            lash = points("M? ?l? ?", outer, cy + 1 - at.tilt * 0.5, side * 4, at.lash_px * 0.5)
            return line(d, ink.line, at.lid_px + 1) + line(lash, ink.line, at.lid_px)
        case "squeezed":
            d = points(
                "M? ?L? ?L? ?",
                outer - side * 2,
                cy - h * 0.7,
                inner + side * 3,
                cy + 1,
                outer - side * 2,
                cy + h * 0.75,
            )
            return line(d, ink.line, at.lid_px + 1.5)


def _open_eye(pose: Expression, at: EyeShape, ink: Ink, prefix: str, side: int) -> str:
    cx, cy, w, h = MIDDLE + side * at.gap, at.y, at.half_width, at.half_height
    inner, outer = cx - side * w, cx + side * w
    inner_y, outer_y = cy + 3, cy + 3 - at.tilt
    # A cubic whose two controls lie at the same height c has its top at a quarter of the ends plus 3/4 of c.
    over = (cy - h * pose.openness - 0.25 * cy) / 0.75
    under = (cy + h * 0.92 - 0.25 * cy) / 0.75
    lid = points(
        "M? ?C? ? ? ? ? ?",
        inner,
        inner_y,
        cx - side * w * 0.62,
        over + 2,
        cx + side * w * 0.7,
        over - 2,
        outer,
        outer_y,
    )
    white = lid + points(
        "C? ? ? ? ? ?Z", cx + side * w * 0.75, under, cx - side * w * 0.6, under, inner, inner_y
    )
    clip = f"{prefix}-eye-{'l' if side < 0 else 'r'}"
    ix, iy = cx + pose.gaze[0] - side * 0.5, cy + pose.gaze[1]
    iris_w, iris_h = w * 0.66 * pose.iris_scale, h * 0.93 * pose.iris_scale
    glow = points(
        '<ellipse cx="?" cy="?" rx="?" ry="?" fill="#fff" fill-opacity=".3"/>',
        ix,
        iy + iris_h * 0.62,
        iris_w * 0.55,
        iris_h * 0.26,
    )
    iris = points(f'<ellipse cx="?" cy="?" rx="?" ry="?" fill="{ink.iris}"/>', ix, iy, iris_w, iris_h)
    pupil = points(
        f'<ellipse cx="?" cy="?" rx="?" ry="?" fill="{ink.line}"/>', ix, iy - 1, iris_w * 0.5, iris_h * 0.52
    )
    wet = pose.tears in ("brim", "drop")
    shine = points(
        '<circle cx="?" cy="?" r="?" fill="#fff"/>', ix + 3.6, iy - h * 0.38, w * (0.28 if wet else 0.23)
    )
    spark = points(
        '<circle cx="?" cy="?" r="?" fill="#fff"/>', ix - 4, iy + h * 0.36, w * (0.2 if wet else 0.12)
    )
    lash = points("M? ?q? ? ? ?", outer, outer_y, side * 2.5, -0.5, side * 5, -at.lash_px)
    lower = points(
        "M? ?Q? ? ? ?",
        cx - side * w * 0.35,
        cy + h * 0.95,
        cx + side * w * 0.25,
        cy + h * 1.08,
        cx + side * w * 0.7,
        cy + h * 0.72,
    )
    return (
        f'<clipPath id="{clip}"><path d="{white}"/></clipPath>'
        + shape(white, "#fffdfb")
        + f'<g clip-path="url(#{clip})">{iris}{pupil}{glow}{shine}{spark}</g>'
        + line(lower, ink.line, 1.4, 'opacity=".45"')
        + line(lid, ink.line, at.lid_px)
        + (line(lash, ink.line, at.lid_px) if at.lash_px else "")
    )


def brows(pose: Expression, at: BrowShape, eye_gap: float, colour: str) -> str:
    """Both brows, thin at the outer end."""
    drawn = []
    for side, lift in ((-1, pose.brow_lift[0]), (1, pose.brow_lift[1])):
        cx, cy = MIDDLE + side * (eye_gap + 1), at.y - lift
        inner_y, outer_y = cy - pose.brow_inner, cy - at.rise + pose.brow_inner * 0.45
        mid_y = (inner_y + outer_y) / 2 - at.arch
        half = at.width_px / 2
        inner, outer = cx - side * at.half_length, cx + side * at.half_length
        drawn.append(
            shape(
                points(
                    "M? ?Q? ? ? ?Q? ? ? ?Q? ? ? ?Z",
                    inner,
                    inner_y - half,
                    cx,
                    mid_y - half,
                    outer,
                    outer_y,
                    cx,
                    mid_y + half,
                    inner,
                    inner_y + half,
                    inner - side * half,
                    inner_y,
                    inner,
                    inner_y - half,
                ),
                colour,
                f'stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"',
            )
        )
    return "".join(drawn)


def mouth(pose: Expression, y: float, scale: float, ink: Ink, snaggle: bool) -> str:
    """The group `mouth` in a frame of its own, so that a client may transform the group itself."""
    inside = _mouth(pose.mouth, ink, snaggle)
    return f'<g transform="translate({MIDDLE:g} {y:g}) scale({scale:g})"><g id="mouth">{inside}</g></g>'


def _mouth(kind: MouthKind, ink: Ink, snaggle: bool) -> str:
    dark, width = ink.lip, 4.2
    tooth = shape("M11 -5l6 -1 -2 8z", "#fff") if snaggle else ""
    match kind:
        case "rest":
            return line("M-12 -2Q0 7 12 -2", dark, width)
        case "flat":
            return line("M-12 1Q0 2 12 0", dark, width)
        case "smile":
            return line("M-21 -5Q0 15 21 -5", dark, width) + line("M-24 -7l4 3M24 -7l-4 3", dark, 3)
        case "smirk":
            return line("M-14 3Q4 8 18 -6", dark, width) + line("M20 -9l-4 4", dark, 3)
        case "grin":
            return _open_mouth("M-22 -7Q0 -3 22 -7Q20 16 0 17Q-20 16 -22 -7Z", 10, dark) + tooth
        case "laugh":
            return _open_mouth("M-27 -10Q0 -6 27 -10Q27 25 0 26Q-27 25 -27 -10Z", 16, dark) + tooth
        case "frown":
            return line("M-16 6Q0 -8 16 6", dark, width)
        case "wobble":
            return line("M-18 4Q-12 -6 -6 1T6 1T18 4", dark, width)
        case "wail":
            rim = "M-20 14Q-23 -10 0 -11Q23 -10 20 14Q10 8 0 8Q-10 8 -20 14Z"
            return (
                shape(rim, INSIDE_MOUTH)
                + shape("M-10 8.6Q0 -1 10 8.6Q0 7.4 -10 8.6Z", TONGUE)
                + line(rim, dark, 3)
            )
        case "grit":
            rim = "M-20 7Q-19 -8 0 -9Q19 -8 20 7Q0 2 -20 7Z"
            return (
                shape(rim, "#fff")
                + line("M-9 -7.6V3.6M0 -8.6V3.6M9 -7.6V3.6", "#c9b3ad", 2)
                + line(rim, dark, 3.6)
            )
        case "o":
            rim = f'stroke="{dark}" stroke-width="3"'
            return (
                f'<ellipse cx="0" cy="4" rx="10.5" ry="14" fill="{INSIDE_MOUTH}" {rim}/>'
                f'<ellipse cx="0" cy="12" rx="6" ry="4" fill="{TONGUE}"/>'
            )
        case "skew":
            return line("M-13 3Q-3 -3 13 -3", dark, width)
        case "pursed":
            return line("M-13 -2Q-7 6 0 -1Q7 6 13 -2", dark, width)
        case "sigh":
            rim = f'stroke="{dark}" stroke-width="3"'
            return f'<ellipse cx="0" cy="3" rx="9" ry="5.5" fill="{INSIDE_MOUTH}" {rim}/>'


def _open_mouth(rim: str, tongue_y: float, dark: str) -> str:
    """Teeth above, tongue below, both inside the rim. The rim is drawn last and hides their edges."""
    teeth = shape("M-19 -7Q0 -3 19 -7Q18 0 0 1Q-18 0 -19 -7Z", "#fff")
    tongue = f'<ellipse cx="0" cy="{tongue_y:g}" rx="11" ry="6" fill="{TONGUE}"/>'
    return shape(rim, INSIDE_MOUTH) + tongue + teeth + line(rim, dark, 3)


def cheeks(strength: float, at: EyeShape, ink: Ink) -> str:
    """Two blushes; above 0.6 with the little strokes of a face that burns."""
    drawn = []
    for side in (-1, 1):
        cx, cy = MIDDLE + side * (at.gap + 11), at.y + 31
        drawn.append(
            points(
                f'<ellipse cx="?" cy="?" rx="16" ry="10" fill="{ink.blush}" fill-opacity="?"/>',
                cx,
                cy,
                strength,
            )
        )
        if strength > 0.6:
            drawn.append(
                line(points("M? ?l-3 7m9 -7l-3 7m9 -7l-3 7", cx - 7, cy - 4), ink.lip, 2, 'opacity=".6"')
            )
    return "".join(drawn)


def tears(kind: TearKind, at: EyeShape) -> str:
    """What has left the eyes. `brim` stays in them."""
    lower = at.y + at.half_height
    white = 'stroke="#fff" stroke-width="2" stroke-opacity=".8"'
    match kind:
        case "none":
            return ""
        case "brim":
            return "".join(
                points(
                    '<ellipse cx="?" cy="?" rx="7" ry="4" fill="#bfe6fb" fill-opacity=".9"/>',
                    MIDDLE + side * (at.gap + 4),
                    lower - 1,
                )
                for side in (-1, 1)
            )
        case "drop":
            d = points(
                "M? ?c-5 9 -8.5 13 -8.5 18a8.5 8.5 0 0 0 17 0c0 -5 -3.5 -9 -8.5 -18z",
                MIDDLE + at.gap + 8,
                lower + 3,
            )
            return shape(d, TEAR, white)
        case "stream":
            return "".join(
                shape(
                    points("M? ?q6 3 12 0q1 22 5 38a11 11 0 0 1 -22 0q4 -16 5 -38z", x - 6, lower - 8),
                    TEAR,
                    white + ' fill-opacity=".9"',
                )
                + line(points("M? ?q-1 14 -4 26", x - 1, lower + 4), "#fff", 3, 'opacity=".65"')
                for x in (MIDDLE - at.gap - 3, MIDDLE + at.gap + 3)
            )
