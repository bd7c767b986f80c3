"""What a report says beside its grades: none of it changes a verdict."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something that a reader should look at before trusting the rest; *id* is for machines."""

    id: str
    text: str


class Outcome(Enum):
    """What became of the incident, whatever the verdict on the run is."""

    UNSOLVED = "unsolved"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"
