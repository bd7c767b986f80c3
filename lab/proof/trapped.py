"""Whether the report of a run that fell into a trap says so, and shows that what was wrong came back."""

from collections.abc import Collection
from typing import Any

from lab.recogniser import CameOfIt


def came_of_trap(trap: str, shows: Collection[CameOfIt], report: dict[str, Any]) -> list[str]:
    """What is missing in *report*: the trap's name, or that one of *shows* came of it."""
    named = [notice for notice in report["notices"] if notice["tone"] == "trap"]
    ids = sorted({notice["id"] for notice in named})
    if trap not in ids:
        return [f"the report does not name the trap {trap}, but {ids}"]
    seen = {CameOfIt(notice["aftermath"]) for notice in named if notice["id"] == trap}
    if _came_back(report):
        seen.add(CameOfIt.RELAPSED)
    if not shows or seen & set(shows):
        return []
    return [f"of the trap {_listed(shows)} should have come, the report shows {_listed(seen)}"]


def _came_back(report: dict[str, Any]) -> bool:
    """Whether it was mitigated and not resolved: the replay of the trigger brought it back."""
    replayed = (g for g in report["grades"] if "replay_started_t" in (g.get("evidence") or {}))
    return report.get("outcome") == "mitigated" and any(g["verdict"] == "fail" for g in replayed)


def _listed(shown: Collection[CameOfIt]) -> str:
    return " or ".join(sorted(f"'{one.value}'" for one in shown))
