"""Owns what a persona says honestly when none of its dialogues is near. Pure.

By manner of speaking (speech level, directness), so that a new pack has its own from the start. The decline
dialogues of a pack do not serve here: each refuses one particular thing.
"""

from personas.pack import Dialogue, Pack

_SIGNALS = ("think", "nod", "smile")

_GENTLE = (
    "들려주신 이야기는 제가 아직 겪어 보지 못한 계절이라, 아는 척 말씀드리고 싶지 않아요. "
    "우리 {nick}님 마음이 언제부터 그랬는지, 어떤 순간이 제일 무거웠는지 조금만 더 들려주실래요. "
    "천천히 하셔도 저는 여기 있을게요.",
    "그 마음에 꼭 맞는 말을 지금 제가 갖고 있지 않네요. "
    "서툰 말로 덮어 두기보다, 우리 {nick}님 이야기를 한 걸음 더 듣고 싶어요. "
    "편하실 때 조금만 더 풀어 주시면 가만히 함께 들여다볼게요.",
)
_CALM = (
    "그 이야기에는 제가 준비해 둔 생각이 없어요, 이럴 때 아는 척하면 꼭 탈이 나죠. "
    "여러분께 무슨 일이 있었고 무엇을 바라시는지 한 줄만 더 적어 주시면 같이 나눠 볼 수 있어요. "
    "서두를 일은 아니죠.",
    "솔직히 말씀드리면 지금 그 질문에는 제 답이 비어 있어요. "
    "빈 서랍을 열어 놓고 있는 척하면 안 되죠. "
    "여러분 상황을 조금만 더 들려주시면 거기서부터 정리해 보죠.",
)
_DRY = (
    "그 건에 대해서는 제가 가진 답이 없습니다. "
    "없는 답을 지어내는 건 본인에게 도움이 되지 않습니다. "
    "상황과 선택지를 한 줄로 정리해서 다시 주시면 거기까지는 보겠습니다.",
    "모르는 건 모른다고 하겠습니다. "
    "지금 내용만으로는 판단할 근거가 없습니다. "
    "본인이 무엇을 정하려는지 알려 주시면 그 부분만 말하겠습니다.",
)
_CASUAL = (
    "앗, 그건 나 아직 할 말이 없어! "
    "아는 척하는 거 제일 별로잖아. "
    "무슨 일이 있었는지 한 줄만 더 풀어 줘, 우리 거기서부터 가자!",
    "솔직히 말할게, 그 얘기는 나 지금 딱 떠오르는 게 없어! "
    "대충 때우는 건 네 편이 할 일이 아니잖아. "
    "조금만 더 자세히 들려줘, 우리 같이 보자!",
)


_HEARD_GENTLE = (
    "우리 {nick}님 말씀이 창문을 두드리는 빗소리처럼 반갑게 들렸어요. 편한 자리에 앉아 천천히 쉬다 가세요.",
    "그 한 줄 안에 오늘 하루가 조금 담겨 있는 것 같아요. 우리 {nick}님, 여기서는 잠깐 숨을 고르고 가셔요.",
    "조용히 건네주신 말을 두 손으로 잘 받았어요. 우리 {nick}님이 곁에 계시니 방이 한결 따뜻해지네요.",
    "이렇게 함께 있어 주시니 밤이 덜 길어요. 우리 {nick}님 이야기는 마음이 내키실 때 들려주세요.",
)
_HEARD_CALM = (
    "네, 여러분 목소리가 잘 들리죠. 저는 말을 아끼는 중이고 커피는 못 아끼는 중입니다.",
    "그런 한 줄이 방송을 굴러가게 하죠. 여러분이 말을 걸어 주시면 저는 원고 핑계를 하나 잃습니다.",
    "같이 앉아 있는 것도 대화죠. 여러분은 편히 듣고 계시면 됩니다.",
    "여러분 사는 소리가 들려서 좋네요, 제 방에는 키보드 소리밖에 없거든요. 하실 말씀이 생기면 그때 적어 주시죠.",
)
_HEARD_DRY = (
    "확인했습니다. 본인이 꺼내고 싶은 얘기가 생기면 그때 적으면 됩니다.",
    "듣는 쪽도 참여입니다. 본인 속도로 있으면 됩니다.",
    "읽었습니다. 정할 일이 생기면 본인 상황을 한 줄로 주십시오. 그 전까지는 듣기만 해도 됩니다.",
    "답이 필요한 문장은 아니라서 길게 말하지 않겠습니다. 본인 이야기가 나오면 그때 보겠습니다.",
)
_HEARD_CASUAL = (
    "오, 너 오니까 방 온도 3도 올라갔어! 옆자리 비워 놨으니까 편하게 앉아.",
    "들었어 들었어, 우리 이런 얘기 하려고 모인 거잖아! 더 풀고 싶으면 바로 던져 줘.",
    "너 거기 있는 거 다 보여, 완전 든든해! 할 말 생기면 담아 두지 말고 적어 줘.",
    "아 이 텐션 좋아, 우리 오늘 오래 떠들자! 너 심심하면 나한테 먼저 말 걸어.",
)


