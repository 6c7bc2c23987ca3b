"""Owns the `lovelm show` commands: what an operator may ask of a show, and how it is typed. What is asked of whom is in
`cli.operate`, imported when it is needed."""

import json
import os
import secrets
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Direct the show of a ROOM: of the 'lovelm up' on LOVELM_HOME, or of the room actors that LOVELM_ROOM_ACTORS "
    "names, with the token in LOVELM_OPERATOR_TOKEN. The same --request is one act, however often it is sent.",
    no_args_is_help=True,
)

Room = Annotated[str, typer.Argument(metavar="ROOM", help="The room's id, as in 'lovelm rooms list'.")]
Request = Annotated[str, typer.Option(metavar="ID", help="Your name of this act; empty: a new one.")]
Persona = Annotated[str, typer.Argument(metavar="PERSONA", help="The persona's id, such as oh-yul.")]
Offset = Annotated[int, typer.Argument(metavar="OFFSET", min=1, help="The line's offset in the log.")]
REQUEST_BYTES = 9
NAME_CHARS_MOST = 61  # of an operator, as the room keeps it
OPERATOR = "operator"
"""Who acts, where the environment names no user."""


@app.command()
def status(room: Room) -> None:
    """Print the show as JSON: phase, who is on air, what waits and how long at most, the poll, the knobs."""
    from cli import operate
    from runtime.process import run_once
    from runtime.settings import read

    settings = read(operate.ShowSettings)

    async def ask() -> Any:
        return await operate.look(settings, room)

    print(json.dumps(run_once(ask), ensure_ascii=False, indent=1))


@app.command()
def start(room: Room, request: Request = "") -> None:
    """Start a show that is scheduled, now."""
    _direct(room, request, "start")


@app.command()
def end(
    room: Room,
    at_once: Annotated[bool, typer.Option("--at-once", help="Without the closing words.")] = False,
    request: Request = "",
) -> None:
    """End the show; the persona speaks the closing words first."""
    _direct(room, request, "end", at_once=at_once)


@app.command("break")
def break_(room: Room, request: Request = "") -> None:
    """Let nobody speak until 'resume'."""
    _direct(room, request, "break")


@app.command()
def resume(room: Room, request: Request = "") -> None:
    """End the break."""
    _direct(room, request, "resume")


@app.command()
def enter(room: Room, persona: Persona, request: Request = "") -> None:
    """Let a persona come on air."""
    _direct(room, request, "enter", persona=persona)


@app.command()
def leave(room: Room, persona: Persona, request: Request = "") -> None:
    """Let a persona leave; the last one cannot."""
    _direct(room, request, "leave", persona=persona)


@app.command("open-story")
def open_story(
    room: Room,
    story: Annotated[str, typer.Argument(metavar="[STORY]", help="Its id; none: what waits longest.")] = "",
    panel: Annotated[
        bool, typer.Option("--panel", help="Every persona gives a view, then viewers vote.")
    ] = False,
    request: Request = "",
) -> None:
    """Open a story: the persona reads it on air and gives counsel."""
    _direct(room, request, "open_story", story=story, panel=panel)


@app.command()
def skip(room: Room, request: Request = "") -> None:
    """End the turn that is on, at once."""
    _direct(room, request, "skip")


@app.command()
def answer(room: Room, of: Offset, request: Request = "") -> None:
    """Let the persona answer this line next."""
    _direct(room, request, "answer", of=of)


@app.command()
def say(
    room: Room,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="1 to 1,000 characters.")],
    persona: Annotated[str, typer.Option(metavar="ID", help="Who says it; empty: who spoke last.")] = "",
    request: Request = "",
) -> None:
    """Let a persona say this."""
    _direct(room, request, "say", text=text, persona=persona)


@app.command()
def pin(
    room: Room,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Your own words, or none with --of.")] = "",
    of: Annotated[int, typer.Option(metavar="OFFSET", min=0, help="A viewer's line instead.")] = 0,
    request: Request = "",
) -> None:
    """Pin a line above the chat."""
    _direct(room, request, "pin", text=text, of=of)


@app.command()
def unpin(room: Room, request: Request = "") -> None:
    """Take the pinned line down."""
    _direct(room, request, "unpin")


@app.command()
def poll(
    room: Room,
    question: Annotated[str, typer.Argument(metavar="QUESTION")],
    options: Annotated[list[str], typer.Argument(metavar="OPTION...", help="Two to six.")],
    seconds: Annotated[int, typer.Option(min=0, max=3_600, help="10 or more; 0: until 'close-poll'.")] = 60,
    request: Request = "",
) -> None:
    """Ask the viewers: one vote each."""
    _direct(room, request, "open_poll", question=question, options=options, seconds=seconds)


@app.command("close-poll")
def close_poll(room: Room, request: Request = "") -> None:
    """Close the poll; the result is told."""
    _direct(room, request, "close_poll")


@app.command()
def slow(
    room: Room,
    seconds: Annotated[
        int, typer.Argument(metavar="[SECONDS]", min=-1, max=3_600, help="0: off; none: as it needs.")
    ] = -1,
    request: Request = "",
) -> None:
    """Set slow mode: so many seconds between two lines of one viewer."""
    _direct(room, request, "slow_mode", automatic=seconds < 0, seconds=max(0, seconds))


@app.command()
def knobs(
    room: Room,
    changes: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="Such as width=2.")],
    request: Request = "",
) -> None:
    """Change knobs of the show; 'status' shows them all."""
    _direct(room, request, "set_knobs", knobs=json.dumps(dict(map(_change, changes))).encode())


@app.command()
def donate(
    room: Room,
    nick: Annotated[str, typer.Argument(metavar="NICK", help="Who pays, as shown.")],
    amount: Annotated[int, typer.Argument(metavar="AMOUNT", min=1, help="In whole units.")],
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="What they write, up to 300 characters.")
    ] = "",
    currency: Annotated[str, typer.Option(help="ISO 4217.")] = "KRW",
    payment: Annotated[str, typer.Option(metavar="ID", help="The payment's; the same is one donation.")] = "",
    viewer: Annotated[str, typer.Option(metavar="ID", help="The viewer's, if known.")] = "",
    request: Request = "",
) -> None:
    """Tell the room of a payment that has been made elsewhere."""
    given = payment or request or _new_id()  # the payment is what makes it one donation
    _direct(
        room, request, "donation", id=given, viewer=viewer, nick=nick, amount=amount, currency=currency, text=text
    )  # fmt: skip


@app.command()
def retract(room: Room, of: Offset, request: Request = "") -> None:
    """Take a line or a story back: viewers no longer see its words."""
    _direct(room, request, "retract", of=of)


def _change(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    try:
        if not (name and equals):
            raise ValueError
        return name, json.loads(value)
    except ValueError:
        raise typer.BadParameter(f"{text}: not NAME=VALUE with a number, true or false") from None


def _new_id() -> str:
    return secrets.token_urlsafe(REQUEST_BYTES)


def _direct(room: str, request: str, kind: str, **act: Any) -> None:
    """Says at which offset it stands; a refusal is an error of one line."""
    from cli import operate
    from runtime.process import run_once
    from runtime.settings import read

    settings = read(operate.ShowSettings)

    async def ask() -> int:
        return await operate.direct(
            settings,
            room,
            kind,
            act,
            operator=(os.environ.get("USER") or OPERATOR)[:NAME_CHARS_MOST],
            request_id=request or _new_id(),
        )

    offset = run_once(ask)
    print(f"{room}: at {offset}" if offset else f"{room}: there was nothing to do")
