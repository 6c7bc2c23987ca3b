"""Owns `/api/v1/studio`: what operators do with shows. Every act goes to the room's owner, who decides.

An operator is whoever has the platform's token; without one, nothing here answers.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import structlog
from fastapi import APIRouter, Body, Path
from pydantic import ValidationError

from edge.http import acts
from edge.http.deps import Deps, HttpDeps
from edge.http.errors import (
    NO_SUCH_PERSONA,
    NOT_ACCEPTED,
    ROOM_EXISTS,
    UNAVAILABLE,
    UNKNOWN_ROOM,
    Declined,
    declined,
)
from edge.http.operators import By
from edge.http.rooms import RoomKey
from edge.http.show_view import Done, ShowView, StoryList, StoryView
from edge.shows import ActorsAway, NoSuchRoom
from edge.wire import Operator
from runtime.refusal import Refused
from safety.line import clean_line
from store.errors import UnknownPersona
from store.ids import ROOM_ID, PersonaId, RoomId
from store.ports import Story

log = structlog.get_logger()

router = APIRouter(prefix="/api/v1/studio", tags=["studio"])

TITLE_MAX_CHARS = 60
STORIES_MOST = 100
_ROOM = "/rooms/{room_id}"

PersonaKey = Annotated[str, Path(max_length=64, description="id of the persona", examples=["oh-yul"])]


@router.post("/rooms", status_code=201, summary="Make a room")
async def create_room(deps: Deps, by: By, room: acts.NewRoom) -> acts.MadeRoom:
    """The room with an empty log. With `starts_at` its show is scheduled. 409 when there is one of that id."""
    title = clean_line(room.title, max_chars=TITLE_MAX_CHARS)
    if isinstance(title, Refused):
        raise Declined(NOT_ACCEPTED, f"title: {title.text}")
    personas = [PersonaId(persona) for persona in dict.fromkeys(room.personas)]
    if not all(persona in deps.packs for persona in personas):
        raise Declined(NO_SUCH_PERSONA, "personas: one that there is no pack of")
    starts_at_ms = round(room.starts_at.timestamp() * 1_000) if room.starts_at is not None else None
    try:
        is_new = await deps.rooms.create(RoomId(room.id), title, personas, starts_at_ms=starts_at_ms)
    except UnknownPersona as exc:
        raise Declined(NO_SUCH_PERSONA, "personas: one that no room actor has brought along") from exc
    if not is_new:
        raise Declined(ROOM_EXISTS, "there is a room of this id")
    log.info("room_created", room=room.id, operator=by.name)
    return acts.MadeRoom(room=room.id, starts_at=room.starts_at)


@router.get(_ROOM + "/show", summary="The show as it stands")
async def get_show(deps: Deps, _by: By, room_id: RoomKey) -> ShowView:
    """Who speaks and who waits, as the room's owner sees it now."""
    try:
        return ShowView.model_validate_json(await deps.shows.look(_room_id(room_id)))
    except NoSuchRoom as exc:
        raise _unknown_room() from exc
    except ActorsAway as exc:
        raise Declined(UNAVAILABLE, "the room's actor does not answer; try again soon") from exc
    except ValidationError as exc:
        log.error("show_unreadable", room=room_id, errors=exc.error_count())
        raise Declined(UNAVAILABLE, "the room's actor is of another version") from exc


@router.get(_ROOM + "/stories", summary="The stories that wait")
async def list_stories(deps: Deps, _by: By, room_id: RoomKey) -> StoryList:
    """In order of telling. Who tells anonymously has no nick here, either."""
    room = _room_id(room_id)
    if await deps.rooms.find(room) is None:
        raise _unknown_room()
    stories = await deps.stories.waiting(room, STORIES_MOST)
    total = await deps.stories.count(room)
    return StoryList(stories=[_shown(story) for story in stories], total=max(total, len(stories)))


@router.post(_ROOM + "/start", summary="Start a scheduled show")
async def start(deps: Deps, by: By, room_id: RoomKey) -> Done:
    """The persona opens it as soon as somebody is there."""
    return await _direct(deps, by, room_id, "start", {})


@router.post(_ROOM + "/end", summary="End the show")
async def end(deps: Deps, by: By, room_id: RoomKey, act: Annotated[acts.End | None, Body()] = None) -> Done:
    """For ever. Without `at_once` the persona closes it in its own words first."""
    return await _direct(deps, by, room_id, "end", {"at_once": act.at_once if act is not None else False})


@router.post(_ROOM + "/break", summary="Pause")
async def pause(deps: Deps, by: By, room_id: RoomKey) -> Done:
    """Nobody speaks until `resume`."""
    return await _direct(deps, by, room_id, "break", {})


@router.post(_ROOM + "/resume", summary="End the break")
async def resume(deps: Deps, by: By, room_id: RoomKey) -> Done:
    """Lines are answered again."""
    return await _direct(deps, by, room_id, "resume", {})


@router.post(_ROOM + "/skip", summary="End the turn that is on")
async def skip(deps: Deps, by: By, room_id: RoomKey) -> Done:
    """At once: viewers keep what they got. The same key again ends no other turn."""
    return await _direct(deps, by, room_id, "skip", {})


@router.post(_ROOM + "/personas/{persona_id}/enter", summary="A persona comes on air")
async def enter(deps: Deps, by: By, room_id: RoomKey, persona_id: PersonaKey) -> Done:
    """One of the room's cast."""
    return await _direct(deps, by, room_id, "enter", {"persona": persona_id})


