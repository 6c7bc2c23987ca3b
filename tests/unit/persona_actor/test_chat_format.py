from small_pack import DIALOGUES, pack

from pipeline.chat_format import Message, Quoted, render

FENCE = "f00d"


def test_a_prompt_is_the_persona_its_examples_and_the_fenced_line() -> None:
    messages = render(
        pack(), mode="counsel", line=Quoted("달", "고민이에요"), examples=DIALOGUES[:1], fence=FENCE
    )
    assert [m.role for m in messages] == ["system", "user", "assistant", "user"]
    assert messages[0].content.startswith("너는 미나다.")
    assert messages[1].content.startswith(f"[{FENCE}] 하늘: 썸남 답장 느려요 [/{FENCE}]")
    assert messages[2].content == "우리 하늘님, 기다림은 길죠. 물어보세요."
    assert messages[3].content == f"[{FENCE}] 달: 고민이에요 [/{FENCE}]\n위 사연에 답해 주세요."


def test_the_system_message_names_rules_limits_and_the_fence() -> None:
    (system, *_) = render(pack(), mode="idle", line=None, examples=(), fence=FENCE)
    for rule in (
        "괜찮아질 거예요, 한심",
        "10자에서 100자",
        "우리 {nick}님",
        "존댓말",
        f"[{FENCE}]",
        "해치지 않는다.",
    ):
        assert rule in system.content


def test_the_nearest_example_stands_next_to_the_line() -> None:
    messages = render(pack(), mode="counsel", line=Quoted("", "음"), examples=DIALOGUES[:2], fence=FENCE)
    assert DIALOGUES[0].question in messages[-3].content


def test_earlier_lines_are_fenced_too() -> None:
    said = [Quoted("별", "ㅋㅋ"), Quoted("", "네")]
    messages = render(pack(), mode="counsel", line=Quoted("달", "음"), examples=(), context=said, fence=FENCE)
    assert messages[-1].content.splitlines() == [
        "앞서 오간 말:",
        f"[{FENCE}] 별: ㅋㅋ [/{FENCE}]",
        f"[{FENCE}] 이름 없는 시청자: 네 [/{FENCE}]",
        f"[{FENCE}] 달: 음 [/{FENCE}]",
        "위 사연에 답해 주세요.",
    ]


def test_without_a_line_the_task_stands_alone() -> None:
    messages = render(pack(), mode="opening", line=None, examples=DIALOGUES[5:6], fence=FENCE)
    assert [m.content for m in messages[1:]] == [
        "방송을 시작합니다. 첫인사를 해 주세요.",
        "불을 켰어요.",
        "방송을 시작합니다. 첫인사를 해 주세요.",
    ]


def test_for_training_the_answer_is_the_last_message() -> None:
    serving = render(pack(), mode="counsel", line=Quoted("달", "음"), examples=(), fence=FENCE)
    training = render(pack(), mode="counsel", line=Quoted("달", "음"), examples=(), fence=FENCE, answer="네.")
    assert training == [*serving, Message("assistant", "네.")]
    assert training[-1].as_dict() == {"role": "assistant", "content": "네."}


def test_a_story_is_fenced_with_its_title_and_asked_to_be_quoted_word_for_word() -> None:
    line = Quoted("달", "헤어졌어요", "기차표")
    last = render(pack(), mode="story", line=line, examples=(), fence=FENCE)[-1].content
    assert last.startswith(
        f"[{FENCE}] 달: 제목 ‘기차표’. 헤어졌어요 [/{FENCE}]\n위 사연을 방송에서 소개합니다."
    )
    assert "글자 그대로" in last


def test_what_is_remembered_and_what_was_said_is_fenced_too() -> None:
    line = Quoted("달", "또 왔어요", memory=("남친이 바빠요", "서운해요"))
    views = [Quoted("오율", "접어 보죠.")]
    last = render(
        pack(),
        mode="panel",
        line=line,
        examples=(),
        views=views,
        summary="별이 물었다.",
        said=["비가 와요."],
        fence=FENCE,
    )[-1].content
    assert last.splitlines()[:-3] == [
        "오늘 저녁 지금까지:",
        f"[{FENCE}] 별이 물었다. [/{FENCE}]",
        "이미 한 이야기:",
        f"[{FENCE}] 비가 와요. [/{FENCE}]",
        "이 시청자에 대해 기억하는 것:",
        f"[{FENCE}] 남친이 바빠요 [/{FENCE}]",
        f"[{FENCE}] 서운해요 [/{FENCE}]",
        f"[{FENCE}] 달: 또 왔어요 [/{FENCE}]",
        "진행자들이 한 말:",
        f"[{FENCE}] 오율: 접어 보죠. [/{FENCE}]",
    ]
    assert last.splitlines()[-1] == "이미 한 이야기와 같은 이야기를 하지 않습니다."


def test_the_first_of_a_panel_is_asked_to_read_the_story() -> None:
    first = render(pack(), mode="panel", line=Quoted("달", "음"), examples=(), fence=FENCE)[-1].content
    later = render(
        pack(), mode="panel", line=Quoted("달", "음"), examples=(), views=[Quoted("오율", "네.")], fence=FENCE
    )[-1].content
    assert "아직 아무도 말하지 않았습니다" in first
    assert "아직 아무도 말하지 않았습니다" not in later
