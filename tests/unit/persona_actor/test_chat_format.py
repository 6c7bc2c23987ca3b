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
