"""What the user may do: asked by `kubectl auth can-i`, and decided for every call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.kube import kinds
from lab.kube.kinds import Kind

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Verbs on resources ("deployments", "pods/exec") of a group."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]

    def allows(self, verb: str, group: str, resource: str) -> bool:
        """Whether the rule is about this, and allows it."""
        return group == self.group and resource in self.resources and verb in self.verbs


@dataclass(frozen=True, kw_only=True)
class Role:
    """A user's name and what it may do."""

    user: str
    rules: tuple[Rule, ...]

    def may(self, verb: str, kind: Kind, sub: str = "") -> bool:
        """Whether the user may do *verb* to a kind, or to a subresource of it."""
        return self.allows(verb, kind.group, f"{kind.plural}/{sub}" if sub else kind.plural)

    def allows(self, verb: str, group: str, resource: str) -> bool:
        """The same by names."""
        return any(rule.allows(verb, group, resource) for rule in self.rules)


def access_review(role: Role, body: Mapping[str, Any]) -> Json:
    """The answer to "may I?"."""
    spec = dict(body.get("spec") or {})
    asked = spec.get("resourceAttributes") or {}
    resource, sub = asked.get("resource", ""), asked.get("subresource", "")
    full = f"{resource}/{sub}" if sub else resource
    allowed = role.allows(asked.get("verb", ""), asked.get("group", ""), full)
    if "*" in (asked.get("verb"), resource):
        allowed = False
    status: Json = {"allowed": allowed}
    if not allowed:
        status["reason"] = f'no rule lets "{role.user}" {asked.get("verb", "do")} {full or "that"}'
    return _answer(kinds.ACCESS_REVIEWS, spec, status)


def rules_review(role: Role, body: Mapping[str, Any]) -> Json:
    """All that the user may do."""
    rules = [
        {"verbs": list(rule.verbs), "apiGroups": [rule.group], "resources": list(rule.resources)}
        for rule in role.rules
    ]
    status = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
    return _answer(kinds.RULES_REVIEWS, dict(body.get("spec") or {}), status)


def who_am_i(role: Role) -> Json:
    """Who is asking."""
    user = {"username": role.user, "groups": ["system:authenticated"]}
    return {**_answer(kinds.WHO_AM_I, {}, {"userInfo": user})}


def _answer(kind: Kind, spec: Json, status: Json) -> Json:
    return {
        "kind": kind.kind,
        "apiVersion": kind.api_version,
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": status,
    }


def readable(things: Iterable[Kind]) -> tuple[Rule, ...]:
    """Rules that let somebody look at kinds."""
    return tuple(Rule(group=kind.group, resources=(kind.plural,), verbs=kinds.READ) for kind in things)
