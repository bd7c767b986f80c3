"""The few request bodies that kubectl (1.32 and later) sends as protobuf: reviews, and what `create` makes.

Source of the field numbers: generated.proto of k8s.io/api, as seen on the wire.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lab.kube.errors import ApiError, bad_request

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: its name in JSON, and what it holds (None: text)."""

    name: str
    of: "Message | None" = None
    repeated: bool = False
    mapping: bool = False
    whole: bool = False


Message: TypeAlias = Mapping[int, Field]

ENTRY: Message = {1: Field(name="key"), 2: Field(name="value")}
META: Message = {
    1: Field(name="name"),
    2: Field(name="generateName"),
    3: Field(name="namespace"),
    11: Field(name="labels", mapping=True),
    12: Field(name="annotations", mapping=True),
}
ATTRIBUTES: Message = {
    1: Field(name="namespace"),
    2: Field(name="verb"),
    3: Field(name="group"),
    4: Field(name="version"),
    5: Field(name="resource"),
    6: Field(name="subresource"),
    7: Field(name="name"),
}
CONTAINER: Message = {
    1: Field(name="name"),
    2: Field(name="image"),
    3: Field(name="command", repeated=True),
    4: Field(name="args", repeated=True),
}
POD_SPEC: Message = {2: Field(name="containers", of=CONTAINER, repeated=True)}
TEMPLATE: Message = {1: Field(name="metadata", of=META), 2: Field(name="spec", of=POD_SPEC)}
SELECTOR: Message = {1: Field(name="matchLabels", mapping=True)}
DEPLOYMENT_SPEC: Message = {
    1: Field(name="replicas", whole=True),
    2: Field(name="selector", of=SELECTOR),
    3: Field(name="template", of=TEMPLATE),
}
MESSAGES: Mapping[str, Message] = {
    "SelfSubjectAccessReview": {
        2: Field(name="spec", of={1: Field(name="resourceAttributes", of=ATTRIBUTES)})
    },
    "SelfSubjectRulesReview": {2: Field(name="spec", of={1: Field(name="namespace")})},
    "SelfSubjectReview": {},
    "ConfigMap": {1: Field(name="metadata", of=META), 2: Field(name="data", mapping=True)},
    "Deployment": {1: Field(name="metadata", of=META), 2: Field(name="spec", of=DEPLOYMENT_SPEC)},
}


def decode(body: bytes) -> dict[str, Any]:
    """The object in a protobuf envelope, as JSON would have it; empty texts and messages are left out."""
    if not body.startswith(MAGIC):
        raise bad_request("the body is no Kubernetes protobuf: it does not begin with k8s\\0")
    try:
        envelope = dict(_fields(body[len(MAGIC) :]))
        types = {number: bytes(value).decode() for number, value in _fields(envelope.get(1, b""))}
        api_version, kind = types.get(1, ""), types.get(2, "")
        if kind not in MESSAGES:
            raise ApiError(
                415, f"protobuf bodies of kind {kind!r} are not understood here; send JSON or YAML"
            )
        return {"apiVersion": api_version, "kind": kind, **_message(envelope.get(2, b""), MESSAGES[kind])}
    except (IndexError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise bad_request(f"the protobuf body is broken: {error}") from error


def _message(data: bytes, known: Message) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for number, raw in _fields(data):
        if number in known:
            _put(result, known[number], raw)
    return {key: value for key, value in result.items() if value not in ("", {}, [])}


def _put(result: dict[str, Any], field: Field, raw: Any) -> None:
    if field.mapping:
        entry = _message(raw, ENTRY)
        result.setdefault(field.name, {})[entry.get("key", "")] = entry.get("value", "")
        return
    value = raw if field.whole else _message(raw, field.of) if field.of is not None else bytes(raw).decode()
    if field.repeated:
        result.setdefault(field.name, []).append(value)
    else:
        result[field.name] = value


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Field numbers and raw values of a message: ints for varints, bytes for everything with a length."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        elif wire == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError(f"field {number} says {length} bytes, {len(data) - at} are left")
            yield number, data[at : at + length]
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
