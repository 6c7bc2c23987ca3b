"""Owns what happens around a face: hands with their sleeves, and the marks in the air. Knows no name."""

from __future__ import annotations

from personas.face_features import MIDDLE, HandKind, Ink, MarkKind, line, points, shape


def hands(kind: HandKind, ink: Ink) -> str:
    """The hands of one gesture, drawn over the body."""
    match kind:
        case "none":
            return ""
        case "fists":
            return _fist(ink, 58, 232, -1) + _fist(ink, 262, 232, 1)
        case "fist":
            return _fist(ink, 258, 226, 1)
        case "thumb":
            return _thumb(ink, 252, 246)
        case "chin":
            return _chin(ink)
        case "cheeks":
            return _palm(ink, -1) + _palm(ink, 1)
        case "cheek":
            return _palm(ink, 1)
        case "fingers":
            return _fingers(ink)
        case "temple":
            return _temple(ink)
        case "heart":
            return _heart(ink)
        case "glasses":
            return _glasses(ink)


def _sleeve(d: str, ink: Ink, width: float = 40) -> str:
    """An arm along the path `d`: cloth with a darker edge."""
    return line(d, ink.cloth_shade, width + 5) + line(d, ink.cloth, width)


def _flesh(d: str, ink: Ink) -> str:
    return shape(d, ink.skin, f'stroke="{ink.skin_shade}" stroke-width="3" stroke-linejoin="round"')


def _finger(d: str, ink: Ink, width: float = 13) -> str:
    return line(d, ink.skin_shade, width + 5) + line(d, ink.skin, width)


def _fist(ink: Ink, x: float, y: float, side: int) -> str:
    """A raised fist, knuckles to the viewer."""
    arm = _sleeve(points("M? ?L? ?", x - side * 4, y + 96, x, y + 34), ink)
    cuff = line(points("M? ?h34", x - 17, y + 25), ink.cloth_shade, 10)
    hand = _flesh(
        points("M? ?h32q8 0 8 9v18q0 14 -15 14h-18q-15 0 -15 -14v-18q0 -9 8 -9z", x - 16, y - 20), ink
    )
    knuckles = line(points("M? ?v13m10 -13v13m10 -13v13", x - 10, y - 15), ink.skin_shade, 2.6)
    thumb = _finger(points("M? ?q? 6 ? 5", x - side * 16, y + 5, side * 8, side * 20), ink, 8)
    return arm + cuff + hand + knuckles + thumb


def _thumb(ink: Ink, x: float, y: float) -> str:
    """A thumb up at the viewer's right."""
    arm = _sleeve(points("M? ?L? ?", x + 26, y + 92, x + 8, y + 34), ink)
    thumb = _finger(points("M? ?q-2 -14 2 -32", x - 12, y - 4), ink, 14)
    hand = _flesh(
        points("M? ?h34q9 0 9 9v20q0 12 -13 12h-26q-12 0 -12 -12v-21q0 -8 8 -8z", x - 20, y - 12), ink
    )
    fingers = line(points("M? ?h22m-22 10h20m-20 10h16", x, y - 3), ink.skin_shade, 2.6)
    return arm + thumb + hand + fingers


def _chin(ink: Ink) -> str:
    """Thumb under the chin, the index along the cheek."""
    arm = _sleeve("M246 336L216 282", ink, 42)
    index = _finger("M206 242L222 198", ink, 12)
    hand = _flesh("M182 236q-3 -13 12 -14h18q16 2 19 18l2 18q0 16 -18 20l-16 0q-14 -2 -16 -18z", ink)
    fingers = line("M186 240q10 -4 19 2M186 251q10 -4 20 2M190 262q9 -4 17 1", ink.skin_shade, 2.6)
    thumb = _finger("M190 234L172 224", ink, 11)
    return arm + index + hand + fingers + thumb


def _palm(ink: Ink, side: int) -> str:
    """An open hand laid on one cheek."""
    x = MIDDLE + side * 66
    arm = _sleeve(points("M? 340L? 266", MIDDLE + side * 104, MIDDLE + side * 86), ink, 38)
    fingers = "".join(
        _finger(points("M? ?L? ?", x + side * dx, 226, x + side * (dx + lean), top), ink, 10.5)
        for dx, lean, top in ((12, 6, 186), (2, 3, 178), (-8, 0, 182))
    )
    hand = _flesh(
        points(
            "M? ?q? -26 ? -28h?q? 4 ? 28q? 22 ? 26q? 0 ? -26z",
            x - side * 18,
            240,
            side * 2,
            side * 10,
            side * 16,
            side * 16,
            side * 16,
            -side * 2,
            -side * 16,
            -side * 24,
            -side * 26,
        ),
        ink,
    )
    thumb = _finger(points("M? 240Q? 232 ? 224", x - side * 10, x - side * 18, x - side * 24), ink, 10)
    return arm + fingers + hand + thumb


def _fingers(ink: Ink) -> str:
    """Two index fingers that meet before the chest."""
    drawn = []
    for side in (-1, 1):
        x = MIDDLE + side * 40
        drawn.append(_sleeve(points("M? 344L? 288", MIDDLE + side * 84, MIDDLE + side * 62), ink, 36))
        drawn.append(_finger(points("M? 268L? 264", x, MIDDLE + side * 9), ink, 11))
        drawn.append(
            _flesh(
                points(
                    "M? 262q? -8 ? -6q? 2 ? 14q? 16 ? 16q? -2 ? -12z",
                    MIDDLE + side * 26,
                    side * 8,
                    side * 20,
                    side * 14,
                    side * 14,
                    -side * 2,
                    -side * 16,
                    -side * 18,
                    -side * 18,
                ),
                ink,
            )
        )
        drawn.append(
            line(
                points("M? 274h?m? 8h?", x - side * 12, side * 12, -side * 10, side * 10), ink.skin_shade, 2.4
            )
        )
    return "".join(drawn)