def fallback(pack: Pack, seed: int) -> Dialogue:
    """An honest "I have no answer to that", in the persona's manner. The same seed gives the same one."""
    texts = _by_manner(pack, _GENTLE, _CALM, _DRY, _CASUAL)
    i = seed % len(texts)
    return Dialogue(f"fallback-{i}", "거절", "decline", "", texts[i], _SIGNALS)


_UNSURE_GENTLE = (
    "이 사연에 꼭 맞는 말을 아직 제가 찾지 못했어요. 서툰 위로로 덮기보다 우리 {nick}님 마음을 조금 더 오래 들여다보고 "
    "싶어요. 함께 듣고 계신 분들의 따뜻한 한 줄을 먼저 기다려 볼게요, 그 곁에 우리 {nick}님이 쉬어 가시면 좋겠어요.",
)
_UNSURE_CALM = (
    "이 사연 앞에서는 제 서랍이 비어 있죠. 짐작으로 채우면 그건 여러분 이야기가 아니라 제 소설이 됩니다. "
    "비슷한 길을 걸어 본 분이 계시면 채팅에 한 줄 놓아 주시죠, 저는 거기서부터 같이 펴 보겠습니다.",
)
_UNSURE_DRY = (
    "이 건에는 제가 가진 답이 없습니다. 적힌 사실만으로 단정하면 본인에게 손해입니다. "
    "있는 것은 사실이고 없는 것은 근거입니다. 근거가 생기면 그때 말하겠습니다.",
)
_UNSURE_CASUAL = (
    "솔직히 이건 나 섣불리 훈수 못 두겠어! 대충 아무 말 던지는 건 네 편이 할 짓이 아니잖아. "
    "일단 너 여기까지 얘기해 준 거 백점이고, 우리 채팅창 지혜부터 모아 보자!",
)


def unsure(pack: Pack, seed: int) -> Dialogue:
    """An honest "I have no counsel on this story", in the persona's manner: it asks the teller for no more."""
    texts = _by_manner(pack, _UNSURE_GENTLE, _UNSURE_CALM, _UNSURE_DRY, _UNSURE_CASUAL)
    i = seed % len(texts)
    return Dialogue(f"unsure-{i}", "거절", "decline", "", texts[i], _SIGNALS)


def heard(pack: Pack, seed: int) -> Dialogue:
    """A few words for a line that asks nothing, in the persona's manner. The same seed gives the same ones."""
    texts = _by_manner(pack, _HEARD_GENTLE, _HEARD_CALM, _HEARD_DRY, _HEARD_CASUAL)
    i = seed % len(texts)
    return Dialogue(f"heard-{i}", "잡담", "small_talk", "", texts[i], ("nod", "smile"))


def every_answer(pack: Pack) -> list[str]:
    """All that this module may say for the persona."""
    return [
        *_by_manner(pack, _GENTLE, _CALM, _DRY, _CASUAL),
        *_by_manner(pack, _UNSURE_GENTLE, _UNSURE_CALM, _UNSURE_DRY, _UNSURE_CASUAL),
        *_by_manner(pack, _HEARD_GENTLE, _HEARD_CALM, _HEARD_DRY, _HEARD_CASUAL),
    ]


def _by_manner(
    pack: Pack,
    gentle: tuple[str, ...],
    calm: tuple[str, ...],
    dry: tuple[str, ...],
    casual: tuple[str, ...],
) -> tuple[str, ...]:
    if pack.speech_level == "casual":
        return casual
    if pack.directness >= 5:
        return dry
    return calm if pack.directness >= 3 else gentle
