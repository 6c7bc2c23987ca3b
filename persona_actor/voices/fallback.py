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


def fallback(pack: Pack, seed: int) -> Dialogue:
    """An honest "I have no answer to that", in the persona's manner. The same seed gives the same one."""
    texts = _texts(pack)
    i = seed % len(texts)
    return Dialogue(f"fallback-{i}", "거절", "decline", "", texts[i], _SIGNALS)


def _texts(pack: Pack) -> tuple[str, ...]:
    if pack.speech_level == "casual":
        return _CASUAL
    if pack.directness >= 5:
        return _DRY
    return _CALM if pack.directness >= 3 else _GENTLE
