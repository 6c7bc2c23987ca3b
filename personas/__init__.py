"""Owns the personas: the packs (data, one folder each) and their loader.

`load_packs()` at the start of a process, `check_pack(folder)` before a pack is released.
"""

from personas.check import check_pack
from personas.load import load_pack, load_packs
from personas.pack import SIGNALS, TOPICS, Dialogue, Pack, VoiceProfile
from personas.problem import PackInvalid, Problem

__all__ = [
    "SIGNALS",
    "TOPICS",
    "Dialogue",
    "Pack",
    "PackInvalid",
    "Problem",
    "VoiceProfile",
    "check_pack",
    "load_pack",
    "load_packs",
]
