"""Owns the steps from a request to words and signals, as a LangGraph graph. Knows no wire.

    guard_in ─Send─> recall -> compose -> speak -> guard_out -> express      (one branch a line, side by side)

`speak` opens the voice's stream, `guard_out` wraps it, `express` drains it: so every step is a node, and still
the first words leave before the last ones exist. What a branch says goes out through the stream writer as
(branch, Words | Shown | Ended); `reply.py` puts the branches in order.

Only `recall` works long enough for a thread of its own; the others run on the loop, as a hop each would cost more.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypedDict, cast

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from persona_actor.errors import ModelUnavailable
from persona_actor.express import Expression
from persona_actor.fresh import fresh
from persona_actor.guard import OutGuard, clean_line, clean_nick
from persona_actor.intent import mode_of
from persona_actor.order import Ended, Said
from persona_actor.reading import telling
from persona_actor.recall import Recall
from persona_actor.request import (
    MAX_MEMORY_CHARS,
    MAX_SAID_CHARS,
    MAX_SUMMARY_CHARS,
    MAX_TEXT_CHARS,
    MAX_TITLE_CHARS,
    MAX_VIEW_CHARS,
    WITHOUT_LINES,
    Line,
    ReplyRequest,
    View,
)
from persona_actor.voices import Ask, Draft, Piece, Recalled, Voice
from personas.pack import SIGNALS, Mode, Pack

MAX_CONTEXT_CHARS = 300  # as long as a chat line may be
RECALLED = 8
RECALLED_FOR_STORY = 40  # many of them are about a case that is not the teller's
CUT_AT = 2.0
"""An answer is cut at so many times the pack's max_chars: a model that runs on is stopped, not merely asked."""

ON_A_STORY: frozenset[Mode] = frozenset({"story", "panel", "reaction"})


@dataclass(frozen=True, slots=True)
class Means:
    """What the nodes work with; the same for every reply."""

    voice: Voice
    recall: Recall


class Turn(TypedDict, total=False):
    """State of the whole reply."""

    request: ReplyRequest
    pack: Pack
    seed: int
    fence: str
    asks: tuple[Ask, ...]


class Branch(TypedDict, total=False):
    """State of one answer."""

    ask: Ask
    recalled: Recalled
    draft: Draft
    stream: AsyncGenerator[Piece, None]


async def guard_in(turn: Turn) -> Turn:
    """One Ask for each answer that is wanted, every text of a viewer cleaned."""
    request = turn["request"]
    is_story = request.mode in ON_A_STORY
    lines = tuple(_clean(line, MAX_TEXT_CHARS, in_paragraphs=is_story) for line in request.lines)
    context = tuple(_clean(line, MAX_CONTEXT_CHARS) for line in request.context)
    if request.mode in WITHOUT_LINES:
        wanted: list[tuple[Line | None, Any]] = [(None, request.mode)]
        context += lines
    else:
        wanted = [(line, request.mode or mode_of(line.text)) for line in lines]
    views = tuple(
        View(view.persona, clean_nick(view.name), clean_line(view.text, MAX_VIEW_CHARS))
        for view in request.views
    )
    summary = _paragraphs(request.summary, MAX_SUMMARY_CHARS)
    said = tuple(clean_line(text, MAX_SAID_CHARS) for text in request.said)
    asks = tuple(
        Ask(turn["pack"], mode, line, index, turn["seed"], turn["fence"], context, views, summary, said)
        for index, (line, mode) in enumerate(wanted)
    )
    return {"asks": asks}


def _clean(line: Line, max_chars: int, *, in_paragraphs: bool = False) -> Line:
    """in_paragraphs: its line breaks stay, for they part sentences that have no stop."""
    clean = _paragraphs if in_paragraphs else clean_line
    return Line(
        line.id,
        clean_nick(line.nick),
        clean(line.text, max_chars) or "…",
        clean_line(line.title, MAX_TITLE_CHARS),
        tuple(kept for memory in line.memory if (kept := clean_line(memory, MAX_MEMORY_CHARS))),
    )


def _paragraphs(text: str, max_chars: int) -> str:
    cleaned = (clean_line(paragraph, max_chars) for paragraph in text.splitlines())
    return "\n".join(paragraph for paragraph in cleaned if paragraph)[:max_chars]


def _to_branches(turn: Turn) -> list[Send]:
    return [Send("answer", Branch(ask=ask)) for ask in turn["asks"]]


