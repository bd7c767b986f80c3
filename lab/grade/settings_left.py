"""Settings that were left beyond the scenario's bounds, as the servers told them at baseline and end."""

from collections.abc import Mapping
from typing import Any

from lab.grade.case import Case
from lab.grade.findings import SettingLeft


def settings_left(case: Case) -> tuple[SettingLeft, ...]:
    """Each that is not what it was and is out of bounds; what was not read is not spoken of."""
    before, after = (_taken(case, when) for when in ("baseline", "end"))
    read = ((bound, before.get(bound.key), after.get(bound.key)) for bound in case.scenario.bounds)
    return tuple(
        SettingLeft(on=bound.on, setting=bound.setting, was=float(was), now=float(now), wanted=bound.words)
        for bound, was, now in read
        if was is not None and now is not None and now != was and bound.outside(now)
    )


def _taken(case: Case, when: str) -> Mapping[str, Any]:
    events = [e for e in case.phases.of("fingerprint") if e.detail.get("when") == when]
    return events[-1].detail.get("settings") or {} if events else {}
