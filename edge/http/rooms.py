"""Owns `/api/v1/rooms`: which rooms there are, and what was said in them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from edge.http.deps import Deps
from edge.http.errors import BAD_REQUEST, UNKNOWN_ROOM, Declined
from store.ids import ROOM_ID, RoomId, Seq

router = APIRouter(prefix="/api/v1", tags=["rooms"])

MAX_OFFSET = 2**63 - 1  # what the log can number
MAX_PAGE = 1_000


class PersonaRef(BaseModel):
    """A persona, as far as a list of rooms shows it."""

    id: str
    name: str
    role: str


class Room(BaseModel):
    """A live room."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "hong-sehyeon",
                "title": "홍세현의 상담실",
                "personas": [{"id": "hong-sehyeon", "name": "홍세현", "role": "연애 상담가"}],
                "show": "live",
                "starts_at_ms": None,
                "viewers": 128,
                "last_offset": 4021,
                "epoch": "b3f1c0de",
            }
        }
    )
    id: str
    title: str
    personas: list[PersonaRef]
    show: Literal["scheduled", "live", "over"]
    starts_at_ms: int | None = Field(
        None, description="when a show that is planned begins, in ms since 1970; null: it was on at once"
    )
    viewers: int | None = Field(description="people who watch; null while the count is not known")
    last_offset: int = Field(description="of the newest event; 0: nothing has happened yet")
    epoch: str = Field(description="names the log; offsets of another epoch mean nothing")


class RoomList(BaseModel):
    """Every room, in order of creation; at most about two seconds old."""

    rooms: list[Room]


class Event(BaseModel):
    """One thing that happened in a room."""

    offset: int = Field(description="1, 2, 3 … without gaps, never reset")
    data: dict[str, Any] = Field(
        description="as over the WebSocket: its type under `t`, its time in ms under `ts`"
    )


class EventPage(BaseModel):
    """A piece of the room's log, ascending and without gaps."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "epoch": "b3f1c0de",
                "last_offset": 2,
                "events": [
                    {
                        "offset": 2,
                        "data": {
                            "t": "chat",
                            "id": "c-1",
                            "viewer": "v_3q2-7wAAAAAAAAAAAAAAAA",
                            "nick": "수줍은 수달 42",
                            "badges": [],
                            "text": "안녕하세요",
                            "ts": 1767225600000,
                        },
                    }
                ],
            }
        }
    )
    epoch: str
    last_offset: int
    events: list[Event]


RoomKey = Annotated[str, Path(description="id of the room", examples=["hong-sehyeon"])]


@router.get("/rooms", summary="Every room")
async def list_rooms(deps: Deps) -> RoomList:
    """The rooms with who is on air and how many watch. The channel `lobby` of the WebSocket pushes the same."""
    return RoomList.model_validate({"rooms": await deps.listing.current()})


@router.get("/rooms/{room_id}", summary="One room")
async def get_room(deps: Deps, room_id: RoomKey) -> Room:
    """The room, its `last_offset` read now."""
    found = await deps.listing.find(_room_id(room_id))
    if found is None:
        raise Declined(UNKNOWN_ROOM, "there is no such room")
    return Room.model_validate(found)


@router.get("/rooms/{room_id}/events", summary="What happened in a room")
async def list_events(
    deps: Deps,
    room_id: RoomKey,
    after: Annotated[
        int | None, Query(ge=0, le=MAX_OFFSET, description="only events after this offset")
    ] = None,
    before: Annotated[
        int | None, Query(ge=0, le=MAX_OFFSET, description="the last events before this offset")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="at most so many events")] = 100,
) -> EventPage:
    """Pages the durable log. Forward: the first `limit` events with `after` (default 0, the start). Backward: the last
    `limit` events with `before`. One of the two, not both; events are ascending either way."""
    if after is not None and before is not None:
        raise Declined(BAD_REQUEST, "query: give `after` or `before`, not both")
    room = await deps.rooms.find(_room_id(room_id))
    if room is None:
        raise Declined(UNKNOWN_ROOM, "there is no such room")
    if before is not None:
        entries = await deps.log.read_back(room.id, before=Seq(before), limit=limit)
    else:
        entries = await deps.log.read(room.id, after=Seq(after or 0), limit=limit)
    # Events may have come between the two reads: a page never names a last offset below its own.
    last = max([room.last_seq, *(entry.seq for entry in entries[-1:])])
    return EventPage(
        epoch=room.log_epoch,
        last_offset=last,
        events=[Event(offset=entry.seq, data={"ts": entry.at_ms, **entry.body}) for entry in entries],
    )


def _room_id(text: str) -> RoomId:
    if ROOM_ID.match(text) is None:  # spares the database what can be nobody's id
        raise Declined(UNKNOWN_ROOM, "there is no such room")
    return RoomId(text)
