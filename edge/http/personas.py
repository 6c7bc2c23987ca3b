"""Owns `/api/v1/personas`: who speaks in the rooms, and their faces."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.http.deps import Deps
from edge.http.errors import UNKNOWN_PERSONA, UNKNOWN_SIGNAL, Declined
from personas.pack import Pack
from store.ids import PersonaId

PREFIX = "/api/v1"

# A face opened by itself runs nothing and fetches nothing, whatever a pack brings along.
_FACE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_FACE_CACHING = "public, max-age=3600"


class Persona(BaseModel):
    """An AI persona."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "hong-sehyeon",
                "name": "홍세현",
                "name_latin": "Hong Sehyeon",
                "age": 29,
                "mbti": "ENFJ",
                "role": "연애 상담가",
                "tagline": "당신의 이야기를 먼저 듣습니다",
                "intro": "늦은 밤의 상담실을 지킵니다.",
                "voice": "builtin",
                "signals": ["neutral", "nod"],
                "faces": {
                    "neutral": "/api/v1/personas/hong-sehyeon/faces/neutral.svg",
                    "nod": "/api/v1/personas/hong-sehyeon/faces/nod.svg",
                },
                "colour": "#d97757",
            }
        }
    )
    id: str
    name: str
    name_latin: str
    age: int
    mbti: str
    role: str
    tagline: str
    intro: str
    voice: Literal["builtin", "openai"] = Field(
        description="builtin: answers from the pack; openai: a language model"
    )
    signals: list[str] = Field(description="what the face can show")
    faces: dict[str, str] = Field(description="by signal, the URL of a picture (SVG, 320 by 320)")
    colour: str = Field(description="#rrggbb")


class PersonaList(BaseModel):
    """Every persona."""

    personas: list[Persona]


@dataclass(frozen=True, slots=True)
class _Face:
    svg: bytes
    etag: str


def make_router(packs: Mapping[PersonaId, Pack]) -> APIRouter:
    """The routes of these packs. Reads every face now: what is served later never touches a path from outside."""
    router = APIRouter(prefix=PREFIX, tags=["personas"])
    faces: dict[str, dict[str, _Face]] = {
        pack.id: {signal: _read_face(path.read_bytes()) for signal, path in pack.faces.items()}
        for pack in packs.values()
    }

    @router.get("/personas", summary="Every persona")
    async def list_personas(deps: Deps) -> PersonaList:
        """Who speaks in the rooms. All of them are AI, and the page says so."""
        return PersonaList(personas=[_describe(pack, deps.voice) for pack in packs.values()])

    @router.get(
        "/personas/{persona_id}/faces/{signal}.svg",
        summary="One face of a persona",
        response_class=Response,
        responses={200: {"content": {"image/svg+xml": {}}, "description": "the picture"}},
    )
    async def get_face(request: Request, persona_id: str, signal: str) -> Response:
        """The face that the persona makes at this signal."""
        persona = faces.get(persona_id)
        if persona is None:
            raise Declined(UNKNOWN_PERSONA, "there is no such persona")
        face = persona.get(signal)
        if face is None:
            raise Declined(UNKNOWN_SIGNAL, "the persona has no such face")
        headers = {"etag": face.etag, "cache-control": _FACE_CACHING, "content-security-policy": _FACE_POLICY}
        if request.headers.get("if-none-match") == face.etag:
            return Response(status_code=304, headers=headers)
        return Response(face.svg, media_type="image/svg+xml", headers=headers)

    return router


def _read_face(svg: bytes) -> _Face:
    return _Face(svg, f'"{hashlib.sha256(svg).hexdigest()[:16]}"')


def _describe(pack: Pack, voice: Literal["builtin", "openai"]) -> Persona:
    return Persona(
        id=pack.id,
        name=pack.name,
        name_latin=pack.name_latin,
        age=pack.age,
        mbti=pack.mbti,
        role=pack.role,
        tagline=pack.tagline,
        intro=pack.intro,
        voice=voice,
        signals=list(pack.faces),
        faces={signal: f"{PREFIX}/personas/{pack.id}/faces/{signal}.svg" for signal in pack.faces},
        colour=pack.colour,
    )
