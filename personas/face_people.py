"""Owns what never moves in the four faces: skull, hair, clothes, colours, and each person's own way to show a feeling."""

# Path data reads, and is edited, as whole strokes: its lines may be long, and the formatter would give every one
# of its numbers a line of its own.
# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from personas.face_features import BrowShape, Expression, EyeShape, Ink, line, points, shape
from store.ids import PersonaId

NEUTRAL = Expression()
COMMON: Mapping[str, Expression] = {
    "neutral": NEUTRAL,
    "smile": Expression(eyes="arc", mouth="smile", blush=0.5, brow_lift=(4, 4)),
    "laugh": Expression(eyes="arc", mouth="laugh", blush=0.55, brow_lift=(6, 6), mark="notes", tilt=4),
    "sad": Expression(openness=0.75, gaze=(0, 4), brow_inner=8, mouth="frown", blush=0.15, tears="drop", mark="gloom",
                      drop=4),
    "cry": Expression(eyes="closed", brow_inner=10, mouth="wail", blush=0.55, tears="stream", drop=3),
    "angry": Expression(openness=0.82, brow_inner=-9, brow_lift=(-3, -3), mouth="grit", blush=0.55, mark="vein"),
    "surprised": Expression(openness=1.3, iris_scale=0.74, brow_lift=(13, 13), mouth="o", blush=0.2, mark="gasp",
                            drop=-4),
    "think": Expression(gaze=(-5, -5), brow_lift=(9, -2), mouth="skew", blush=0.2, hands="chin", mark="dots", tilt=-4),
    "nod": Expression(eyes="closed", mouth="smile", blush=0.4, mark="nods", drop=9),
    "shy": Expression(openness=0.7, gaze=(-6, 5), brow_inner=5, mouth="pursed", blush=0.85, mark="hearts", tilt=-5),
    "sigh": Expression(eyes="closed", brow_inner=5, brow_lift=(-2, -2), mouth="sigh", blush=0.1, mark="puff", tilt=3,
                       drop=6),
    "cheer": Expression(mouth="grin", blush=0.6, brow_lift=(7, 7), hands="fists", mark="sparkles", drop=-3),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One person's drawing. The texts are SVG fragments, given from the back to the front."""

    id: PersonaId
    name: str
    prefix: str  # of the ids in the drawing: several faces may stand in one page
    ink: Ink
    eyes: EyeShape
    brows: BrowShape
    mouth_y: float
    mouth_scale: float
    backdrop: str
    hair_back: str
    neck_and_clothes: str
    skull: str
    nose: str
    hair_front: str
    over: str = ""
    snaggle: bool = False
    defs: str = ""
    expressions: Mapping[str, Expression] = field(default_factory=lambda: COMMON)


def people() -> tuple[Person, ...]:
    """The four, in the order of their ids."""
    return (_hong_sehyeon(), _kang_sihyeon(), _kim_chungi(), _oh_yul())


def _own(**changes: Expression) -> Mapping[str, Expression]:
    return {**COMMON, **changes}


def _neck(ink: Ink) -> str:
    return shape("M136 200h48v58q-24 24 -48 0z", ink.skin) + shape("M136 222q24 26 48 0v14q-22 24 -48 2z", ink.skin_shade)


def _ears(ink: Ink, y: float = 156) -> str:
    return "".join(
        points(f'<ellipse cx="?" cy="?" rx="12" ry="17" fill="{ink.skin}"/>', x, y)
        + points(f'<ellipse cx="?" cy="?" rx="5.5" ry="9" fill="{ink.skin_shade}"/>', x, y + 1)
        for x in (89, 231)
    )


def _petal(x: float, y: float, turn: float, size: float, colour: str, opacity: float = 1) -> str:
    where = points('transform="translate(? ?) rotate(?) scale(?)"', x, y, turn, size)
    return shape("M0 0C-9 -6 -8 -18 0 -22C8 -18 9 -6 0 0Z", colour, where + f' opacity="{opacity:g}"')


def _hong_sehyeon() -> Person:
    """Long waves, a blossom in the hair, a lavender cardigan: soft and of the spring."""
    ink = Ink(skin="#fde5d8", skin_shade="#f3c6b4", line="#5a3b3a", hair="#b17b62", hair_light="#d7a98c",
              hair_dark="#8d5d4c", iris="#a0643a", lip="#c65f66", blush="#ff9fa6", cloth="#cdb9ee",
              cloth_shade="#ac94d8", sky="#fff0f3", ground="#ffd3dc", accent="#ff8fab")
    pin = "".join(_petal(220, 108, turn, 0.72, "#fff") for turn in range(0, 360, 72)) + "".join(
        _petal(220, 108, turn, 0.6, "#ffb3c6") for turn in range(0, 360, 72)
    )
    look = replace(NEUTRAL, mouth="rest", blush=0.42, brow_inner=2)
    return Person(
        id=PersonaId("hong-sehyeon"), name="홍세현", prefix="hs", ink=ink,
        eyes=EyeShape(gap=35, y=158, half_width=17.5, half_height=17, tilt=-1, lid_px=4.2, lash_px=4),
        brows=BrowShape(y=127, half_length=16, width_px=5, arch=4, rise=-1),
        mouth_y=200, mouth_scale=1,
        backdrop=_petal(50, 76, 40, 1.6, "#ffb8c8", 0.8) + _petal(292, 84, -50, 1.7, "#ffb8c8", 0.75)
        + _petal(14, 168, 110, 1.4, "#ffc9d5", 0.9) + _petal(300, 196, 150, 1.5, "#fff", 0.9)
        + _petal(250, 44, 20, 1.4, "#fff", 0.9) + _petal(106, 30, -70, 1.2, "#fff", 0.9),
        hair_back=shape("M160 42C98 40 62 88 68 150C72 184 46 198 52 232C56 256 34 268 42 298C48 318 66 326 84 326H236"
                        "C254 326 272 318 278 298C286 268 264 256 268 232C274 198 248 184 252 150C258 88 222 40 160 42Z",
                        ink.hair_dark),
        neck_and_clothes=_neck(ink)
        + shape("M56 324C58 282 92 266 132 256Q160 276 188 256C228 266 262 282 264 324Z", "#fffaf2")
        + shape("M56 324C58 282 92 264 128 256L142 324ZM264 324C262 282 228 264 192 256L178 324Z", ink.cloth)
        + line("M129 257L143 324M191 257L177 324", ink.cloth_shade, 4)
        + shape("M132 254Q124 276 134 290Q150 288 160 274Q170 288 186 290Q196 276 188 254Q160 280 132 254Z", "#fff")
        + line("M134 288Q150 287 160 274Q170 287 186 288", "#ead9cf", 2.4)
        + '<circle cx="160" cy="300" r="4" fill="#ead9cf"/>',
        skull=_ears(ink) + shape("M90 142C90 94 120 70 160 70C200 70 230 94 230 142C230 186 204 228 160 230C116 228 90"
                                 " 186 90 142Z", ink.skin),
        nose=line("M158 180q3 3 6 0", ink.skin_shade, 3.4),
        hair_front=shape("M84 172C70 84 108 44 160 44C212 44 250 84 236 172C232 134 204 120 178 90Q166 78 156 64Q152 82"
                         " 142 94C118 122 90 134 84 172Z", ink.hair)
        + line("M148 66C140 92 106 108 92 140M164 66C176 92 212 110 226 138", ink.hair_dark, 3, 'opacity=".5"')
        + line("M100 104C108 82 124 68 140 62", ink.hair_light, 7, 'opacity=".75"')
        + line("M186 62C200 68 210 78 216 88", ink.hair_light, 6, 'opacity=".6"')
        + shape("M86 146C74 182 96 200 82 230C72 254 92 272 80 308C64 312 48 304 46 290C54 264 40 250 56 224C68 200 58"
                " 178 74 142Z", ink.hair)
        + shape("M234 146C246 182 224 200 238 230C248 254 228 272 240 308C256 312 272 304 274 290C266 264 280 250 264"
                " 224C252 200 262 178 246 142Z", ink.hair)
        + line("M76 190C82 212 64 226 64 250C64 262 70 272 66 290M244 190C238 212 256 226 256 250C256 262 250 272 254"
               " 290", ink.hair_light, 4, 'opacity=".6"')
        + pin + '<circle cx="220" cy="108" r="5" fill="#ffd977"/>',
        expressions=_own(
            neutral=look,
            smile=replace(COMMON["smile"], blush=0.62),
            laugh=replace(COMMON["laugh"], mouth="grin", hands="cheek", tilt=5),
            nod=replace(COMMON["nod"], hands="heart", tilt=3, blush=0.55),
            shy=replace(COMMON["shy"], hands="fingers"),
            angry=replace(COMMON["angry"], mouth="pursed", tears="brim", brow_inner=-7, blush=0.75),
            cry=replace(COMMON["cry"], mouth="wobble"),
        ),
    )


def _oh_yul() -> Person:
    """Round glasses, grey at the temples, a brown jacket over a cream shirt: a man of books who smiles easily."""
    ink = Ink(skin="#f6d5bb", skin_shade="#e0b08f", line="#43302a", hair="#5b4336", hair_light="#c9c2ba",
              hair_dark="#46332a", iris="#5d4030", lip="#a9564a", blush="#ee9a80", cloth="#8d5f3f",
              cloth_shade="#6e472d", sky="#fff3df", ground="#efd0a2", accent="#d98a3d")
    rim = "#7b4421"
    books = "".join(
        shape(f"M{x} {y}h{w}v{h}h-{w}z", colour, 'opacity=".55"')
        for x, y, w, h, colour in ((18, 30, 16, 70, "#d9a566"), (37, 42, 13, 58, "#c98d5a"), (53, 26, 18, 74, "#e5bf85"),
                                   (250, 34, 15, 66, "#d9a566"), (268, 24, 17, 76, "#c08552"), (288, 44, 14, 56, "#e5bf85"))
    ) + shape("M0 100h90v7h-90zM232 100h90v7h-90z", "#c08552", 'opacity=".5"')
    return Person(
        id=PersonaId("oh-yul"), name="오율", prefix="oy", ink=ink,
        eyes=EyeShape(gap=35, y=158, half_width=14, half_height=13.5, tilt=0, lid_px=4, lash_px=0),
        brows=BrowShape(y=122, half_length=17, width_px=7, arch=3, rise=0),
        mouth_y=203, mouth_scale=1.05,
        backdrop=books,
        hair_back=shape("M88 150C70 84 106 42 162 42C218 42 250 84 232 150L226 160H94Z", ink.hair_dark),
        neck_and_clothes=_neck(ink)
        + shape("M22 324C24 290 50 276 92 268C110 264 120 260 126 252L160 300L194 252C200 260 210 264 228 268C270 276 296 290 298 324Z", ink.cloth)
        + shape("M130 240H190L160 296Z", ink.skin) + shape("M136 240Q160 262 184 240V246Q160 268 136 246Z",
                                                            ink.skin_shade, 'opacity=".6"')
        + shape("M128 252L136 246L160 292L184 246L192 252L200 262L186 324H134L120 262Z", "#fbf1de")
        + shape("M132 244L160 290L140 304L118 260ZM188 244L160 290L180 304L202 260Z", "#fff9ec",
                'stroke="#e3d2b4" stroke-width="2.4" stroke-linejoin="round"')
        + shape("M118 258L100 268L94 294L112 300L144 326H152ZM202 258L220 268L226 294L208 300L176 326H168Z",
                ink.cloth_shade)
        + '<circle cx="160" cy="312" r="3.6" fill="#d9c39b"/>'
        + shape("M222 310L228 296L236 302L243 293L250 309Z", "#2f7a6b"),
        skull=_ears(ink) + shape("M92 138C92 92 122 70 160 70C198 70 228 92 228 138C229 182 214 206 194 220Q160 240 126"
                                 " 220C106 206 91 182 92 138Z", ink.skin),
        nose=line("M160 166q7 12 1 17q-3 1 -6 -1", ink.skin_shade, 3.6),
        hair_front=shape("M86 158C70 130 70 92 92 68C98 48 126 36 148 40C176 28 214 38 226 64C250 84 248 128 234 158C232"
                         " 146 230 134 224 122C214 124 206 118 201 108C186 118 162 114 148 104C138 100 132 94 127 86C120"
                         " 102 108 108 98 120C92 132 92 146 86 158Z", ink.hair)
        + shape("M86 158C78 136 78 116 88 98Q98 106 98 120C92 132 92 146 86 158ZM234 158C242 136 242 116 232 98Q222 108"
                " 224 122C230 134 232 146 234 158Z", ink.hair_light)
        + line("M127 86C144 100 164 106 186 104M140 74C158 90 182 96 204 96M164 66C184 76 204 84 220 102",
               ink.hair_light, 3, 'opacity=".7"')
        + line("M127 86C130 70 140 58 152 52", ink.hair_dark, 4)
        + line("M102 92C104 76 112 64 124 58", "#7a5d4b", 6, 'opacity=".8"'),
        over=line("M98 154L88 150M222 154L232 150M152 156Q160 149 168 156", rim, 5)
        + "".join(
            f'<circle cx="{x}" cy="158" r="26.5" fill="#fff" fill-opacity=".07" stroke="{rim}" stroke-width="5"/>'
            for x in (125, 195))
        + line("M110 150l10 -10M180 150l10 -10", "#fff", 3.4, 'opacity=".75"')
        + line("M128 196q-5 6 -4 13M192 196q5 6 4 13", ink.skin_shade, 2.8, 'opacity=".9"'),
        expressions=_own(
            neutral=replace(NEUTRAL, blush=0.2, brow_lift=(0, 3)),
            surprised=replace(COMMON["surprised"], brow_lift=(9, 9)),
            smile=replace(COMMON["smile"], brow_lift=(2, 6), blush=0.35),
            laugh=replace(COMMON["laugh"], tilt=-4),
            cry=replace(COMMON["cry"], mouth="wobble"),
            angry=replace(COMMON["angry"], mouth="frown", blush=0.3),
            shy=replace(COMMON["shy"], hands="glasses", mouth="smirk", tilt=4, gaze=(-5, 3)),
            cheer=replace(COMMON["cheer"], hands="fist", eyes="arc"),
        ),
    )


def _kim_chungi() -> Person:
    """A black roll-neck, a sharp parting, narrow eyes with a mole under one: cool as slate."""
    ink = Ink(skin="#f4dccd", skin_shade="#d8b3a3", line="#20262f", hair="#2a303b", hair_light="#566173",
              hair_dark="#1b2028", iris="#4b5a6b", lip="#9c5a58", blush="#e79a94", cloth="#23272f",
              cloth_shade="#3b424e", sky="#e6ebf1", ground="#aebac8", accent="#4a6fa5")
    return Person(
        id=PersonaId("kim-chungi"), name="김춘기", prefix="kc", ink=ink,
        eyes=EyeShape(gap=34, y=157, half_width=17, half_height=10.5, tilt=4.5, lid_px=4.8, lash_px=0),
        brows=BrowShape(y=132, half_length=18, width_px=6.5, arch=1, rise=5),
        mouth_y=204, mouth_scale=0.95,
        backdrop=shape("M-10 250L120 -10H180L-10 330ZM150 330L330 -10H344V60L210 330Z", "#fff", 'opacity=".28"'),
        hair_back=shape("M92 150C74 86 108 42 160 42C214 42 246 86 228 150L222 160H98Z", ink.hair_dark),
        neck_and_clothes=shape("M24 324C26 292 52 278 92 271C110 268 120 264 126 256H194C200 264 210 268 228 271C268 278 294 292 296 324Z", ink.cloth)
        + _neck(ink)
        + shape("M128 236Q160 256 192 236L196 274Q160 292 124 274Z", ink.cloth)
        + line("M129 250Q160 270 191 250M126 274Q160 292 194 274", ink.cloth_shade, 3)
        + line("M74 294Q80 308 78 322M246 294Q240 308 242 322", ink.cloth_shade, 3),
        skull=_ears(ink, 158)
        + '<circle cx="231" cy="176" r="3.6" fill="#dfe6ee" stroke="#8d99a8" stroke-width="1.5"/>'
        + shape("M94 132C94 92 122 70 160 70C198 70 226 92 226 132L225 166C222 188 206 208 184 224Q160 240 136 224C114"
                " 208 98 188 95 166Z", ink.skin)
        + '<circle cx="207" cy="177" r="2.4" fill="#5b4038"/>',
        nose=line("M160 160L165 181Q160 185 156 182", ink.skin_shade, 3.4),
        hair_front=shape("M90 156C68 88 108 38 162 38C220 36 254 90 230 156L227 130C222 116 216 108 206 100L203 118C199 106"
                         " 192 98 182 94C162 98 142 92 127 78C124 98 116 112 103 124C97 132 95 144 90 156Z", ink.hair)
        + shape("M126 78C136 98 130 116 146 132C126 130 116 112 120 86Z", ink.hair)
        + line("M132 76C150 64 180 60 208 76M134 66C154 50 188 50 214 66", ink.hair_light, 4, 'opacity=".7"')
        + line("M104 112C98 96 104 76 118 64", ink.hair_light, 4, 'opacity=".45"'),
        expressions=_own(
            neutral=replace(NEUTRAL, openness=0.82, blush=0, brow_inner=-2, mouth="flat"),
            smile=replace(COMMON["smile"], eyes="open", openness=0.7, blush=0.3, brow_lift=(0, 7), tilt=3),
            laugh=replace(COMMON["laugh"], mouth="grin", blush=0.25, tilt=3),
            sad=replace(COMMON["sad"], tears="brim", gaze=(-5, 4), openness=0.7),
            cry=replace(COMMON["cry"], mouth="wobble", blush=0.35),
            angry=replace(COMMON["angry"], mouth="frown", brow_inner=-8, openness=0.72, blush=0.2),
            surprised=replace(COMMON["surprised"], openness=1.5, iris_scale=0.85, brow_lift=(10, 10)),
            think=replace(COMMON["think"], openness=0.8),
            nod=replace(COMMON["nod"], mouth="rest", blush=0.1),
            shy=replace(COMMON["shy"], gaze=(-7, 1), mouth="pursed", brow_inner=0, brow_lift=(2, -1), tilt=-3),
            sigh=replace(COMMON["sigh"], hands="temple"),
            cheer=replace(COMMON["cheer"], mouth="smirk", openness=0.9, hands="thumb", blush=0.2, brow_lift=(2, 8)),
        ),
    )


def _kang_sihyeon() -> Person:
    """Short hair that stands up, a star in it, freckles and a crooked tooth over a coral hoodie: all energy."""
    ink = Ink(skin="#ffdcc4", skin_shade="#f0b394", line="#4a2a26", hair="#76403a", hair_light="#ff7d5c",
              hair_dark="#4f2623", iris="#a4532b", lip="#c9473f", blush="#ff8a75", cloth="#ff6f59",
              cloth_shade="#e04f3d", sky="#fff2c9", ground="#ffc98f", accent="#ff5a47")
    rays = "".join(
        shape("M160 176L146 -90H174Z", "#fff", f'opacity=".4" transform="rotate({turn} 160 176)"')
        for turn in range(0, 360, 30)
    )
    star = "M228 84l4.6 9.4 10.4 1.5 -7.5 7.3 1.8 10.3 -9.3 -4.9 -9.3 4.9 1.8 -10.3 -7.5 -7.3 10.4 -1.5z"
    freckles = "".join(f'<circle cx="{x}" cy="{y}" r="1.9" fill="#d98d6c"/>'
                       for x, y in ((104, 184), (112, 189), (119, 183), (201, 183), (208, 189), (216, 184)))
    return Person(
        id=PersonaId("kang-sihyeon"), name="강시현", prefix="ks", ink=ink,
        eyes=EyeShape(gap=36, y=156, half_width=17.5, half_height=18.5, tilt=3, lid_px=4.4, lash_px=4.5),
        brows=BrowShape(y=129, half_length=15, width_px=6.5, arch=4, rise=2),
        mouth_y=198, mouth_scale=1.12, snaggle=True,
        backdrop=rays,
        hair_back=shape("M84 96Q62 120 66 150Q58 168 40 176Q58 181 68 177Q66 194 50 207Q72 208 84 196Q88 208 80 222Q104"
                        " 216 114 200H206Q216 216 240 222Q232 208 236 196Q248 208 270 207Q254 194 252 177Q262 181 280"
                        " 176Q262 168 254 150Q258 120 236 96Z", "url(#ks-hair)"),
        defs='<linearGradient id="ks-hair" gradientUnits="userSpaceOnUse" x1="0" y1="130" x2="0" y2="212">'
        f'<stop stop-color="{ink.hair_dark}"/><stop offset="1" stop-color="{ink.hair_light}"/></linearGradient>',
        neck_and_clothes=shape("M84 268Q92 228 160 228Q228 228 236 268L214 296H106Z", ink.cloth_shade)
        + _neck(ink)
        + shape("M28 324C30 292 56 278 90 270C106 266 114 262 120 256Q160 304 200 256C206 262 214 266 230 270C264 278 290 292 292 324Z", ink.cloth)
        + line("M118 258Q134 296 160 300Q186 296 202 258", ink.cloth_shade, 7)
        + line("M140 296q-4 12 -2 24M180 296q4 12 2 24", "#fff", 5)
        + shape("M122 258Q140 284 160 288Q180 284 198 258Q180 268 160 270Q140 268 122 258Z", "#fff4e2"),
        skull=_ears(ink) + shape("M90 140C90 94 120 70 160 70C200 70 230 94 230 140C231 184 206 224 160 227C114 224 89"
                                 " 184 90 140Z", ink.skin) + freckles,
        nose=line("M157 178q3 3.4 6 0", ink.skin_shade, 3.6),
        hair_front=shape("M82 166Q66 140 74 114Q66 108 54 110Q66 96 82 90Q80 76 68 64Q90 62 104 68Q106 50 98 34Q122 42 134 54"
                         "Q146 36 166 24Q166 42 176 52Q194 38 216 36Q208 54 212 66Q230 64 250 68Q238 80 238 90Q254 98 264"
                         " 112Q250 108 246 114Q254 140 238 166Q238 146 231 130Q222 122 219 106Q212 120 201 125Q196 110"
                         " 190 98Q184 114 169 121Q166 108 158 96Q150 114 136 121Q134 108 130 98Q120 118 104 125Q94 132 90"
                         " 140Q88 154 82 166Z", ink.hair)
        + line("M96 96Q104 80 122 76M148 70Q164 60 180 70M204 82Q216 84 222 92", "#9a5548", 6, 'opacity=".8"')
        + line("M130 98Q128 90 132 82M158 96Q156 88 160 80M190 98Q188 90 192 82", ink.hair_dark, 3, 'opacity=".6"')
        + shape(star, "#ffd23f", 'stroke="#fff" stroke-width="3" stroke-linejoin="round"'),
        expressions=_own(
            neutral=replace(NEUTRAL, mouth="rest", blush=0.35),
            smile=replace(COMMON["smile"], eyes="open", mouth="grin", blush=0.5),
            laugh=replace(COMMON["laugh"], eyes="squeezed", tilt=-5),
            cry=replace(COMMON["cry"], eyes="squeezed", blush=0.7),
            angry=replace(COMMON["angry"], hands="fists", blush=0.7),
            surprised=replace(COMMON["surprised"], hands="cheeks"),
            nod=replace(COMMON["nod"], hands="thumb", mouth="grin", eyes="arc"),
            shy=replace(COMMON["shy"], hands="cheeks", eyes="closed", mouth="wobble"),
            cheer=replace(COMMON["cheer"], mouth="laugh"),
        ),
    )
