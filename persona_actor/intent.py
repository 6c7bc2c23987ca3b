"""Owns what kind of line a line is, when the caller did not say. Pure, and deliberately simple."""

import re

from personas.pack import Mode

_GREETING = re.compile(r"안녕|하이|헬로|ㅎㅇ|하잉|반가|반갑|처음 ?왔|또 ?왔|오랜만|방가")
_THANKS = re.compile(r"후원|고마워|고맙|감사|땡큐|ㄱㅅ|덕분에")
_FAREWELL = re.compile(r"잘게|자러 ?갈|잘 ?자|안녕히|가 ?볼게|굿나잇|굿밤")
_ASKS = re.compile(
    r"[?？]|어떡|어떻게|어쩌|할까|하나요|인가요|왜|뭐|좀요|고민|추천|알려|헤어|이별|연락|고백|썸"
)
_HURTS = re.compile(
    r"외로|외롭|힘들|힘듦|힘드|슬프|슬퍼|우울|아프|아파|눈물|울었|울고|무서|무섭|불안|속상|지쳤|지치|괴로|괴롭|"
    r"상처|싫|못 ?하겠|못 ?해|그만|죽|사라지|ㅠㅠ|ㅜㅜ"
)

_COUNTED = re.compile(r"(?:\d+|(?<![가-힣])[한두세네석넉]|몇) ?(?:년|해|개월|달|주|번|일|시간|살)")

_SUSPECTS = re.compile(
    r"(?:바람|다른 ?(?:여자|남자|사람)|양다리)[^.!?\n]{0,12}(?:것|거|듯) ?같|의심|증거(?:는|가) ?없"
)
_KNOWS = re.compile(r"바람(?:을|이)? ?(?:피웠|폈|났|피운 ?걸|피운 ?사실)|들켰|용서|실수였")
_CONFESSED_TO = re.compile(
    r"고백(?:을)? ?받|(?:저한테|나한테|제게|저에게|나에게|저를|나를) (?:\S+ ){0,2}고백(?:을)? ?(?:했|해|하)|"
    r"[가이] (?:갑자기 |저한테 |나한테 |제게 |먼저 ){0,2}고백(?:을)? ?(?:했|해 ?왔|하더|해서)"
)
_PARTED = re.compile(
    r"헤어졌|헤어져서|헤어진 ?(?:지|뒤|후|사람|남친|여친)|차였|차인|이별했|이별한|이별 ?통보|전 ?(?:남친|여친)"
)
_SETTINGS = tuple(
    re.compile(words)
    for words in (
        r"군대|입대|전역|제대|군인", r"해외|유학|발령|외국",
        r"회사|직장|사내|부서|상사|사수|선배|후배|부장|팀장|과장|대표|사장",
        r"종교|교회|절에", r"명품",
        r"아이|육아|임신", r"술", r"새벽", r"환승", r"외모|살 ?빼|예뻐|못생", r"게임",
        r"직업|학벌", r"모태|한 ?번도 못",
        r"폰|휴대폰|프로필", r"빌려|빚|대출", r"코스|여행", r"차단", r"폭력|때리|때렸", r"소개팅", r"친구",
    )
)  # fmt: skip
"""Where or around what something happens: an answer about the army is none to one at home."""
WEIGHTY = frozenset({"고백", "이별", "재회", "장거리", "바람", "결혼", "가족반대", "돈", "직장연애"})
"""Topics that an answer must not bring up by itself."""

_MARRIED = re.compile(r"남편|아내|결혼한 ?지|결혼 ?\d+ ?년|결혼 ?생활|결혼하고 ?나|부부(?! ?상담)|신혼")

_FORMER = r"(?:전|구|옛|예전|헤어진) ?"
_PARTICLES = {"가": "이", "를": "을", "는": "은", "와": "과", "랑": "이랑", "로": "으로", "야": "이야"}
_FRIEND = re.compile(rf"([남여])자 ?친구({'|'.join(_PARTICLES)})?")
_LONG_FORMS = (
    (re.compile(rf"{_FORMER}(?=[남여]친|애인|남편|부인|아내|와이프)"), "전"),
    (re.compile(r"신랑|우리 ?남편"), "남편"),
    (re.compile(r"와이프|집사람|부인(?=[이은을께한과도의]|$| )"), "아내"),
)
_PARTNER = re.compile(
    r"남친|여친|남편|아내|애인|배우자|연인|썸남|썸녀|짝남|짝녀|약혼자|약혼녀|예비 ?신[랑부]|커플"
)


def plain(text: str) -> str:
    """The text with one word for each kind of partner: 남친, 여친, 남편, 아내, and 전 before them for a former one. All
    that reads a line by its words reads this."""
    text = _FRIEND.sub(lambda found: f"{found[1]}친{_PARTICLES.get(found[2], '')}", text)
    for form, short in _LONG_FORMS:
        text = form.sub(short, text)
    return text


