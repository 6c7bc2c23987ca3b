"""Owns Character Card V3: what a card must hold, and that what we do not know is kept.

Every model lets unknown fields through: `card.model_dump(exclude_unset=True)` gives back what was read.
Cards of other programs have no `extensions.lovelm`; `Card.lovelm()` says so.
Source: https://github.com/kwaroran/character-card-spec-v3 (SPEC_V3.md, "CharacterCardV3 object").
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SpeechLevel = Literal["polite", "casual"]
Text = Annotated[str, StringConstraints(min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class _Kept(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Address(_Kept):
    """How the persona calls a viewer; `{nick}` stands for the nickname. required: in every counsel."""

    terms: Texts
    required: bool


class Extension(_Kept):
    """`extensions.lovelm`: what the card specification has no field for."""

    id: Text
    name_latin: Text
    age: Annotated[int, Field(ge=19, le=120)]  # a counsel on love is no minor
    mbti: Annotated[str, StringConstraints(pattern=r"^[EI][NS][FT][JP]$")]
    role: Text
    tagline: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    intro: Text
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
    values: Texts
    directness: Annotated[int, Field(ge=1, le=5)]
    address: Address
    speech_level: SpeechLevel
    answer_order: Texts
    imagery: str | tuple[Text, ...]
    taboo_words: Texts
    taboo_topics: tuple[Text, ...]
    nonverbal: dict[str, Text]
    safety: Texts
    apologies: Annotated[Texts, Field(max_length=3)]
    """What the persona says when it could not say a word; to nobody by name, for many may have asked."""


class CardData(_Kept):
    """The `data` of a card: every field that the specification calls mandatory."""

    name: Text
    description: str
    personality: str
    scenario: str
    first_mes: str
    mes_example: str
    creator: str
    character_version: str
    creator_notes: str
    system_prompt: str
    post_history_instructions: str
    alternate_greetings: tuple[str, ...]
    tags: tuple[str, ...]
    group_only_greetings: tuple[str, ...]
    extensions: dict[str, Any]


class Card(_Kept):
    """A Character Card V3, of this project or of another program."""

    spec: Literal["chara_card_v3"]
    spec_version: Annotated[str, StringConstraints(pattern=r"^3(\.\d+)*$")]
    data: CardData

    def lovelm(self) -> Extension:
        """The project's own part. Raises pydantic.ValidationError when it is missing or wrong."""
        return Extension.model_validate(self.data.extensions.get("lovelm"))
