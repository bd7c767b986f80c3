"""What the verbs print: answers of the referee as text for a person. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any


def status(answer: Mapping[str, Any]) -> str:
    """The status screen: where the run is, what pages, what users see, what holds."""
    parts = [_head(answer), _waiting(answer), _alerts(answer["alerts"]), _users(answer["users"])]
    parts += [_holds(answer["holds"]), _milestones(answer)]
    return "\n\n".join(part for part in parts if part)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def duration(seconds: float | None) -> str:
    """Seconds as a person says them."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def _head(answer: Mapping[str, Any]) -> str:
    head = f"{answer['scenario']}  run {answer['run_id']}  {answer['phase']}"
    if answer["clock_s"] is not None:
        head += f"   {duration(answer['clock_s'])} since the page"
    if answer["impact_s"] is not None:
        head += f", {duration(answer['impact_s'])} since users first felt it"
    if answer.get("because"):
        head += f"\nended: {answer['because']}"
    return head


def _waiting(answer: Mapping[str, Any]) -> str:
    names = answer.get("waiting_for") or []
    return f"waiting for {', '.join(names)}" if names else ""


def _alerts(alerts: Sequence[Mapping[str, Any]]) -> str:
    if not alerts:
        return "alerts: none"
    rows = [["ALERT", "SINCE", ""]]
    rows += [[a["name"], duration(a["since_s"]), a["summary"]] for a in alerts]
    return table(rows)


def _users(users: Mapping[str, Any]) -> str:
    rows = [["USERS SEE", "SUCCESS", "P95", "PER SECOND"], _seen("all", users)]
    rows += [_seen(f"  {name}", seen) for name, seen in sorted(users["routes"].items())]
    return table(rows)


def _seen(name: str, seen: Mapping[str, Any]) -> list[str]:
    ratio, p95, rate = seen.get("success_ratio"), seen.get("p95_ms"), seen.get("per_s")
    return [
        name,
        "-" if ratio is None else f"{ratio * 100:.1f}%",
        "-" if p95 is None else f"{p95:.0f} ms",
        "-" if rate is None else f"{rate:.1f}",
    ]


def _holds(holds: Sequence[Mapping[str, Any]]) -> str:
    if not holds:
        return ""
    rows = [["HOLDS", ""]]
    rows += [[f"{min(h['held_s'], h['needs_s']):.0f} of {h['needs_s']:.0f} s", h["claim"]] for h in holds]
    return table(rows)


def _milestones(answer: Mapping[str, Any]) -> str:
    if answer["clock_s"] is None:
        return ""
    names = {"ack": "acknowledged", "status_update": "first status update", "diagnosis": "diagnosis given"}
    said = [f"{label}: {duration(answer['milestones'].get(name))}" for name, label in names.items()]
    return "   ".join([*said, f"hints taken: {answer['hints_taken']}"])
