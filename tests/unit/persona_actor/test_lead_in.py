"""What the built-in voice says of stories, in panels, of results and of memories: with a small pack, by example."""

from typing import Any

from small_pack import MINA, dialogue, pack, recall

from persona_actor.express import count_sentences, scripted
from persona_actor.reading import telling
from persona_actor.request import Line, View
from persona_actor.voices import Ask, Draft, Recalled
from persona_actor.voices.builtin import BuiltinVoice
from personas.pack import Dialogue, Mode
from store.ids import PersonaId

WITH_TITLE = dialogue(
    "s-1",
    "story",
    "",
    "제목은 ‘{title}’. 읽어 볼게요. {quotes} 고마워요, 우리 {nick}님.",
    ("smile", "nod", "sad"),
)
WITHOUT_TITLE = dialogue("s-2", "story", "", "읽어 볼게요. {quotes} 고마워요.")
FIRST = dialogue("p-1", "panel", "", "제가 먼저 할게요.", ("shy",))
NEXT = dialogue("p-2", "panel", "", "{former}님 말씀 잘 들었어요.", ("nod",))
POINT = dialogue("p-3", "panel", "", "{former}님은 {point}라고 하셨죠.", ("think",))
REACTION = dialogue("r-1", "reaction", "", "{former}은 참 밝으세요.", ("laugh",))
RESULT = dialogue("v-1", "result", "", "열어 볼게요. {result} 고마워요.", ("smile", "neutral", "nod"))
RECALL = dialogue("k-1", "recall", "", "전에 {memory} 하셨죠.", ("think",))
COUNSEL = dialogue(
    "c-1", "counsel", "장거리 외로워요", "우리 {nick}님, 멀죠. 쉬세요.", ("sad", "nod"), "장거리"
)
WELCOME = dialogue("g-1", "greeting", "안녕하세요 처음 왔어요", "처음 뵙네요.", ("smile",))
ALL = (WITH_TITLE, WITHOUT_TITLE, FIRST, NEXT, POINT, REACTION, RESULT, RECALL, COUNSEL, WELCOME)

STORY = Line("s", "하늘", "남친이랑 장거리 연애 중이에요. 너무 외로워요.", "기차표")
SUN = View(PersonaId("sun"), "해", "먼저 할게요. 갑니다. 멀리 있어도 같은 달을 봐요. 표를 끊어요. 끝이에요.")
MOON = View(PersonaId("moon"), "달", "네.")


def drafted(mode: Mode, line: Line, *views: View, seed: int = 0, kin: tuple[Dialogue, ...] = ALL) -> Draft:
    one = pack(kin)
    memory = recall(one)
    ask = Ask(one, mode, line, 0, seed, "fence", views=views)
    found: dict[str, Any] = {
        "text": line.text,
        "hits": memory.nearest(MINA, "장거리 외로워요", 8),
        "kin": memory.of_mode(MINA, mode),
        "quotes": telling(line.text),
        "readings": memory.of_mode(MINA, "story"),
        "memories": line.memory,
        "reminders": memory.of_mode(MINA, "recall"),
    }
    return BuiltinVoice().compose(ask, Recalled(**found))


def test_a_story_is_read_with_its_title_its_own_sentences_and_counsel() -> None:
    draft = drafted("story", STORY)
    assert draft.text == (
        "제목은 ‘기차표’. 읽어 볼게요. “남친이랑 장거리 연애 중이에요”. “너무 외로워요”. 고마워요, 우리 하늘님. "
        "우리 하늘님, 멀죠. 쉬세요."
    )
    assert draft.signals == ("smile", "nod", "think", "think", "sad", "sad", "nod")
    assert draft.more_chars == len(draft.text)  # what is read is never cut


def test_a_story_without_a_title_is_read_without_one() -> None:
    assert drafted("story", Line("s", "", STORY.text)).text.startswith("읽어 볼게요. “남친이랑")


def test_a_story_of_which_nothing_can_be_read_gets_counsel_alone() -> None:
    assert "읽어" not in drafted("story", Line("s", "하늘", "😢😢", "기차표")).text


def test_the_first_of_a_panel_reads_the_story_and_names_nobody() -> None:
    text = drafted("panel", STORY).text
    assert text.startswith("제목은 ‘기차표’. 읽어 볼게요. “남친이랑")
    assert "제가 먼저 할게요." in text
    assert text.endswith("멀죠. 쉬세요.")


def test_a_later_one_takes_up_the_last_speaker_and_does_not_read_again() -> None:
    said = {drafted("panel", STORY, MOON, SUN, seed=seed).text for seed in range(4)}
    assert said == {
        "해님 말씀 잘 들었어요. 우리 하늘님, 멀죠. 쉬세요.",
        "해님은 “멀리 있어도 같은 달을 봐요”라고 하셨죠. 우리 하늘님, 멀죠. 쉬세요.",
    }


def test_a_view_without_a_point_is_taken_up_without_one() -> None:
    assert {drafted("panel", STORY, MOON, seed=seed).text.split(".")[0] for seed in range(4)} == {
        "달님 말씀 잘 들었어요"
    }


def test_a_reaction_names_one_of_the_others_and_its_particle_fits() -> None:
    own = View(MINA, "미나", "저예요.")
    said = {drafted("reaction", STORY, own, SUN, MOON, seed=seed).text for seed in range(4)}
    assert said == {"해는 참 밝으세요.", "달은 참 밝으세요."}


def test_a_result_is_told_word_for_word() -> None:
    draft = drafted("result", Line("r", "", "미나 12표, 해 8표"))
    assert draft.text == "열어 볼게요. 미나 12표, 해 8표. 고마워요."
    assert draft.signals == ("smile", "neutral", "nod")


def test_an_answer_takes_up_the_newest_memory_that_can_be_said() -> None:
    memories = ("기차표를 잃어버렸어요", "여친 생일을 잊었어요. 미안해요.", "번호는 [전화번호]예요")
    text = drafted("counsel", Line("a", "하늘", "장거리 외로워요", memory=memories)).text
    assert text == "전에 “여친 생일을 잊었어요” 하셨죠. 우리 하늘님, 멀죠. 쉬세요."


def test_neither_its_own_counsel_nor_the_same_question_is_a_memory_to_take_up() -> None:
    reminded = "전에 “장거리라서 매일 혼자 밥을 먹어요” 하셨죠. 우리 하늘님, 멀죠."
    memories = ("우리 하늘님, 멀죠. 쉬세요.", "장거리 외로워요", reminded)
    assert drafted("counsel", Line("a", "하늘", "장거리 외로워요", memory=memories)).text.startswith(
        "우리 하늘님"
    )


def test_who_is_remembered_is_not_welcomed_as_a_stranger() -> None:
    line = Line("a", "하늘", "안녕하세요", memory=("여친 생일을 잊었어요",))
    text = drafted("greeting", line).text
    assert text.startswith("전에 “여친 생일을 잊었어요” 하셨죠. ")
    assert "처음 뵙네요" not in text


def test_a_pack_without_words_for_it_gives_counsel_all_the_same() -> None:
    assert drafted("panel", STORY, SUN, kin=(COUNSEL,)).text == "우리 하늘님, 멀죠. 쉬세요."


def test_sentences_are_counted_as_the_signals_see_them() -> None:
    assert count_sentences("하나. “둘이요?” 셋… 넷") == 4
    assert count_sentences("") == count_sentences("  ") == 0
    assert scripted("하나. 둘. 셋.", ("nod", "sad")) == ("nod", "sad", "sad")
    assert scripted("하나.", ("nod", "sad")) == ("nod",)
