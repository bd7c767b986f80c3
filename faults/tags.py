"""The tag that what a fault creates carries: it is in the receipt before the thing is there.

Comments of roles, columns and tables hold it, files begin with it; names of slots and prepared transactions
end in a random part. Only what carries it is removed; what has the name and not the tag is somebody else's.
"""

import secrets


def random_part() -> str:
    """Eight characters that nobody else has, for a name."""
    return secrets.token_hex(4)


def new() -> str:
    """A tag as whoever finds it may read it: the number of a change."""
    return f"change {random_part()}"


def left_alone(what: str) -> str:
    """What `Fault.revert` says of a thing that it did not make."""
    return f"left alone, as somebody else's: {what}"
