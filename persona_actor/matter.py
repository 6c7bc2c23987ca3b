"""Owns what a text asks counsel on: its matters, finer than topics, each weighed by where it is told. Pure; knows no
dialogue and no voice."""

import re
from collections.abc import Mapping

from persona_actor.intent import has_parted, hurts, is_confessed_to, is_married, plain
from persona_actor.reading import sentences

_MATTERS = {
    "폭력": r"때[리렸려](?!치)|밀[치쳐쳤]|손찌검|폭력|협박|목을 ?[졸조]|뺨|주먹|(?:물건|폰|컵|그릇|"
    r"의자)\S* ?(?:집어 ?)?던|욕(?:을|설을)? ?(?:하[고며는]|해[요서]|퍼)|(?:한테|에게) ?맞[았아]",
    "통제": r"(?:제|내) ?(?:휴대)?폰\S* ?\S* ?(?:검사|뒤[지져]|확인)|위치\S* ?\S* ?(?:공유|확인|추적|보내)|"
    r"못 ?만나게|못 ?나가게|옷\S* ?\S* ?(?:못 ?입|간섭|검사)|허락 ?(?:받|없)|집착(?:이 ?심|해[요서])|감시",
    "스토킹": r"찾아[와왔온]|집 ?앞\S* ?\S* ?(?:기다려[요서]|기다렸|서 ?있)|따라[와왔다]|스토[킹커]",
    "찾아가기": r"찾아[가갈갔]|집 ?앞\S* ?\S* ?(?:기다려 ?[볼도]|기다릴|기다리면|가서)",
    "남의 위험": r"(?:친구|언니|동생|누나|오빠)[가이] ?.{0,14}(?:폭력|맞고|맞는|때[리려])",
    "의심": r"의심|수상|거짓말|(?:다른|딴) ?(?:여자|남자|사람)\S* ?.{0,12}(?:있|만나|봤|연락|톡)",
    "바람": r"바람(?:을|이)? ?[피핀폈났]|외도|양다리|불륜",
    "내 바람": r"(?:제가|내가|저도) ?.{0,16}(?:(?:다른|딴) ?사람을 ?만|바람|흔들려서)",
    "윗사람": r"(?:상사|사수|팀장|부장|과장|사장|대표|선임|교수)\S* ?.{0,24}(?:단둘|밥|저녁|관심|톡|메시지|"
    r"연락|불이익|고백)",
    "나만 애씀": r"(?:나만|저만|혼자만) ?(?:써|쓰|가[요는고]|노력|애[쓰써]|맞추|움직)",
    "또 빌림": r"(?:또|벌써|번째).{0,12}(?:빌려|300)|빌려.{0,12}(?:또|벌써|번째)",
    "글로 통보": r"(?:문자|카톡|톡|전화)로 ?.{0,8}(?:이별|헤어|통보)|(?:통보|이별)\S* ?(?:문자|카톡|톡)",
    "용서": r"용서|실수였",
    "환승": r"환승",
    "애인의 옛 사람": r"(?:(?<!전)(?:남친|여친|애인|남편|아내)|그 ?사람)[이가은는]? ?.{0,14}전(?:남친|여친|"
    r"애인|남편|아내)",
    "연락": r"(?:연락|답장|카톡|톡|문자|전화)\S* ?.{0,12}(?:뜸|줄[었어]|안 ?[하해와받]|없|늦|느[리려]|드문|"
    r"올까|짧|귀찮|씹|한두 ?번|두 ?번|읽)|읽씹|먼저 ?연락|하루에 ?(?:문자|톡|카톡|연락|전화)\S* ?(?:하나|한|"
    r"두)|(?:카톡|톡|답장|연락) ?(?:하루|이틀|한참)",
    "잠수": r"잠수|동굴|입 ?닫|두절|(?:연락|소식)\S* ?(?:뚝 ?)?끊|(?<!안 )(?<!렘이 )(?<!음이 )사라[졌져]",
    "이별 고민": r"헤어져야|헤어지자고 ?(?:말|해야|할까)|헤어지는 ?[게것]|(?<!또 )헤어질(?:까요|지|"
    r"까 ?(?:고민|말|생각|하))|그만 ?(?:만나야|만날|둬야|둘까|할까|해야)|정리해야|정리할|끝내[야려는]|놓아야|"
    r"놓아줘야|만나야 ?할|계속 ?만나|계속해야",
    "통보": r"통보|헤어지자고 ?(?:했|하더|하네|합니다|해요|그래|하고)|헤어지[재쟤]|그만 ?만나[자재]|차였|차인",
    "홧김의 이별": r"(?:마다|면 ?(?:꼭|늘|항상|맨날)) ?.{0,14}헤어지자",
    "고백을 거절당함": r"고백\S* ?.{0,14}(?:차였|차인|거절|까였)",
    "고백": r"고백",
    "회사": r"사내|부장|사장님|대표님|상사|사수|팀장|과장|대리님|옆자리|입사 ?동기|"
    r"(?:같은|우리|저희) ?(?:회사|직장|팀|부서)|"
    r"(?:회사|직장) ?(?:사람|동[기료]|선배|후배|오빠|언니|누나|형)",
    "옛 사람의 연락": r"(?:연락|문자|카톡|톡|전화|디엠|메시지|디엠)\S* ?.{0,6}(?:왔|와서|와요|오[네더]|받았|"
    r"받아|했더|해 ?왔)|자니|잘 ?지내[냐니]",
    "다시 잡고 싶다": r"연락\S* ?(?:하고 ?싶|해 ?봐도|해 ?보고|해 ?볼까|먼저 ?해)|붙잡|잡고 ?싶|재회|"
    r"다시 ?만나고 ?싶|다시 ?(?:시작|사귀)고? ?[하싶]|돌아가고 ?싶",
    "다시 만남": r"또 ?(?:헤어|상처)|같은 ?이유|다시 ?만나(?!고 ?싶)|재결합|다시 ?시작하[자재]",
    "못 잊음": r"(?:못|안) ?잊|잊[을어히혀]|잊고 ?싶|잊는|생각나|생각이 ?나|그리[워운]|미련|프사|SNS|인스타|"
    r"(?<!전)남친 ?흔적",
    "이별의 아픔": r"(?:헤어졌|헤어져서|헤어지고|이별)\S* ?.{0,24}(?:힘들|아프|아파|못 ?하겠|눈물|울|괴로|"
    r"어떡|견디|죽)",
    "권태": r"권태|설레지|설렘\S* ?(?:없|사라|줄|안)|질[렸린]|식[었은]|할 ?말이 ?없|가족 ?같|편하기만|무덤덤",
    "장거리": r"장거리|롱디|해외|유학|군대|발령|주말 ?부부|멀리 ?(?:떨어|살|있)|시차",
    "좋아하는 사람": r"짝사랑|짝남|짝녀|혼자 ?(?:좋아|설레)|좋아하는 ?(?:사람|오빠|누나|언니|애|남자|여자|"
    r"선배|후배)|좋아하게 ?됐|좋아졌|(?:사람|선배|후배|동료|오빠|누나)[을를] ?(?:\S+ ){0,2}좋아(?:해요|하는|"
    r"해)|마음이 ?(?:가요|생겼|가는|커)",
    "친구와 한 사람": r"(?:친구|절친|베프)(?:랑|와|도|가|의|를) ?.{0,12}(?:같은 ?(?:사람|남자|여자)|"
    r"좋아[하한해]|사귀|전(?:남친|여친)|관심)|친구를 ?좋아",
    "나이 차": r"살 ?(?:차이|연상|연하|많|어리|어린|위|아래|더)|연상|연하|나이 ?차|나이가 ?(?:많|어리|걸)|"
    r"띠동갑",
    "결혼을 미룸": r"결혼\S* ?.{0,18}(?:피[해하]|미[루뤄]|말을 ?돌|돌[려리]|나중|생각\S* ?없|안 ?꺼|부담|아직|"
    r"비혼|때가 ?되면)",
    "결혼 준비": r"(?:결혼|예식|식) ?준비|파혼|혼수|예단",
    "결혼의 확신": r"확신|(?:결혼|상견례|식장|청혼|프러?[로포]포?즈|예비|날짜)\S* ?[^돈]{0,24}(?:맞는지|맞나|"
    r"맞을까|불안|망설|두[려렵]|무서|겁|눈물)",
    "결혼할까": r"결혼\S* ?(?:꼭 ?)?(?:해야|하면|할까|안 ?하면|해도)|결혼하[래라]",
    "말 없는 사이": r"대화\S* ?(?:없|줄|안|끊|단절)|(?<!는 )말이 ?없[어는이]|말을 ?(?:안|거의)|남처럼|남 ?같|"
    r"남남|투명 ?인간",
    "시댁": r"시댁|시[어]?머니|시부모|시누|장모|처가|시아버지|고부",
    "아이": r"육아|아이[는를가랑 ]|(?<![가-힣])애[는를]|독박|임신",
    "부모의 반대": r"(?:부모|엄마|아빠|(?<!시)어머니|아버지|집안|집에서|가족)\S* ?.{0,24}(?:반대|싫어|"
    r"헤어지라|헤어지래|만나지|안 ?된|못마땅|탐탁|무시|허락|별로)",
    "돈을 빌림": r"빌려|빌린|빌렸|꿔[달 줬]",
    "빚": r"빚|대출|카드값",
    "데이트 비용": r"데이트 ?비용|밥값|(?:계산|돈)[을은도]? ?.{0,8}(?:제가|나만|저만|다) ?(?:다 ?)?[내냈]|"
    r"더치|(?:나만|저만|제가) ?(?:다 ?)?(?:내요|계산)",
    "돈": r"돈 ?(?:때문|문제|쓰|관리|씀|얘기|이야기|을 ?너무|으로)|씀씀이|소비|낭비|명품|저축|지출|충동구매|"
    r"벌어|연봉",
    "자존감": r"자존감|자신감|작아[지져]|못났|못생|사랑받(?:을|지)|위축|열등|주눅|초라|비교|자격지심",
    "눈치": r"눈치[를만 ]|을이|매달[려리린]|맞춰 ?주기만",
    "외모": r"외모|살 ?[빼쪘]|못생|뚱뚱|예뻐",
    "외로움": r"(?<!해)외로",
    "첫 데이트": r"첫 ?(?:데이트|만남)",
    "데이트가 지루함": r"(?:데이트|만나면|만나서|주말)\S* ?.{0,20}(?:지루|똑같|뻔|재미없|재미가|심심)|"
    r"집데이트|맨날 ?(?:카페|집|밥)",
    "소개팅": r"소개팅|맞선|선 ?[봤보자]|소개 ?받",
    "싸움": r"싸[우워움웠]|다[퉈투퉜툼]",
    "표현": r"표현|무뚝뚝|사랑한다는|애정.{0,6}(?:없|부족)|사랑받는 ?(?:느낌|기분)|다정한 ?말",
    "성격": r"성격|안 ?맞[아는]|MBTI|계획형|즉흥|가치관",
    "약속": r"약속.{0,10}(?:늦|취소|안 ?지)|지각",
    "썸": r"썸|사귀자는 ?말|무슨 ?사이|사귀는 ?(?:건지|사이인)|밀당",
    "비밀 연애": r"비밀|몰래 ?(?:사귀|만나)|들킬|들키",
    "처음": r"모태|한 ?번도 ?.{0,6}(?:연애|사귀)|연애\S* ?한 ?번도|연애 ?경험",
    "임자 있는 사람": r"(?:좋아하|마음|짝사랑|짝남|짝녀).{0,24}(?:애인|여친|남친)[이가]? ?(?:있|생)|(?:애인|"
    r"여친|남친) ?있[는대다더]|임자|유부",
    "다른 사람에게 끌림": r"(?:다른|딴) ?사람\S* ?.{0,6}(?:눈에|끌|설레|좋아[지졌져]|신경)",
    "게임": r"게임",
    "술": r"술[을 이만]|취해서|취하면",
    "이혼": r"이혼",
    "종교": r"종교|교회",
    "차단": r"차단",
    "학벌": r"학벌|직업 ?때문|직업이",
}  # fmt: skip
_PATTERNS = {name: re.compile(words) for name, words in _MATTERS.items()}