TOPIC_WORDS: dict[str, re.Pattern[str]] = {
    "썸": re.compile(r"썸"),
    "고백": re.compile(r"고백"),
    "연락": re.compile(r"연락|답장|읽씹|카톡|톡[이을은 ]|전화|문자"),
    "이별": re.compile(r"헤어|이별|차였|차인|잊"),
    "재회": re.compile(
        r"재회|다시 ?만[나날난]|(?<![가-힣])전(?:남친|여친|애인|남편|아내)|붙잡|돌아올|돌아왔"
    ),
    "권태기": re.compile(r"권태|설레지|질렸|식은 ?것|식었"),
    "장거리": re.compile(r"장거리|롱디|해외|군대|유학"),
    "바람": re.compile(r"바람(?:을)? ?[피핀폈]|바람난|외도|양다리|환승"),
    "짝사랑": re.compile(r"짝사랑|짝남|짝녀|혼자 ?좋아"),
    "결혼": re.compile(r"결혼|상견례|프러포즈|프로포즈|청혼"),
    "가족반대": re.compile(r"반대|부모님|시댁|시어머니|장모"),
    "돈": re.compile(r"돈[이을은 ]|비용|빚|월급|더치|빌려"),
    "자존감": re.compile(r"자존감|자신감|못생|사랑받지|눈치"),
    "데이트": re.compile(r"데이트"),
    "성격차이": re.compile(r"성격|안 ?맞|싸[우웠워]|다[퉜투]"),
    "직장연애": re.compile(r"회사|직장|사내|동료|팀장|상사"),
}
"""What a line is about, by its words. The names are those of the packs' dialogues."""

_SHORT_CHARS = 24
"""A greeting with a story behind it is a story."""


def mode_of(text: str) -> Mode:
    """greeting, thanks or closing for short lines that say no more than that; counsel for the rest."""
    if len(text) <= _SHORT_CHARS and not _ASKS.search(text) and not names_partner(text):
        if _FAREWELL.search(text):
            return "closing"
        if _THANKS.search(text):
            return "thanks"
        if _GREETING.search(text):
            return "greeting"
    return "counsel"


def asks(text: str) -> bool:
    """Whether the line wants an answer: it asks, it hurts, it tells a story, or names a partner or what people ask
    about. A few friendly words to one who is lonely would be worse than an honest "tell me more"."""
    return bool(
        len(text) > _SHORT_CHARS
        or _ASKS.search(text)
        or hurts(text)
        or names_partner(text)
        or topics_of(text)
    )


def hurts(text: str) -> bool:
    """Whether the words are those of somebody in pain."""
    return bool(_HURTS.search(text))


def counts(text: str) -> bool:
    """Whether the text says how long or how often."""
    return bool(_COUNTED.search(text))


def suspects(text: str) -> bool:
    """Whether somebody is only thought to be unfaithful."""
    return bool(_SUSPECTS.search(text)) and not _KNOWS.search(text)


def is_married(text: str) -> bool:
    """Whether the text is told by one who has married: what it says of marriage is no question whether to."""
    return bool(_MARRIED.search(plain(text)))


def is_confessed_to(text: str) -> bool:
    """Whether somebody told the writer of love, and not the other way round."""
    return bool(_CONFESSED_TO.search(text))


def has_parted(text: str) -> bool:
    """Whether a couple is no more: what others advise and what is only thought of does not count."""
    return bool(_PARTED.search(plain(text)))


def topics_asked(text: str) -> tuple[str, ...]:
    """The topics of the text, less what is a fact there and no question."""
    return tuple(topic for topic in topics_of(text) if topic != "결혼" or not is_married(text))


def fits_the_case(question: str, text: str) -> bool:
    """Whether an answer to the question can be one to the text: on the same side of the matter, and about nothing of
    weight and in no setting that the text does not name."""
    return (
        suspects(question) == suspects(text)
        and is_confessed_to(question) == is_confessed_to(text)
        and has_parted(question) <= has_parted(text)
        and WEIGHTY.intersection(topics_of(question)) <= set(topics_of(text))
        and is_of_the_setting(question, text)
    )


def is_of_the_setting(question: str, text: str) -> bool:
    """Whether an answer to the question takes place where the text does, and asks nobody who has married whether to."""
    question, text = plain(question), plain(text)
    return all(words.search(text) for words in _SETTINGS if words.search(question)) and not (
        "결혼" in topics_of(question) and is_married(text) and not is_married(question)
    )


def names_partner(text: str) -> bool:
    """Whether the line speaks of somebody's partner, present, past or hoped for."""
    return bool(_PARTNER.search(plain(text)))


def topics_of(text: str) -> tuple[str, ...]:
    """The topics that the text names, in the order of TOPIC_WORDS. Often none."""
    return tuple(topic for topic, words in TOPIC_WORDS.items() if words.search(plain(text)))
