"""Outages by a script: what is done to a calm lab's shop, and undone, from the host."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

from lab.proof.engine import container_of, docker

LASTS_S = 8.0
# Shorter than any hold: users are served for a moment, and then not again.
RELIEF_S = 5.0
FLAPS = 3
# The history of orders asks the database a few times; together they are slow, and none runs into a time-out.
SLOW_MS = 350

Outage: TypeAlias = Callable[[str], None]
"""Does its damage to the lab of that name, waits, and undoes it."""

_REFUSE = "alter role shop nologin"
_END = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'shop'"


def errors(lab: str) -> None:
    """The database lets the shop in no more: errors at once."""
    _as_superuser(lab, _REFUSE, _END)
    time.sleep(LASTS_S)
    _as_superuser(lab, "alter role shop login")


def hang(lab: str) -> None:
    """The database stands still: users run into their time-out."""
    _paused(lab, "postgres")


def kill(lab: str) -> None:
    """The database is killed, started again, and recovers."""
    ident = container_of(lab, "postgres")
    docker("kill", ident)
    time.sleep(LASTS_S)
    docker("start", ident)


def slow(lab: str) -> None:
    """The way to the database is long: answers are right, and late."""
    _fault(lab, "inject", "net.latency", "--target", "postgres",
           "--param", f"delay_ms={SLOW_MS}", "--param", "jitter_ms=0")  # fmt: skip
    time.sleep(LASTS_S)
    _fault(lab, "revert", "--all")


def flap(lab: str) -> None:
    """Errors come and go, the relief between them shorter than a hold."""
    for n in range(FLAPS):
        if n:
            time.sleep(RELIEF_S)
        errors(lab)


def freeze(lab: str) -> None:
    """The balancer stands still: nothing is completed at all, then much at once."""
    _paused(lab, "lb")


OUTAGES: Mapping[str, Outage] = {
    "errors": errors, "hang": hang, "kill": kill, "slow": slow, "flap": flap, "freeze": freeze,
}  # fmt: skip


def _paused(lab: str, service: str) -> None:
    ident = container_of(lab, service)
    docker("pause", ident)
    try:
        time.sleep(LASTS_S)
    finally:
        docker("unpause", ident)


def _as_superuser(lab: str, *statements: str) -> None:
    """A transaction each: nobody who comes while sessions are ended may still be let in."""
    words = [word for sql in statements for word in ("-c", sql)]
    docker("exec", container_of(lab, "postgres"), "psql", "-v", "ON_ERROR_STOP=1", "-qAt", *words, "shop")


def _fault(lab: str, verb: str, *argv: str) -> None:
    command = [sys.executable, "-m", "lab", "fault", verb, "--name", lab, *argv]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"lab fault {verb} {' '.join(argv)}: {done.stderr.strip()[-500:]}")
