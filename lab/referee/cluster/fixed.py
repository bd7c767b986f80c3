"""What of an object nobody changes in this lab: what is asked for is compared with what there is. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from lab.kube.calls import Call
from lab.kube.errors import forbidden

Json = dict[str, Any]


def differing(asked: Any, has: Any, path: str, *, exact: bool = False) -> Iterator[str]:
    """The fields in which something is asked for that there is not.

    What is not said is as it is, as after defaulting; *exact*: what is not said was taken away.
    """
    if isinstance(asked, Mapping) and (isinstance(has, Mapping) or has is None):
        has = has or {}
        for key in sorted(asked.keys() | has.keys() if exact else asked.keys()):
            yield from differing(asked.get(key), has.get(key), f"{path}.{key}", exact=exact)
    elif isinstance(asked, list) and isinstance(has, list) and len(asked) == len(has):
        for at, pair in enumerate(zip(asked, has, strict=True)):
            yield from differing(*pair, f"{path}[{at}]", exact=exact)
    elif asked != has and (asked or has) and (exact or asked is not None):
        yield path


def without(thing: Mapping[str, Any], *names: str) -> Json:
    """A map without some of its keys."""
    return {key: value for key, value in thing.items() if key not in names}


def refuse(call: Call, name: str, fields: Iterator[str]) -> None:
    """Raise 403 naming the fields, where there is any."""
    if found := list(fields):
        why = f"{', '.join(found)} cannot be changed in this lab: nothing here would do what it says"
        raise forbidden(call.user, call.verb, call.kind, name, why=why)
