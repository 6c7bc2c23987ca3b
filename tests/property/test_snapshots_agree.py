"""The room's actor and an edge follow the same show: whoever asks either of them sees the same room."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from edge import mirror
from edge.mirror import RoomMirror
from room_actor.events import (
    ChatSaid,
    DonationReceived,
    Event,
    KnobsSet,
    NoticeTold,
    Numbered,
    PersonaEntered,
    PersonaLeft,
    PhaseSet,
    Pinned,
    PollClosed,
    PollOpened,
    Reason,
    Retracted,
    ShowClosed,
    SlowModeSet,
    StoryOpened,
    TurnAsked,
    TurnReplied,
    Unpinned,
    WishMade,
)
from room_actor.link import Welcome
from room_actor.published import Published
from room_actor.show import Phase
from store.ids import ClientId, LogEpoch, PersonaId, RoomId, Seq, StoryId, TurnId, ViewerId
from store.ports import Room

CAST = tuple(PersonaId(name) for name in ("hong", "oh", "kim"))
ROOM = Room(RoomId("panel"), "상담", CAST, LogEpoch("e1"), Seq(0), False)

seqs = st.integers(1, 12).map(Seq)
personas = st.sampled_from(CAST)
turns = st.sampled_from([TurnId("t_1"), TurnId("t_2")])
polls = st.sampled_from(["p1", "p2"])
stories = st.sampled_from([StoryId("s_1"), StoryId("s_2")])
phases = st.sampled_from([phase for phase in Phase if phase is not Phase.OVER])
reasons = st.lists(
    st.builds(Reason, of=seqs, why=st.just("question"), waited_s=st.integers(0, 9)), max_size=2
)

events: st.SearchStrategy[Event] = st.one_of(
    st.just(ChatSaid(ViewerId("v_1"), "민", ClientId("c1"), "고백할까요?")),
    st.just(DonationReceived("pay", ViewerId(""), "민", 5_000, "KRW", "")),
    st.builds(
        StoryOpened,
        story=stories,
        title=st.just("잊는 법"),
        text=st.just("한 달이 지났어요."),
        nick=st.just(""),
        anonymous=st.just(True),
        stage=st.just("breakup"),
        panel=st.booleans(),
    ),
    st.builds(
        TurnAsked,
        turn=turns,
        persona=personas,
        answers=st.lists(seqs, max_size=2).map(tuple),
        why=st.just("question"),
        kind=st.sampled_from(["answers", "story", "idle"]),
        reasons=reasons.map(tuple),
        story=st.none() | stories,
    ),
    st.builds(
        TurnReplied,
        turn=turns,
        persona=personas,
        text=st.just("그럼요."),
        cues=st.just(()),
        voice=st.just("builtin"),
    ),
    st.builds(Retracted, of=seqs, by=st.just("operator")),
    st.builds(SlowModeSet, interval_s=st.integers(0, 9), was_s=st.just(0)),
    st.builds(PhaseSet, phase=phases, was=phases, by=st.just("auto")),
    st.builds(PersonaEntered, persona=personas),
    st.builds(PersonaLeft, persona=personas),
    st.builds(
        PollOpened,
        poll=polls,
        question=st.just("누구?"),
        options=st.just(("가", "나")),
        closes_ms=st.none() | st.just(5),
        about=st.sampled_from(["", "panel"]),
    ),
    st.builds(
        PollClosed,
        poll=polls,
        question=st.just("누구?"),
        options=st.just(("가", "나")),
        votes=st.just((1, 0)),
    ),
    st.builds(Pinned, text=st.just("말"), nick=st.just("민"), of=seqs),
    st.just(Unpinned()),
    st.just(NoticeTold()),
    st.just(KnobsSet({"width": 2})),
    st.just(WishMade("w1", "say", None, "네", Seq(0))),
)


def edge_at(welcome: Welcome) -> RoomMirror:
    """An edge that attaches now."""
    missed = tuple(mirror.Publication(one.offset, one.data) for one in welcome.missed)
    snapshot = msgspec.json.decode(welcome.snapshot)
    return RoomMirror(mirror.Welcome(welcome.position, snapshot, welcome.recovered, missed))


@given(before=st.lists(events, max_size=12), after=st.lists(events, max_size=12), ends=st.booleans())
def test_an_edge_that_was_there_sees_what_one_is_told_that_comes(
    before: list[Event], after: list[Event], ends: bool
) -> None:
    published = Published(ROOM)
    told = [*before, *after, ShowClosed()] if ends else [*before, *after]
    for seq, event in enumerate(told[: len(before)], start=1):
        published.add(Numbered(Seq(seq), seq, event))
    edge = edge_at(published.welcome(None, 0))
    for seq, event in enumerate(told[len(before) :], start=len(before) + 1):
        publication = published.add(Numbered(Seq(seq), seq, event))
        edge.apply(mirror.Publication(publication.offset, publication.data))

    comes = edge_at(published.welcome(None, 0))
    assert edge.snapshot == comes.snapshot
    assert edge.position == comes.position