DANGERS = frozenset({"폭력", "통제", "스토킹"})
"""Who tells of these is answered about safety or not at all."""

_BOTH_WAYS = frozenset(
    {
        "남의 위험",
        "내 바람",
        "고백을 받음",
        "고백을 거절당함",
        "헤어짐",
        "애인의 옛 사람",
        "임자 있는 사람",
        "찾아가기",
        "윗사람",
        "환승",
    }
)
"""They turn a case around: an answer that does not know of them is about somebody else's."""
_EARLY = frozenset({"썸", "좋아하는 사람", "소개팅"})
_ALSO_EARLY = frozenset({"고백", "연락", "자존감", "외로움", "처음", "눈치", "첫 데이트", "잠수", "회사"})
"""What may be answered alike to a couple and to two who are not one yet."""

_VAGUE = frozenset({"외로움", "이별의 아픔", "회사"})
"""They go along with anything, and are mostly not what is asked."""

_ASKED, _TITLED, _HURTING, _TOLD = 3.0, 2.0, 1.5, 1.0
_SAID_AGAIN = 0.3


def matters_of(text: str) -> frozenset[str]:
    """The matters that the whole text tells of."""
    return frozenset(weighed(text))


def weighed(text: str, title: str = "") -> Mapping[str, float]:
    """The matters of a text and how much each weighs: by the weightiest sentence that tells of it (one that asks, the
    title, one that hurts, any other) and a little for each further one."""
    found: dict[str, list[float]] = {}
    told = sentences(text)
    whole = plain(f"{title}. {text}" if title else text)
    if title:
        for name in _named(title):
            found.setdefault(name, []).append(_TITLED)
    for i, sentence in enumerate(told):
        asks = "?" in sentence or (i == len(told) - 1 and _WONDERS.search(sentence))
        weight = _ASKED if asks else _HURTING if hurts(sentence) else _TOLD
        for name in _named(sentence):
            found.setdefault(name, []).append(weight)
    weights = {name: max(ws) + _SAID_AGAIN * (len(ws) - 1) for name, ws in found.items()}
    for name in _VAGUE & weights.keys():
        weights[name] /= 2
    return _cleared(weights, whole)


