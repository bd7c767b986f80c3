"""What a report says beside its grades: none of it changes a verdict."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something that a reader should look at before trusting the rest; *id* is for machines."""

    id: str
    text: str
