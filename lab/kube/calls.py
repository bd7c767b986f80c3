"""What a request asks for: its path, query and who asks, as values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.kube import kinds
from lab.kube.errors import bad_request, no_such_path, not_allowed, not_found
from lab.kube.kinds import Kind
from lab.kube.selectors import Selector

Json = dict[str, Any]

PATH = re.compile(
    r"/(?:api|apis/(?P<group>[a-z0-9.]+))/(?P<version>v[0-9a-z]+)"
    r"(?:/namespaces/(?P<namespace>[a-z0-9-]+)(?=/[a-z]))?"
    r"/(?P<plural>[a-z]+)(?:/(?P<name>[A-Za-z0-9.:_-]+))?(?:/(?P<sub>[a-z]+))?/?"
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
NAMESPACE = "default"


@dataclass(frozen=True, kw_only=True)
class Stray:
    """A request that is no call: of a path that is not served, or a method that is no verb."""

    verb: str
    object: str
    user: str
    command: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request on a kind: *name* and *sub* are empty on a collection, or the object itself.

    *namespace* is empty for all of them, and for what belongs to none.
    """

    method: str
    kind: Kind
    name: str
    sub: str
    namespace: str
    query: Mapping[str, str]
    accept: str
    user: str
    command: str

    @property
    def verb(self) -> str:
        """As access rules name it: get, list, watch, create, update, patch, delete, deletecollection."""
        if self.method == "DELETE" and not self.name:
            return "deletecollection"
        if self.method in VERBS:
            return VERBS[self.method]
        if self.watching:
            return "watch"
        return "get" if self.name else "list"

    @property
    def object(self) -> str:
        """What it is about, as the history names it: pods, pods/a, pods/a/log."""
        parts = [self.kind.plural, self.name, self.sub]
        if self.elsewhere:
            parts = ["namespaces", self.namespace, *parts]
        return "/".join(filter(None, parts))

    @property
    def exists(self) -> bool:
        """Whether the API has this verb for the kind at all, whoever asks."""
        sub = self.kind.sub(self.sub)
        return self.verb in (sub.verbs if sub else self.kind.verbs)

    @property
    def watching(self) -> bool:
        """Whether changes are to be streamed."""
        return self.query.get("watch") in ("true", "1") and self.method == "GET" and not self.sub

    @property
    def selector(self) -> Selector:
        """Which objects are wanted."""
        fields = [self.query.get("fieldSelector", "")]
        if self.watching and self.name:
            fields.append(f"metadata.name={self.name}")
        if self.elsewhere:
            fields.append(f"metadata.namespace={self.namespace}")
        return Selector(labels=self.query.get("labelSelector", ""), fields=",".join(filter(None, fields)))

    @property
    def elsewhere(self) -> bool:
        """Whether it is about a namespace that there is not: all that there is, is in the one."""
        return self.namespace not in ("", NAMESPACE)

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be kept."""
        return self.query.get("dryRun", "") == "All"


def parse(method: str, path: str, query: Mapping[str, str], *, accept: str, user: str, command: str) -> Call:
    """The call that a request is; raises 404 for what is not served, 405 for what is no verb."""
    found = PATH.fullmatch(path)
    kind = found and kinds.find(found["group"] or "", found["version"], found["plural"])
    if not found or not kind:
        raise no_such_path()
    sub = found["sub"] or ""
    if sub and kind.sub(sub) is None:
        raise no_such_path()
    namespace = found["namespace"]
    if namespace and not kind.namespaced:
        raise no_such_path()
    call = Call(
        method=method,
        kind=kind,
        name=found["name"] or "",
        sub=sub,
        namespace=namespace or "",
        query=query,
        accept=accept,
        user=user,
        command=command,
    )
    _check(call)
    return call


def _check(call: Call) -> None:
    if call.kind.namespaced and call.name and not call.namespace:
        raise no_such_path()
    on_one = call.method in ("PUT", "PATCH")
    on_all = call.method == "POST" and not call.sub
    in_one = call.kind.namespaced and call.method != "GET"
    if call.method not in METHODS or (on_one and not call.name) or (on_all and call.name):
        raise not_allowed()
    if in_one and not call.namespace:
        raise not_allowed()


def check_place(call: Call) -> None:
    """Raise 404 for a change, or one object, of a namespace that there is not: lists there are empty."""
    if call.elsewhere and call.name and not call.watching:
        raise not_found(call.kind, call.name)
    if call.elsewhere and call.method == "POST":
        raise not_found(kinds.NAMESPACES, call.namespace)


def check_same_place(call: Call, thing: Json) -> None:
    """Raise 400 where an object says that it belongs elsewhere than where it is sent."""
    said = (thing.get("metadata") or {}).get("namespace")
    if said and said != call.namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def whole(query: Mapping[str, str], name: str) -> int | None:
    """A whole number of a query; None where it is not there."""
    text = query.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise bad_request(f"{name}: must be a whole number, got {text!r}")
    return int(text)