def words_of(text: str) -> tuple[str, ...]:
    """The very words by which a text tells of its matters."""
    words = plain(text)
    return tuple(found[0] for pattern in _PATTERNS.values() for found in pattern.finditer(words))


_WONDERS = re.compile(r"까요|나요|을까|할까|될까|어떡|어쩌|어떻게|모르겠|싶어|무서워")
_KNOWN = re.compile(
    r"바람(?:을|이)? ?(?:피웠|피워서|폈|났|피운 ?(?:걸|사실|사람|것을))|외도(?:를|한)|"
    r"양다리(?:였|를)|들켰|걸렸|실수였|용서"
)
_FORMER = re.compile(r"(?<![가-힣])전(?:남친|여친|애인|남편|아내)|헤어진 ?(?:사람|남친|여친|애인|지)|헤어졌")
_PARTED_NOW = re.compile(r"헤어진|헤어졌|이별했|이별 ?(?:통보|후|뒤)|(?<![가-힣])전(?:남친|여친|애인)")


def _named(sentence: str) -> list[str]:
    words = plain(sentence)
    return [name for name, pattern in _PATTERNS.items() if pattern.search(words)]


def _cleared(weights: dict[str, float], whole: str) -> Mapping[str, float]:
    """The matters less those which another one explains, and with those that only the whole text shows."""

    def instead(name: str, *others: str) -> None:
        gone = [weights.pop(other, 0.0) for other in others]
        weights[name] = max(weights.get(name, _TOLD), *gone)

    if is_confessed_to(whole) and "고백" in weights:
        instead("고백을 받음", "고백", "친구와 한 사람", "고백을 거절당함")
    elif "고백을 거절당함" in weights:
        instead("고백을 거절당함", "고백", "통보")
    if "내 바람" in weights:
        instead("내 바람", "바람", "의심")
    elif "바람" in weights:
        if _KNOWN.search(whole):
            instead("바람", "바람")
            if not re.search(r"의심", whole):
                weights.pop("의심", None)
        else:
            instead("의심", "바람")
    if "애인의 옛 사람" in weights:
        instead("애인의 옛 사람", "다시 잡고 싶다", "옛 사람의 연락", "의심")
    elif "고백을 거절당함" not in weights and (has_parted(whole) or _PARTED_NOW.search(whole)):
        weights["헤어짐"] = _TOLD
    if not (_FORMER.search(whole) and "애인의 옛 사람" not in weights):
        weights.pop("옛 사람의 연락", None)
    elif "옛 사람의 연락" in weights:
        weights.pop("연락", None)
    if "잠수" in weights:
        instead("잠수", "연락")
    if "홧김의 이별" in weights:
        instead("홧김의 이별", "통보")
    elif weights.keys() & {"통보", "다시 잡고 싶다", "다시 만남"} and "애인의 옛 사람" not in weights:
        weights["헤어짐"] = _TOLD
    if is_married(whole) or re.search(r"부부(?! ?상담)", whole):
        weights["부부"] = _TOLD
    if "남의 위험" in weights:
        weights.pop("폭력", None)
    return weights