def _temple(ink: Ink) -> str:
    """Fingertips against the temple, the elbow out of the picture."""
    arm = _sleeve("M286 344L270 236", ink, 38)
    hand = _flesh("M246 208q-8 -18 6 -30l16 -8q16 0 20 18l2 18q0 18 -16 22q-20 2 -28 -20z", ink)
    tips = _finger("M256 184L234 150", ink, 11) + _finger("M264 178L246 140", ink, 11)
    return arm + tips + hand + line("M262 186q10 6 10 18", ink.skin_shade, 2.6)


def _heart(ink: Ink) -> str:
    """A hand laid on the heart."""
    arm = _sleeve("M70 350L112 306", ink, 40)
    fingers = "".join(
        _finger(points("M146 ?L? ?", y, tip, end), ink, 10.5)
        for y, tip, end in ((305, 192, 309), (295, 201, 297), (285, 202, 284), (275, 194, 271))
    )
    hand = _flesh("M112 300q-2 -26 22 -32h16q8 22 4 44q-10 8 -26 4q-12 -4 -16 -16z", ink)
    return (
        arm
        + fingers
        + hand
        + _finger("M134 272L152 255", ink, 10)
        + line("M140 280q10 -2 14 2", ink.skin_shade, 2.4)
    )


def _glasses(ink: Ink) -> str:
    """A finger that pushes the glasses up, at the viewer's right."""
    arm = _sleeve("M292 344L262 250", ink, 38)
    hand = _flesh("M228 214q-4 -16 10 -24l18 -2q16 4 18 22l0 16q-4 16 -20 16q-22 -2 -26 -28z", ink)
    finger = _finger("M240 204L228 168", ink, 11)
    return arm + finger + hand + line("M240 212q10 -4 18 2M242 222q9 -3 17 2", ink.skin_shade, 2.6)


def marks(kind: MarkKind, ink: Ink) -> str:
    """What hangs in the air beside the head, drawn over everything."""
    match kind:
        case "none":
            return ""
        case "vein":
            d = "M240 46q2 14 -12 16M252 46q0 14 14 16M228 74q14 0 14 14M266 74q-14 0 -14 14"
            return line(d, "#fff", 11) + line(d, "#e5383b", 6.5)
        case "dots":
            return "".join(
                points(
                    '<circle cx="?" cy="?" r="?" fill="#fff" stroke="?" stroke-width="2.5"/>', x, y, r
                ).replace("?", ink.line, 1)
                for x, y, r in ((74, 70, 6), (58, 50, 9), (38, 24, 13))
            )
        case "puff":
            cloud = (
                "M98 222q-12 -13 -24 -2q-18 -7 -24 9q-17 4 -11 19"
                "q8 13 23 5q10 12 25 2q16 5 19 -11q4 -16 -8 -22z"
            )
            edge = f'stroke="{ink.line}" stroke-opacity=".3" stroke-width="2.5"'
            return shape(cloud, "#fff", edge) + line("M138 214L122 222M140 222L126 232", "#fff", 5)
        case "gasp":
            d = "M52 96L30 84M60 66L46 44M268 96L290 84M260 66L274 44"
            return line(d, "#fff", 12) + line(d, ink.accent, 7)
        case "notes":
            d = "M50 98q-8 -10 -2 -22M36 104q-12 -16 -2 -36M270 98q8 -10 2 -22M284 104q12 -16 2 -36"
            return line(d, "#fff", 11) + line(d, ink.accent, 6)
        case "hearts":
            return "".join(
                shape(
                    points("M? ?c-14 -10 -19 -24 -9 -29q7 -2 9 7q2 -9 9 -7c10 5 5 19 -9 29z", x, y),
                    "#ff5d8a",
                    points('transform="rotate(? ? ?)"', turn, x, y) + ' stroke="#fff" stroke-width="2.5"',
                )
                for x, y, turn in ((50, 84, -18), (270, 66, 16), (284, 112, 8))
            )
        case "nods":
            d = "M30 116l14 13l14 -13M30 138l14 13l14 -13M262 116l14 13l14 -13M262 138l14 13l14 -13"
            return line(d, "#fff", 13) + line(d, ink.accent, 7)
        case "gloom":
            d = "M240 30v34M257 24v50M274 34v34"
            return line(d, "#fff", 11, 'opacity=".8"') + line(d, "#5b8fc7", 6)
        case "sparkles":
            return "".join(
                shape(
                    points(
                        "M? ?Q? ? ? ?Q? ? ? ?Q? ? ? ?Q? ? ? ?Z",
                        x,
                        y - r,
                        x,
                        y,
                        x + r,
                        y,
                        x,
                        y,
                        x,
                        y + r,
                        x,
                        y,
                        x - r,
                        y,
                        x,
                        y,
                        x,
                        y - r,
                    ),
                    "#ffab1a",
                    'stroke="#fff" stroke-width="2.5"',
                )
                for x, y, r in ((44, 96, 24), (66, 40, 15), (280, 90, 25), (258, 36, 15))
            )
