import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_pack import MINA, dialogue, pack, recall

from persona_actor.request import Line
from persona_actor.voices import Ask, Recalled
from persona_actor.voices.builtin import MAX_PIECE_CHARS, BuiltinVoice, choose, counsel_on, pieces
from persona_actor.voices.fallback import every_answer, fallback, heard, unsure
from personas import load_packs
from personas.pack import Mode

PACK = pack()


def ask(text: str, mode: Mode = "counsel", *, nick: str = "하늘", seed: int = 0, index: int = 0) -> Ask:
    return Ask(PACK, mode, Line("a", nick, text) if text else None, index, seed, "fence")


def recalled(a: Ask) -> Recalled:
    memory = recall(PACK)
    return Recalled(memory.nearest(MINA, a.line.text, 8) if a.line else (), memory.of_mode(MINA, a.mode))


def chosen(a: Ask) -> str:
    return choose(a, recalled(a)).id


def test_the_nearest_of_the_personas_dialogues_is_spoken_to_the_viewer_by_name() -> None:
    a = ask("썸남 답장 느려요")
    draft = BuiltinVoice().compose(a, recalled(a))
    assert draft.text == "우리 하늘님, 기다림은 길죠. 물어보세요."
    assert draft.signals == ("sad", "smile")


def test_the_same_turn_is_spoken_alike_and_another_turn_may_differ() -> None:
    answers = [chosen(ask("안녕하세요", "greeting", seed=seed)) for seed in range(4)]
    assert answers == [chosen(ask("안녕하세요", "greeting", seed=seed)) for seed in range(4)]
    assert {chosen(ask("어서요", "greeting", seed=seed)) for seed in range(4)} == {"m-4", "m-5"}


def test_two_greetings_in_one_turn_get_two_answers() -> None:
    assert chosen(ask("반가워", "greeting", index=0)) != chosen(ask("반가워", "greeting", index=1))


def test_the_persona_opens_the_show_with_words_of_its_own() -> None:
    assert chosen(ask("", "opening")) == "m-6"


def test_when_nothing_is_near_the_persona_says_so() -> None:
    assert chosen(ask("양자역학이 뭐예요")).startswith("fallback-")


def test_a_mode_without_dialogues_falls_back() -> None:
    assert chosen(ask("", "closing")).startswith("fallback-")


def test_what_was_not_asked_is_not_declined() -> None:
    assert chosen(ask("추천 영화 하나만")).startswith("fallback-")
    assert chosen(ask("주식 종목 추천")) == "m-8"


@given(st.text("가나다 .\n", max_size=80))
def test_pieces_joined_are_the_text_and_none_is_long_or_empty(text: str) -> None:
    parts = list(pieces(text))
    assert "".join(parts) == text
    assert all(1 <= len(part) <= MAX_PIECE_CHARS for part in parts)


def test_pieces_are_cut_at_blanks_where_there_are_any() -> None:
    assert list(pieces("나는 오늘 갔어요 안녕하십니까요")) == ["나는 오늘 ", "갔어요 ", "안녕하십니까", "요"]


@pytest.mark.parametrize("line", ["오늘도 왔어요 ㅎㅎ", "야근하면서 듣는 중"])
def test_a_line_that_asks_nothing_gets_a_few_friendly_words(line: str) -> None:
    assert chosen(ask(line)).startswith("heard-")


@pytest.mark.parametrize("line", ["너무 외로워요", "다 끝내고 싶다 ㅠㅠ", "연애를 한 번도 못 해 봤어요"])
def test_a_line_that_hurts_is_never_brushed_off(line: str) -> None:
    assert chosen(ask(line)).startswith("fallback-")


@pytest.mark.parametrize("persona", ["hong-sehyeon", "oh-yul", "kim-chungi", "kang-sihyeon"])
def test_no_fallback_breaks_the_taboos_of_its_persona(persona: str) -> None:
    real = load_packs()[persona]  # type: ignore[index]
    for seed in range(4):
        for dialogue_ in (fallback(real, seed), heard(real, seed), unsure(real, seed)):
            assert dialogue_.answer in every_answer(real)
            assert not [word for word in real.taboo_words if word in dialogue_.answer]


def test_each_manner_of_speaking_has_a_fallback_of_its_own() -> None:
    manners = [pack(), pack(directness=4), pack(directness=5), pack(speech_level="casual")]
    assert len({fallback(p, 0).answer for p in manners}) == 4


def test_a_lone_dialogue_is_chosen_whatever_the_seed() -> None:
    only = dialogue("o-1", "idle", "", "조용해요.")
    a = Ask(pack([only]), "idle", None, 3, 12345, "fence")
    assert choose(a, Recalled((), (only,))) == only


