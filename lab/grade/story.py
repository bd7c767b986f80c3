"""The timeline and the hints: what happened, for those who read the report."""

from collections.abc import Callable, Mapping
from typing import Any

from lab.acts import STATEMENTS
from lab.grade.case import Case
from lab.grade.model import Entry, HintTaken
from lab.grade.say import clock
from lab.grade.traps import did
from lab.history.records import Event

Detail = Mapping[str, Any]

TEXTS: Mapping[str, tuple[str, Callable[[Detail], str]]] = {
    "run_started": ("lab", lambda d: f"run {d.get('run_id', '')} of {d.get('scenario', '')} started"),
    "stack_ready": ("lab", lambda _: "all services ready"),
    "baseline_started": ("lab", lambda _: "baseline: the load runs, nothing is wrong yet"),
    "baseline_ended": (
        "lab",
        lambda d: "baseline healthy" if d.get("ok") else f"baseline not healthy: {d.get('because', '')}",
    ),
    "injected": ("lab", lambda d: f"injected: {d.get('fault', '')}"),
    "inject_failed": ("lab", lambda d: f"could not be injected: {d.get('because', '')}{_undo(d)}"),
    "end_asked": ("lab", lambda _: "the run was ended from outside"),
    "page": ("alert", lambda d: f"page: {d.get('alert', '')} {d.get('summary', '')}".strip()),
    "alert_firing": ("alert", lambda d: f"alert firing: {d.get('alert', '')}"),
    "alert_resolved": ("alert", lambda d: f"alert resolved: {d.get('alert', '')}"),
    "ack": ("trainee", lambda _: "acknowledged the page"),
    "status_update": ("trainee", lambda d: f"status page: {d.get('text', '')}"),
    "diagnosis": (
        "trainee",
        lambda d: (
            f"diagnosis: {d.get('component', '')}: {d.get('fault', '')}; seen by {d.get('evidence', '')}"
        ),
    ),
    "hint": ("trainee", lambda d: f"took hint {d.get('n', '')} for {d.get('price', 0)} points"),
    "pod": (
        "lab",
        lambda d: f"pod {d.get('name', '')}: {d.get('state', '')} {d.get('reason') or ''}".strip(),
    ),
    "database_restarted": ("lab", lambda d: f"database restarted {d.get('name') or ''}".strip()),
    "settings_reset": (
        "lab",
        lambda d: f"{d.get('name') or ''} started anew with settings of its own: {_settings(d)}",
    ),
    "settings_unclear": (
        "lab",
        lambda d: (
            f"{d.get('name') or ''} could not be read since {clock(float(d.get('since_t') or 0))}, and a "
            "fault was done to it: what the trainee set there meanwhile cannot be told"
        ),
    ),
    "grade_asked": ("trainee", lambda _: 'said "I am done"'),
    "hold_done": ("lab", lambda _: "service held long enough"),
    "hold_missed": ("lab", lambda _: "service did not hold in the time there was"),
    "replay_started": ("lab", lambda _: "replay of the trigger began"),
    "replay_ended": ("lab", lambda _: "replay of the trigger ended"),
    "replay_spoilt": ("lab", lambda d: f"the replay was not seen: {d.get('why', '')}"),
    "record_stopped": ("lab", lambda d: f"the run's record cannot be written: {d.get('why', '')}"),
    "hands_off": ("lab", lambda d: f"sessions of the toolbox ended: {d.get('sessions', 0)}"),
    "ledger": ("lab", lambda d: f"ledger checked: {d.get('acknowledged', 0)} acknowledged writes"),
    "limit_reached": ("lab", lambda _: "the drill's time was up"),
    "load_interfered": ("lab", lambda d: f"load interfered: {d.get('what', '')}"),
    "referee_started": ("lab", lambda _: "the referee was started again: nobody watched meanwhile"),
    "watcher_restarted": ("lab", lambda _: "Prometheus was restarted"),
    "ended": ("lab", lambda d: f"ended: {d.get('why', '')}"),
}
"""Lane and words of each kind of event; kinds that are not here are not told."""


def timeline(case: Case, resolved_t: float | None) -> tuple[Entry, ...]:
    """Every event worth telling, and what users felt, oldest first."""
    entries = [entry for event in case.phases.events if (entry := _entry(event)) is not None]
    for span in case.outages:
        entries.append(Entry(t=span.start_t, kind="impact", lane="users", text="users feel it"))
        if span.end_t is not None:
            entries.append(Entry(t=span.end_t, kind="restored", lane="users", text="users are served again"))
    if resolved_t is not None:
        entries.append(Entry(t=resolved_t, kind="resolved", lane="users", text="resolved: the cause is gone"))
    return tuple(sorted(entries, key=lambda entry: entry.t))


def hints(case: Case) -> tuple[HintTaken, ...]:
    """Hints that were taken."""
    return tuple(
        HintTaken(n=int(e.detail.get("n") or 0), t=e.t, price=float(e.detail.get("price") or 0))
        for e in case.phases.of("hint")
    )


def _undo(detail: Detail) -> str:
    """What came of the undo, where there was something to undo."""
    return f" ({detail['undo']})" if detail.get("undo") else ""


def _settings(detail: Detail) -> str:
    return ", ".join(f"{name} {value}" for name, value in dict(detail.get("settings") or {}).items())


def _entry(event: Event) -> Entry | None:
    if event.kind in ("act", *STATEMENTS):
        who = str(event.detail.get("who") or "trainee")
        result = event.detail.get("result")
        text = did(event) + (f" → {result}" if result not in (None, "", "ok") else "")
        return Entry(t=event.t, kind=event.kind, lane="trainee" if who != "lab" else "lab", text=text)
    if event.kind not in TEXTS:
        return None
    lane, words = TEXTS[event.kind]
    return Entry(t=event.t, kind=event.kind, lane=lane, text=words(event.detail))