@router.post(_ROOM + "/personas/{persona_id}/leave", summary="A persona goes off air")
async def leave(deps: Deps, by: By, room_id: RoomKey, persona_id: PersonaKey) -> Done:
    """The last one cannot."""
    return await _direct(deps, by, room_id, "leave", {"persona": persona_id})


@router.post(_ROOM + "/stories/open", summary="Open a story")
async def open_story(
    deps: Deps, by: By, room_id: RoomKey, act: Annotated[acts.OpenStory | None, Body()] = None
) -> Done:
    """A persona reads it and answers it, or all of them do as a panel."""
    fields = act.model_dump() if act is not None else {}
    return await _direct(deps, by, room_id, "open_story", fields)


@router.post(_ROOM + "/answer", summary="Have a line answered next")
async def answer(deps: Deps, by: By, room_id: RoomKey, act: acts.Answer) -> Done:
    """One that still waits. Idle talk gives way to it."""
    return await _direct(deps, by, room_id, "answer", act.model_dump())


@router.post(_ROOM + "/say", summary="Have a persona say something next")
async def say(deps: Deps, by: By, room_id: RoomKey, act: acts.Say) -> Done:
    """In these words. Idle talk gives way to it."""
    return await _direct(deps, by, room_id, "say", act.model_dump())


@router.post(_ROOM + "/pin", summary="Pin a line, or words")
async def pin(deps: Deps, by: By, room_id: RoomKey, act: acts.Pin) -> Done:
    """Takes the place of what is pinned."""
    return await _direct(deps, by, room_id, "pin", act.model_dump())


@router.post(_ROOM + "/unpin", summary="Unpin")
async def unpin(deps: Deps, by: By, room_id: RoomKey) -> Done:
    """Nothing is pinned then."""
    return await _direct(deps, by, room_id, "unpin", {})


@router.post(_ROOM + "/polls", summary="Open a poll")
async def open_poll(deps: Deps, by: By, room_id: RoomKey, act: acts.OpenPoll) -> Done:
    """One at a time."""
    return await _direct(deps, by, room_id, "open_poll", act.model_dump())


@router.post(_ROOM + "/polls/close", summary="Close the poll")
async def close_poll(deps: Deps, by: By, room_id: RoomKey) -> Done:
    """The result stands in the event."""
    return await _direct(deps, by, room_id, "close_poll", {})


@router.put(_ROOM + "/slow-mode", summary="Fix slow mode, or let it follow the room")
async def set_slow_mode(deps: Deps, by: By, room_id: RoomKey, act: acts.SlowMode) -> Done:
    """Fixed, it stays until it is automatic again."""
    return await _direct(deps, by, room_id, "slow_mode", act.model_dump())


@router.patch(_ROOM + "/knobs", summary="Turn knobs")
async def set_knobs(deps: Deps, by: By, room_id: RoomKey, knobs: Annotated[acts.Knobs, Body()]) -> Done:
    """Those that are named, at once and until they are turned again. 422 names the first that is wrong."""
    try:
        encoded = msgspec.json.encode(knobs)
    except UnicodeEncodeError as exc:  # half of a surrogate pair
        raise Declined(NOT_ACCEPTED, "knobs: a name or a value that is no text") from exc
    return await _direct(deps, by, room_id, "set_knobs", {"knobs": encoded})


@router.post(_ROOM + "/retract", summary="Take back a line or a story")
async def retract(deps: Deps, by: By, room_id: RoomKey, act: acts.Retract) -> Done:
    """Viewers see it no longer."""
    return await _direct(deps, by, room_id, "retract", act.model_dump())


@router.post(_ROOM + "/donations", summary="Tell the room of a payment")
async def donate(deps: Deps, by: By, room_id: RoomKey, act: acts.Donation) -> Done:
    """For the service that takes payments. The same payment's id is one donation, for ever."""
    return await _direct(deps, by, room_id, "donation", act.model_dump())


async def _direct(deps: HttpDeps, by: Operator, room_id: str, act: str, fields: Mapping[str, Any]) -> Done:
    try:
        outcome = await deps.shows.direct(_room_id(room_id), by, act, fields)
    except NoSuchRoom as exc:
        raise _unknown_room() from exc
    except ActorsAway as exc:
        raise Declined(UNAVAILABLE, "the room's actor does not answer; try again with the same key") from exc
    if isinstance(outcome, Refused):
        raise declined(outcome)
    log.info("show_directed", room=room_id, act=act, operator=by.name, request=by.request_id)
    return Done(room=room_id, offset=outcome)


def _room_id(text: str) -> RoomId:
    if ROOM_ID.match(text) is None:
        raise _unknown_room()
    return RoomId(text)


def _unknown_room() -> Declined:
    return Declined(UNKNOWN_ROOM, "there is no such room")


def _shown(story: Story) -> StoryView:
    return StoryView(
        story=story.id,
        place=story.place,
        title=story.title,
        text=story.text,
        stage=story.stage,
        anonymous=story.anonymous,
        nick="" if story.anonymous else story.nick,
        may_clip=story.may_clip,
        age_band=story.age_band,
        told_at=datetime.fromtimestamp(story.told_at_ms / 1_000, UTC),
    )
