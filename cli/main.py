"""Owns the `lovelm` command: its words, its options, its exit status. What they do is imported when they are called.

Exit status: 0 done, 1 could not be done, 2 wrong usage or wrong settings.
"""

import importlib.metadata
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.show import app as show_app
from cli.table import print_table
from runtime.errors import LovelmError, SettingsInvalid

if TYPE_CHECKING:
    from cli.rooms import Operator, Outcome

app = typer.Typer(
    name="lovelm",
    help="A live room in which AI personas give dating counsel.\n\nSettings come from LOVELM_* in the environment.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
persona_app = typer.Typer(help="Persona packs.", no_args_is_help=True)
app.add_typer(persona_app, name="persona")
rooms_app = typer.Typer(
    help="Rooms and who owns them, of the 'lovelm up' on LOVELM_HOME, or of the processes that LOVELM_ROOM_ACTORS and "
    "LOVELM_DATABASE_URL name. An ACTOR is a name or an address, as in the list.",
    no_args_is_help=True,
)
app.add_typer(rooms_app, name="rooms")
app.add_typer(show_app, name="show")


def main() -> None:
    """Runs the command line. What a person can put right is one message, never a traceback."""
    try:
        app(prog_name="lovelm")
    except SettingsInvalid as exc:
        print(f"lovelm: wrong settings\n{exc}", file=sys.stderr)
        sys.exit(2)
    except LovelmError as exc:
        print(f"lovelm: {exc}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)  # before the command was ready to end in order


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"lovelm {importlib.metadata.version('lovelm')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None: ...


@app.command()
def up(
    edges: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that hold the viewers' connections.")
    ] = 1,
    room_actors: Annotated[int, typer.Option(min=1, max=64, help="Processes that own the rooms.")] = 1,
    persona_actors: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that speak for the personas.")
    ] = 1,
    no_envoy: Annotated[
        bool,
        typer.Option(
            "--no-envoy", help="Let the first edge and the first persona actor hold the public ports."
        ),
    ] = False,
) -> None:
    """Run the whole platform on this machine: PostgreSQL, Redis, Envoy and the processes.

    Prints 'ready URL' when a viewer can enter. Ctrl-C ends it in order, a second Ctrl-C at once.

    LOVELM_HOME (.lovelm) keeps the state, the operators' token with it. LOVELM_PORT (8080) is the public port,
    LOVELM_GRPC_PORT (8081) that of the persona API, LOVELM_BIND (127.0.0.1) their address. LOVELM_DATABASE_URL and
    LOVELM_REDIS_URL name servers to use in place of the embedded ones. LOVELM_MODEL_URL names an OpenAI-compatible
    server for the voices.
    """
    from cli import launcher
    from cli.plan import Size
    from cli.settings import UpSettings
    from runtime.settings import read

    launcher.up(Size(edges, room_actors, persona_actors, envoy=not no_envoy), read(UpSettings))


@app.command()
def edge() -> None:
    """Run one edge: viewers' WebSockets, HTTP API, web client."""
    from edge import main as edge_main
    from edge.settings import EdgeSettings
    from runtime.settings import read

    edge_main.run(read(EdgeSettings))


@app.command("room-actor")
def room_actor() -> None:
    """Run one room actor: owns rooms, decides, numbers and stores what happens in them."""
    from room_actor import main as room_actor_main
    from room_actor.settings import RoomActorSettings
    from runtime.settings import read

    room_actor_main.run(read(RoomActorSettings))


@app.command("persona-actor")
def persona_actor() -> None:
    """Run one persona actor: speaks for the personas, with the built-in voice or a model server's."""
    from persona_actor import main as persona_actor_main
    from persona_actor.settings import PersonaActorSettings
    from runtime.settings import read

    persona_actor_main.run(read(PersonaActorSettings))


@app.command()
def migrate() -> None:
    """Bring the database of LOVELM_DATABASE_URL up to date; make the rooms and personas that are missing."""
    from cli import seed
    from runtime.settings import read

    for line in seed.run(read(seed.MigrateSettings)):
        print(line)


