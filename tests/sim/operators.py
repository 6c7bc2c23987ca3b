"""Owns carrying out the acts of a plan: operators who direct a show, payments, tellers. Each act is sent under one
name, again and again, to whichever actor answers, until one has: so it must happen once.
"""

from random import Random
from typing import TYPE_CHECKING

import msgspec
import trio

from protos.room.v1 import room_pb2 as pb
from tests.chaos.history import Paid
from tests.sim.plan import Act

if TYPE_CHECKING:
    from tests.sim.world import World

PAUSE_S = 0.4
"""Between two tries."""

AGAIN = 0.4
"""How many payments are told again, by a service that has lost the answer: under another request, of the same id."""

OPERATOR = "mira"


def request(kind: str, room: str, name: str, act: Act | None = None) -> pb.DirectRequest:
    """What an operator asks for. act: where the numbers are from."""
    made = pb.DirectRequest(room=room, operator=OPERATOR, request_id=name)
    size = act.size if act is not None else 0.0
    match kind:
        case "donate":
            made.donation.CopyFrom(
                pb.Donation(
                    id=name, nick="하늘", amount=1 + int(size * 50_000), currency="KRW", text="힘내세요"
                )
            )
        case "say":
            made.say.CopyFrom(pb.SayThis(text="잠깐만요. 조금 쉬었다 갈게요."))
        case "poll":
            seconds = 0 if size < 0.4 else 10
            made.open_poll.CopyFrom(
                pb.OpenPoll(question="누가?", options=["나", "너", "둘 다"], seconds=seconds)
            )
        case "pin":
            made.pin.CopyFrom(pb.Pin(text="처음이면 인사해 주세요"))
        case "answer":
            made.answer.CopyFrom(pb.Answer(of=1 + int(size * 30)))
        case "knobs":
            made.set_knobs.CopyFrom(pb.SetKnobs(knobs=msgspec.json.encode({"width": 1 + int(size * 4)})))
        case "open_story" | "panel":
            made.open_story.CopyFrom(pb.OpenStory(panel=kind == "panel"))
        case "leave" | "enter":
            persona = pb.Leave(persona="kim-chungi") if kind == "leave" else pb.Enter(persona="kim-chungi")
            getattr(made, kind).CopyFrom(persona)
        case "slow":
            made.slow_mode.CopyFrom(pb.SlowMode(automatic=size < 0.5, seconds=1))
        case "end":
            made.end.CopyFrom(pb.End(at_once=size < 0.3))
        case "quiet":
            knobs = {"idle_after_s": 0, "notice_every_s": 0, "stories_every_s": 0}
            made.set_knobs.CopyFrom(pb.SetKnobs(knobs=msgspec.json.encode(knobs)))
        case _:
            getattr(made, kind).SetInParent()
    return made


async def carry_out(world: "World", act: Act) -> None:
    """Waits for its time. Returns when somebody has answered."""
    await trio.sleep_until(act.at_s)
    viewer = world.viewers[act.viewer % len(world.viewers)]
    match act.kind:
        case "tell":
            viewer.tell(act.id, anonymous=act.size < 0.5)
        case "withdraw":
            viewer.withdraw(act.id)
        case "react":
            viewer.ask(act.id, "react", kind="heart")
        case _:
            room = world.plan.rooms[act.room % len(world.plan.rooms)]
            asked = request(act.kind, room, act.id, act)
            offset = await direct(world, asked)
            if act.kind == "donate" and offset:
                world.payments.setdefault(room, []).append(Paid(trio.current_time(), act.id, offset))
            if act.kind == "donate" and act.size < AGAIN:
                asked.request_id = f"{act.id} again"
                await direct(world, asked)
    world.counts[f"act {act.kind}"] += 1


async def settle(world: "World") -> None:
    """Lets every show come to rest: nobody talks by itself, breaks and polls are over, what was planned has begun."""
    for room in world.plan.rooms:
        for kind in ("quiet", "start", "resume", "close_poll"):
            await direct(world, request(kind, room, f"settle {kind}"))


async def direct(world: "World", asked: pb.DirectRequest) -> int:
    """Returns where what came of it stands; 0: nothing did, or it was refused."""
    rng = Random(f"{world.plan.seed}/{asked.request_id}")
    while True:
        address = rng.choice(world.addresses)
        answers: list[pb.DirectResponse] = []
        await world.actors[address].direct(asked, answers.append)
        if answers and not (answers[0].HasField("refusal") and answers[0].refusal.temporary):
            if answers[0].HasField("refusal"):
                world.counts["acts refused"] += 1
            return answers[0].offset
        await trio.sleep(PAUSE_S * rng.uniform(0.5, 1.5))
