"""The plan: how many arrivals a second, with which options, and which bursts on top."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadgen.errors import BadPlan
from loadgen.words import ROUTES

_log = logging.getLogger(__name__)

Options = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Extra arrivals on one route from *start* (unix seconds) for *for_s*; its options go before the plan's.

    Once it has begun only its withdrawal counts: another rate needs another id or start.
    """

    id: str
    route: str
    rate_per_s: float
    start: float
    for_s: float
    options: Options = field(default_factory=dict)

    @property
    def end(self) -> float:
        """Unix time after which no more of it arrives."""
        return self.start + self.for_s


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Arrivals per second, whatever the answers do."""

    rate_per_s: float = 0.0
    options: Options = field(default_factory=dict)
    bursts: tuple[Burst, ...] = ()

    def rate_at(self, t: float) -> float:
        """Arrivals per second at unix time *t*, bursts included."""
        return self.rate_per_s + sum(b.rate_per_s for b in self.bursts if b.start <= t < b.end)


IDLE = Plan()


def parse(text: str) -> Plan:
    """Read a plan from JSON. Raise BadPlan where it does not say what a plan says."""
    try:
        raw = json.loads(text)
        return Plan(
            rate_per_s=_amount(raw["rate_per_s"]),
            options=_options(raw.get("options", {})),
            bursts=tuple(_burst(b) for b in raw.get("bursts", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadPlan(f"plan is not one: {type(error).__name__} {error}: {text[:200]!r}") from error


def _burst(raw: Mapping[str, Any]) -> Burst:
    if raw["route"] not in ROUTES:
        raise BadPlan(f"burst on unknown route {raw['route']!r}, known are {', '.join(ROUTES)}")
    return Burst(
        id=str(raw["id"]),
        route=raw["route"],
        rate_per_s=_amount(raw["rate_per_s"]),
        start=float(raw["start"]),
        for_s=_amount(raw["for_s"]),
        options=_options(raw.get("options", {})),
    )


def _options(raw: Mapping[str, Any]) -> Options:
    return {str(name): float(value) for name, value in raw.items()}


def _amount(raw: object) -> float:
    amount = float(raw)  # type: ignore[arg-type]
    if not 0 <= amount < 100_000:
        raise ValueError(f"{amount} is not an amount between 0 and 100000")
    return amount


class PlanFile:
    """The plan as the file last said it: idle before there is one.

    A plan that cannot be read, or a file that vanishes, changes nothing: the load must not stop because its
    instructions are being mishandled.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._plan = IDLE

    def read(self) -> Plan:
        """The plan of this moment; looks into the file only if it was replaced."""
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if seen != self._seen:
                self._seen = seen
                self._plan = parse(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            pass
        except (OSError, BadPlan) as error:
            _log.warning("keeping the former plan: %s", error)
        return self._plan
