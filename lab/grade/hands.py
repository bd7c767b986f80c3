"""Tells the trainee's looks from what can change how the shop fares, by what the servers recorded of them."""

import re

from lab.grade.case import Case
from lab.grade.traps import did
from lab.history.records import Event

SQL = ("sql", "mysql")
RECORDED = ("act", "kubectl", "redis", *SQL)
"""The kinds of what a trainee's hands do."""

NOT_THEIRS = frozenset({"lab", "operator"})

LOOKS_SQL = re.compile(
    r"[\s(]*(begin|close|commit|declare|desc|describe|end|explain|fetch|listen|reset|rollback|select|set|show"
    r"|start|table|unlisten|use|values|with)\b",
    re.IGNORECASE,
)
SQL_ACTS = re.compile(
    r"\bpg_(terminate_backend|cancel_backend|reload_conf|rotate_logfile|promote|wal_replay_\w+|switch_wal"
    r"|drop_replication_slot|create_\w*replication_slot|advisory_unlock\w*)\b"
    r"|\b(insert\s+into|update\s+[\w.\"]+\s+set|delete\s+from|setval)\b"
    r"|^\s*(set\s+(global|persist)|start\s+(replica|slave|group)|reset\s+(replica|slave|binary|persist)"
    r"|(commit|rollback)\s+prepared)",
    re.IGNORECASE,
)
UNSEEN = "(connected)"
"""A session of the application's role: what was done in it is not recorded, so it may have been anything."""

LOOKS_REDIS = re.compile(
    r"(bitcount|command|dbsize|echo|exists|get|getrange|hello|hexists|hget|hgetall|hkeys|hlen|hmget|hscan|hvals"
    r"|info|keys|lastsave|lindex|llen|lrange|mget|monitor|object|pttl|pubsub|randomkey|role|scan|scard"
    r"|sismember|smembers|sscan|strlen|p?subscribe|time|ttl|type|xinfo|xlen|xpending|xrange|xread|xrevrange"
    r"|zcard|zcount|zrange|zrank|zscan|zscore"
    r"|acl\s+(cat|getuser|list|log|users|whoami)|client\s+(getname|id|info|list)|cluster\s+(info|nodes)"
    r"|config\s+get|latency\s+(doctor|graph|histogram|history|latest)|memory\s+(doctor|stats|usage)"
    r"|script\s+exists|slowlog\s+(get|len))(\s|$)",
    re.IGNORECASE,
)
RECORDED_LATE_S = 1.5
"""An act that helps at once comes after the last request that went wrong; and settings are looked at once a
second.
"""

CLIENT_ERROR = 400
HARMLESS_ACTS = frozenset({"annotate", "pause"})


def theirs(case: Case) -> tuple[Event, ...]:
    """Everything that the trainee's hands did, oldest first."""
    return tuple(e for e in case.phases.of(*RECORDED) if str(e.detail.get("who", "")) not in NOT_THEIRS)


def effects(case: Case) -> tuple[Event, ...]:
    """What of it can have changed how the shop fares."""
    return tuple(event for event in theirs(case) if changes(event))


def changes(event: Event) -> bool:
    """Whether what was done can change anything; in doubt it can."""
    text = str(event.detail.get("text", ""))
    match event.kind:
        case "act":
            return not refused(event) and event.detail.get("verb") not in HARMLESS_ACTS
        case "kubectl":
            # What its other verbs change is recorded as an act, too.
            return not refused(event) and str(event.detail.get("object", "")).endswith("/exec")
        case "redis":
            return not LOOKS_REDIS.match(text)
        case _:
            return text == UNSEEN or any(_changes_sql(part) for part in without_strings(text).split(";"))


def refused(event: Event) -> bool:
    """Whether it was asked for and not done."""
    if event.kind == "kubectl":
        return int(event.detail.get("code") or 0) >= CLIENT_ERROR
    return str(event.detail.get("result", "")).lower().startswith(("refused", "error", "failed"))


def about(event: Event) -> str:
    """What it was done to, in words that a diagnosis may use."""
    match event.kind:
        case "sql":
            return "postgres database"
        case "mysql":
            return "mysql database"
        case "redis":
            return "redis cache"
        case _:
            return did(event)


def _changes_sql(statement: str) -> bool:
    if not statement.strip():
        return False
    return not LOOKS_SQL.match(statement) or bool(SQL_ACTS.search(statement))


def without_strings(text: str) -> str:
    """The statement without comments and quoted texts, which may hold anything."""
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    return re.sub(r"'(?:[^']|'')*'", "''", text)