def recall(branch: Branch, runtime: Runtime[Means]) -> Branch:
    """The persona's dialogues near to the line, those of the same mode, and what of its memory the line touches."""
    ask, memory = branch["ask"], runtime.context.recall
    kin = memory.of_mode(ask.pack.id, ask.mode)
    if ask.line is None:
        return {"recalled": Recalled(kin=kin)}
    text = ask.line.text
    quotes: tuple[str, ...] = ()
    if ask.mode in ON_A_STORY:
        quotes = telling(text, ask.pack.taboo_words)
        text = ". ".join((ask.line.title, *telling(text))).strip() or text
    memories = ask.line.memory
    if ask.mode != "greeting":  # who comes back may be told of anything
        memories = memory.touched(text, memories)
    recalled = Recalled(
        text=text,
        hits=memory.nearest(
            ask.pack.id,
            text,
            RECALLED_FOR_STORY if quotes else RECALLED,
            told=ask.line.text,
            title=ask.line.title,
        ),
        kin=kin,
        quotes=quotes,
        readings=memory.of_mode(ask.pack.id, "story") if quotes else (),
        memories=memories,
        reminders=memory.of_mode(ask.pack.id, "recall"),
    )
    return {"recalled": recalled}


async def compose(branch: Branch, runtime: Runtime[Means]) -> Branch:
    """The voice's draft."""
    return {"draft": runtime.context.voice.compose(branch["ask"], branch["recalled"])}


async def speak(branch: Branch, runtime: Runtime[Means]) -> Branch:
    """The stream of the draft; nothing flows yet."""
    ask, draft, voice = branch["ask"], branch["draft"], runtime.context.voice
    if ask.mode == "idle" and ask.said:
        return {"stream": fresh(lambda: voice.speak(draft), ask.said)}
    return {"stream": voice.speak(draft)}


async def guard_out(branch: Branch) -> Branch:
    """The stream behind a guard: no forbidden word, no fence, no markup, no endless answer."""
    pack = branch["ask"].pack
    most = int(CUT_AT * pack.voice.max_chars) + branch["draft"].more_chars
    guard = OutGuard((*pack.taboo_words, branch["ask"].fence), most)
    return {"stream": guarded(branch["stream"], guard)}


async def guarded(stream: AsyncGenerator[Piece, None], guard: OutGuard) -> AsyncGenerator[Piece, None]:
    """The stream through the guard, ending with one finished piece. Closes the stream, also when cut short."""
    async with aclosing(stream):
        async for piece in stream:
            said = guard.feed(piece.text)
            if guard.is_full:
                yield Piece(said, "length")
                return
            if piece.finish:
                yield Piece(said + guard.flush(), piece.finish)
                return
            if said:
                yield Piece(said)
    yield Piece(guard.flush(), "stop")


async def express(branch: Branch, runtime: Runtime[Means]) -> Branch:
    """Drains the stream and writes words and signals as they come. Raises ModelUnavailable when there are no words,
    unless the voice says that it has nothing new."""
    ask = branch["ask"]
    expression = Expression(SIGNALS, branch["draft"].signals)
    has_spoken = False
    async with aclosing(branch["stream"]) as stream:
        async for piece in stream:
            for said in expression.feed(piece.text):
                has_spoken = True
                runtime.stream_writer((ask.index, said))
            if piece.finish:
                if not has_spoken and piece.finish != "nothing_new":
                    raise ModelUnavailable("the model said nothing")
                runtime.stream_writer((ask.index, Ended(piece.finish)))
    return {}


class ReplyGraph:
    """The compiled graph. One for the process."""

    def __init__(self, voice: Voice, recall_: Recall) -> None:
        self._means = Means(voice, recall_)
        answer = StateGraph(Branch, context_schema=Means)
        steps = (recall, compose, speak, guard_out, express)
        for step in steps:
            answer.add_node(step.__name__, cast(Any, step))
        answer.add_edge(START, "recall")
        for earlier, later in pairwise(steps):
            answer.add_edge(earlier.__name__, later.__name__)
        answer.add_edge("express", END)

        turn = StateGraph(Turn, context_schema=Means)
        turn.add_node("guard_in", cast(Any, guard_in))
        turn.add_node("answer", answer.compile())
        turn.add_edge(START, "guard_in")
        turn.add_conditional_edges("guard_in", _to_branches, ["answer"])
        turn.add_edge("answer", END)
        self._graph = turn.compile()

    async def run(self, turn: Turn) -> AsyncIterator[tuple[int, Said]]:
        """What the branches say, as they say it. Closing or cancelling it stops them all."""
        stream = self._graph.astream(turn, context=self._means, stream_mode="custom", subgraphs=True)
        async with aclosing(cast(AsyncGenerator[Any, None], stream)):
            async for _namespace, said in stream:
                yield cast(tuple[int, Said], said)