def goes_astray(matters: frozenset[str], told: frozenset[str]) -> bool:
    """Whether an answer on these matters passes over a danger that was told, or is about a case turned around."""
    if told & DANGERS and not matters & DANGERS:
        return True
    if (told ^ matters) & _BOTH_WAYS:
        return True
    if (matters & DANGERS) - told:
        return True
    return bool(told & _EARLY) and "헤어짐" not in told and not matters & (_EARLY | _ALSO_EARLY | DANGERS)


def taken_up(matters: frozenset[str], weights: Mapping[str, float]) -> float:
    """How much of a text an answer on these matters takes up, 0-1 of the text's weight; 0 when the answer is about
    anything that the text does not tell of, passes over a danger, or leaves the weightiest matters aside."""
    told = frozenset(weights)
    if not matters or not matters <= told:
        return 0.0
    if goes_astray(matters, told):
        return 0.0
    if told & DANGERS:
        return 1.0
    asked = {name: weight for name, weight in weights.items() if name not in _FRAMES}
    if asked and max((asked.get(name, 0.0) for name in matters), default=0.0) < LEADING * max(asked.values()):
        return 0.0
    total = sum(asked.values()) or 1.0
    return sum(asked.get(name, 0.0) for name in matters) / total


_FRAMES = frozenset({"헤어짐", "부부"})
LEADING = 0.6
"""Of the weightiest matter's weight: an answer takes up one that weighs at least so much."""
