"""A version: one trained set of heads with the encoder that they read through.

Only the values; `models.storage` writes and reads them, `models.scoring` answers with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.heads import Head
from features.encoding import Encoder
from models.heads import HeadModel
from models.linear import Linear

__all__ = ["Version"]


@dataclass(frozen=True, slots=True)
class Version:
    """name: its number in the registry, as text. about: data window, label rule, figures and the like, for people."""

    name: str
    encoder: Encoder
    linear: Linear
    heads: Mapping[Head, HeadModel]
    about: Mapping[str, Any]
