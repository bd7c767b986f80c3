"""Label and field selectors, as queries carry them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lab.kube.errors import bad_request

Json = dict[str, Any]

KEY = r"[A-Za-z0-9]([A-Za-z0-9_./-]*[A-Za-z0-9])?"
VALUE = r"([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?"
EQUAL = re.compile(rf"({KEY})\s*(==|=|!=)\s*({VALUE})")
AMONG = re.compile(rf"({KEY})\s+(in|notin)\s*\(([^()]*)\)")
PRESENT = re.compile(rf"(!?)\s*({KEY})")

FIELDS: Mapping[str, Callable[[Json], Any]] = {
    "metadata.name": lambda o: o["metadata"]["name"],
    "metadata.namespace": lambda o: o["metadata"].get("namespace", ""),
    "status.phase": lambda o: o.get("status", {}).get("phase", ""),
    "spec.nodeName": lambda o: o.get("spec", {}).get("nodeName", ""),
    "type": lambda o: o.get("type", ""),
    "reason": lambda o: o.get("reason", ""),
    **{
        f"involvedObject.{part}": lambda o, part=part: o.get("involvedObject", {}).get(part, "")  # type: ignore[misc]
        for part in ("kind", "name", "namespace", "uid", "apiVersion", "fieldPath")
    },
}


@dataclass(frozen=True, kw_only=True)
class Selector:
    """What a request wants to see of a kind's objects."""

    labels: str = ""
    fields: str = ""

    def matches(self, thing: Json) -> bool:
        """Whether an object is wanted."""
        labels = thing["metadata"].get("labels") or {}
        return labels_match(self.labels, labels) and fields_match(self.fields, thing)


def labels_match(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether labels fit a selector: a=b, a!=b, a in (b,c), a notin (b), a, !a, joined by commas."""
    return all(_label(part, labels) for part in _parts(selector))


def _label(part: str, labels: Mapping[str, str]) -> bool:
    if found := EQUAL.fullmatch(part):
        same = labels.get(found[1]) == found[4]
        return not same if found[3] == "!=" else same
    if found := AMONG.fullmatch(part):
        among = labels.get(found[1]) in {value.strip() for value in found[4].split(",")}
        return among if found[3] == "in" else not among
    if found := PRESENT.fullmatch(part):
        return (found[2] in labels) is not bool(found[1])
    raise bad_request(f'unable to parse requirement: found {part!r}, expected: "=", "in", "notin" or a key')


def fields_match(selector: str, thing: Json) -> bool:
    """Whether an object's fields fit a selector: a=b, a==b, a!=b, joined by commas."""
    return all(_field(part, thing) for part in _parts(selector))


def _field(part: str, thing: Json) -> bool:
    for sign in ("!=", "==", "="):
        name, found, value = part.partition(sign)
        if found:
            if name not in FIELDS:
                raise bad_request(f"field label not supported: {name}")
            return (FIELDS[name](thing) == value) is not (sign == "!=")
    raise bad_request(f"invalid selector: {part!r}; can't understand {part!r}")


def _parts(selector: str) -> Iterator[str]:
    """The requirements of a selector; commas inside parentheses belong to their list."""
    for part in re.split(r",(?![^()]*\))", selector):
        if part.strip():
            yield part.strip()