def test_a_story_is_not_answered_with_a_greeting() -> None:
    greeting = dialogue("g-1", "greeting", "저녁 먹고 왔어요", "어서 오세요.")
    a = ask("저녁 먹고 체했어요")
    hits = recall(pack([greeting])).nearest(MINA, "저녁 먹고 체했어요", 8)
    assert hits
    assert choose(a, Recalled(hits, ())).mode != "greeting"


def test_a_longer_question_about_something_else_is_not_near() -> None:
    story = dialogue(
        "s-1", "counsel", "상사가 자꾸 단둘이 밥 먹자고 하는데 호감일까요", "글쎄요.", topic="직장연애"
    )
    hits = recall(pack([story])).nearest(MINA, "밥", 8)
    assert hits[0].covered == 1.0
    assert choose(ask("밥 뭐 먹죠"), Recalled(hits, ())).id.startswith("fallback-")


TRAIN = dialogue(
    "t-1", "counsel", "장거리인데 기차 타고 2년째 저만 가요", "기차를 두 해나 혼자요.", topic="장거리"
)
MOON = dialogue("t-2", "counsel", "장거리라서 자꾸 외로워요", "멀면 달도 멀죠.", topic="장거리")


def test_an_answer_that_counts_what_the_viewer_never_counted_is_not_spoken() -> None:
    hits = recall(pack([TRAIN])).nearest(MINA, "장거리인데 기차 타고 저만 가요", 8)
    assert hits[0].presumes_a_number
    assert choose(ask("장거리인데 기차 타고 저만 가요"), Recalled(hits, ())).id.startswith("fallback-")
    told = "장거리인데 기차 타고 2년째 저만 가요"
    assert choose(ask(told), Recalled(recall(pack([TRAIN])).nearest(MINA, told, 8), ())) == TRAIN


def test_of_near_dialogues_the_one_that_presumes_least_is_spoken() -> None:
    text = "장거리 자꾸 외로워요"
    hits = recall(pack([TRAIN, MOON])).nearest(MINA, text, 8)
    assert choose(ask(text), Recalled(hits, ())) == MOON


@pytest.mark.parametrize("persona", ["hong-sehyeon", "oh-yul", "kim-chungi", "kang-sihyeon"])
def test_small_talk_is_no_answer_to_who_names_a_partner(persona: str) -> None:
    real = load_packs()[persona]  # type: ignore[index]
    small = next(d for d in real.dialogues if d.mode == "small_talk" and d.question)
    text = f"남편 {small.question}"
    hits = recall(pack([small])).nearest(MINA, text, 8)
    assert hits
    assert choose(ask(text), Recalled(hits, ())).mode != "small_talk"


IDLE = [
    dialogue(f"i-{i}", "idle", "", f"우리 {{nick}}님, {word} 이야기예요.") for i, word in enumerate("비눈꽃")
]


def test_idle_talk_never_says_what_was_said_and_ends_with_nothing_new() -> None:
    own, said = pack(IDLE), []
    for _ in IDLE:
        a = Ask(own, "idle", None, 0, 7, "fence", said=tuple(said))
        said.append(BuiltinVoice().compose(a, Recalled((), tuple(IDLE))).text)
    assert sorted(said) == [f"우리 사연자님, {word} 이야기예요." for word in "꽃눈비"]
    last = Ask(own, "idle", None, 0, 7, "fence", said=tuple(said))
    assert BuiltinVoice().compose(last, Recalled((), tuple(IDLE))).text == ""


def test_what_is_known_is_not_answered_as_a_suspicion() -> None:
    doubt = dialogue("b-1", "counsel", "남편이 바람피우는 것 같아요", "아직은 느낌이죠.", topic="바람")
    fact = dialogue("b-2", "counsel", "남편이 바람을 피웠어요", "많이 아프죠.", topic="바람")
    own = pack([doubt, fact])
    for text, answer in (("남편이 바람을 피웠어요", fact), ("남편이 바람피우는 것 같아요", doubt)):
        a = Ask(own, "panel", Line("a", "", text), 0, 0, "fence")
        hits = recall(own).nearest(MINA, text, 8, told=text)
        assert counsel_on(a, Recalled(hits, text=text)) == answer


def test_a_married_teller_is_not_asked_whether_to_marry() -> None:
    wed = dialogue("w-1", "counsel", "결혼 꼭 해야 할까요", "천천히요.", topic="결혼")
    own = pack([wed])
    a = Ask(own, "story", Line("a", "", "결혼한 지 7년 됐어요"), 0, 0, "fence")
    hits = recall(own).nearest(MINA, "결혼 꼭", 8)
    assert hits
    assert counsel_on(a, Recalled(hits, text="결혼한 지 7년 됐어요 이혼 이별")).id.startswith("unsure-")
