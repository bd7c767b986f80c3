"""Services that a lab has only where its scenario asks for them, and what comes with each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Extra:
    """One optional service; its name is that of its Compose profile.

    *image* is named where it is not one that every lab has. *needs* are other optional services. *job* and
    *target* are what Prometheus scrapes for it. *node* is how the heartbeat reaches it.
    """

    name: str
    image: str = ""
    needs: tuple[str, ...] = ()
    job: str = ""
    target: str = ""
    node: str = ""


SOURCES = ("postgres=postgres+source://postgres", "redis=redis+source://redis")
"""Nodes that every lab has."""

EXTRAS: Mapping[str, Extra] = {
    extra.name: extra
    for extra in (
        Extra(name="heartbeat", image="heartbeat", job="heartbeat", target="heartbeat:9188"),
        Extra(
            name="postgres-replica",
            needs=("heartbeat",),
            job="postgres-replica",
            target="postgres-replica-exporter:9187",
            node="postgres-replica=postgres+replica://postgres-replica",
        ),
        Extra(
            name="mysql",
            image="mysql",
            needs=("heartbeat",),
            job="mysql",
            target="mysql-exporter:9104",
            node="mysql=mysql+source://mysql-admin:33062",
        ),
        Extra(
            name="mysql-replica",
            image="mysql",
            needs=("mysql", "heartbeat"),
            job="mysql",
            target="mysql-replica-exporter:9104",
            node="mysql-replica=mysql+replica://mysql-replica-admin:33062",
        ),
        Extra(
            name="redis-replica",
            needs=("heartbeat",),
            job="redis-replica",
            target="redis-replica-exporter:9121",
            node="redis-replica=redis+replica://redis-replica",
        ),
        Extra(
            name="pgbouncer",
            image="pgbouncer",
            job="pgbouncer",
            target="pgbouncer-exporter:9127",
        ),
        Extra(name="worker", image="worker", job="worker", target="worker:9109"),
    )
}

CHOICES = tuple(name for name in EXTRAS if name != "heartbeat")
"""Those that are asked for by name; the heartbeat comes by itself."""


def chosen(services: Iterable[str]) -> tuple[str, ...]:
    """The optional ones among *services* and all that they need, in the order of EXTRAS."""
    wanted = {service for service in services if service in EXTRAS}
    wanted |= {need for service in wanted for need in EXTRAS[service].needs}
    return tuple(name for name in EXTRAS if name in wanted)


def images(extras: Iterable[str]) -> frozenset[str]:
    """The images that these need beyond those of every lab."""
    return frozenset(EXTRAS[name].image for name in extras if EXTRAS[name].image)


def nodes(extras: Sequence[str]) -> tuple[str, ...]:
    """The nodes whose heartbeat is read; none where no heartbeat is written."""
    if "heartbeat" not in extras:
        return ()
    return (*SOURCES, *(EXTRAS[name].node for name in extras if EXTRAS[name].node))


def targets(extras: Iterable[str]) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """What Prometheus scrapes, by job, in the form of its files; an absent job has no targets."""
    there = tuple(EXTRAS[name] for name in extras)
    for job in sorted({extra.job for extra in EXTRAS.values()}):
        yield (
            job,
            [
                {"targets": [extra.target], "labels": {} if job == "heartbeat" else {"node": extra.name}}
                for extra in there
                if extra.job == job
            ],
        )