@app.command()
def ps(
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list of {name, kind, pid, address}.")
    ] = False,
) -> None:
    """List the processes of the 'lovelm up' that runs on LOVELM_HOME."""
    from cli.home import Home
    from runtime.settings import Settings, read

    processes = Home(read(Settings).home).read_state()
    if as_json:
        print(json.dumps([asdict(process) for process in processes], indent=1))
        return
    print_table(
        ("NAME", "KIND", "PID", "ADDRESS"), [(p.name, p.kind, p.pid, p.address) for p in processes], right={2}
    )


@app.command()
def health(
    address: Annotated[
        str, typer.Argument(help="http://host:port/path, or grpc://host:port for gRPC health.")
    ],
    deadline_s: Annotated[float, typer.Option(help="Seconds to wait for the answer.")] = 2.0,
) -> None:
    """Ask a process whether it is ready: exit status 0 if so, else 1. For health checks of containers."""
    import trio

    from cli import probe

    async def ask() -> bool:
        return await probe.is_ready(address, deadline_s=deadline_s)

    try:
        ready = trio.run(ask)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc
    print("ready" if ready else "not ready")
    raise typer.Exit(0 if ready else 1)


@app.command()
def envoy(
    topology: Annotated[
        Path, typer.Argument(help="See envoy/topology.example.yaml.", exists=True, dir_okay=False)
    ],
    bootstrap: Annotated[Path, typer.Option(help="Where to write what Envoy reads.")] = Path(
        "bootstrap.yaml"
    ),
) -> None:
    """Run the installed Envoy in place of this process, before the edges and persona actors of a topology file."""
    import os

    from cli.envoy import envoy_command, write_bootstrap

    write_bootstrap(topology, bootstrap)
    command = envoy_command(bootstrap)
    os.execv(command[0], command)


@persona_app.command("check")
def persona_check(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Packs to check; none: all.")
    ] = None,
) -> None:
    """Check persona packs: one line for each problem; exit status 1 if there is any."""
    from cli import packs

    problems = packs.check(ids or [])
    for problem in problems:
        print(problem)
    raise typer.Exit(1 if problems else 0)


@rooms_app.command("list")
def rooms_list(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list with the same fields.")] = False,
) -> None:
    """List every room: its owner, its position, who is there."""
    from cli.rooms import RoomRow, RoomsSettings, open_operator
    from runtime.process import run_once
    from runtime.settings import read

    async def ask() -> list[RoomRow]:
        async with open_operator(read(RoomsSettings)) as operator:
            return operator.rows()

    rows = run_once(ask)
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    columns = (
        "room",
        "state",
        "owner",
        "address",
        "fence",
        "position",
        "edges",
        "viewers",
        "waiting",
        "speaking",
    )
    print_table(
        tuple(column.upper() for column in columns),
        [tuple(getattr(row, column) for column in columns) for row in rows],
        right={4, 5, 6, 7, 8},
    )


@rooms_app.command("move")
def rooms_move(
    rooms: Annotated[list[str], typer.Argument(metavar="ROOM...", help="Rooms to move.")],
    to: Annotated[str, typer.Option(metavar="ACTOR", help="The room actor that shall own them.")],
) -> None:
    """Move rooms to an actor: stored, handed over warm, then their edges are told. Viewers keep their connections."""
    _move(lambda operator: operator.move(rooms, to))


@rooms_app.command("drain")
def rooms_drain(
    actor: Annotated[str, typer.Argument(metavar="ACTOR", help="The room actor to empty.")],
) -> None:
    """Spread the rooms of an actor over the others; it takes no more until it is restarted."""
    _move(lambda operator: operator.drain(actor))
    print(f"{actor} takes no more rooms until it is restarted")


@rooms_app.command("spread")
def rooms_spread() -> None:
    """Move as few rooms as needed for every actor to own about as many: for after actors were added."""
    _move(lambda operator: operator.spread())


def _move(what: Callable[["Operator"], Awaitable[list["Outcome"]]]) -> None:
    """Says what became of each room; exit status 1 if one did not get where it should."""
    from cli.rooms import Outcome, RoomsSettings, open_operator
    from runtime.process import run_once
    from runtime.settings import read

    async def ask() -> list[Outcome]:
        async with open_operator(read(RoomsSettings)) as operator:
            outcomes = await what(operator)
            for outcome in outcomes:
                print(operator.tell(outcome), file=sys.stdout if outcome.reached else sys.stderr)
            return outcomes

    outcomes = run_once(ask)
    if not outcomes:
        print("nothing had to move")
    if not all(outcome.reached for outcome in outcomes):
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
