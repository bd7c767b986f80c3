"""Puts the cluster together: who is in it, what the trainee may do, which part gets which."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import docker
from starlette.routing import BaseRoute

from lab.kube import kinds
from lab.kube.calls import Call, Stray
from lab.kube.objects import Objects
from lab.kube.reviews import Role, Rule, readable
from lab.kube.server import Server
from lab.referee.cluster.acting import Acts
from lab.referee.cluster.book import Book
from lab.referee.cluster.changing import Changing
from lab.referee.cluster.cluster import LabCluster
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.memory import Memory
from lab.referee.cluster.projection import Machine
from lab.referee.cluster.setviews import Member
from lab.referee.config import Config
from lab.referee.pods.controller import Controller
from lab.referee.pods.wanted import Wanted
from lab.referee.recorder import Recorder
from lab.referee.services import Services
from lab.scenario import Scenario

CHANGE = ("patch", "update")
TRAINEE = Role(
    user="trainee",
    rules=(
        *readable(kinds.KINDS),
        Rule(group="apps", resources=("deployments",), verbs=(*CHANGE, "create", "delete")),
        Rule(group="apps", resources=("deployments/scale", "statefulsets/scale"), verbs=("get", *CHANGE)),
        Rule(group="apps", resources=("statefulsets",), verbs=CHANGE),
        Rule(group="", resources=("services", "configmaps"), verbs=CHANGE),
        Rule(group="", resources=("pods",), verbs=(*CHANGE, "delete")),
        Rule(group="", resources=("pods/log",), verbs=("get",)),
        Rule(group="", resources=("pods/exec",), verbs=("get", "create")),
        Rule(group="", resources=("pods/eviction",), verbs=("create",)),
        Rule(group=kinds.METRICS_GROUP, resources=("pods", "nodes"), verbs=("get", "list")),
        Rule(
            group="authorization.k8s.io",
            resources=("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
            verbs=("create",),
        ),
        Rule(group="authentication.k8s.io", resources=("selfsubjectreviews",), verbs=("create",)),
    ),
)
VERSIONS_PER_S = 1000
MAX_OBJECT = 200


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What of it runs, and what answers."""

    looking: Looking
    routes: Sequence[BaseRoute]


class Calls:
    """Writes each call of kubectl into the history; what only looks again and again is left out."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def call(self, call: Call | Stray, code: int, message: str) -> None:
        """One call: verb, object, result, and the command that kubectl says it is part of."""
        if call.verb == "watch" or self._recorder.over:
            return
        detail = {"verb": call.verb, "object": call.object[:MAX_OBJECT], "code": code}
        said = {"command": call.command, "who": call.user} | ({"message": message[:400]} if message else {})
        self._recorder.event("kubectl", {**detail, **said})


def members_of(config: Config, services: Sequence[str]) -> tuple[Member, ...]:
    """The services of a scenario that the cluster shows."""
    dba = {"PGHOST": "127.0.0.1", "PGUSER": "dba", "PGDATABASE": "shop", "PGPASSWORD": config.dba_password}
    oncall = {"REDISCLI_AUTH": config.redis_oncall_password}
    mysql = {"MYSQL_PWD": config.mysql_dba_password, "MYSQL_HOST": "127.0.0.1"}
    known = (
        Member(name="postgres", image="postgres:17", port=5432, exec_env=dba),
        Member(name="postgres-replica", image="postgres:17", port=5432, exec_env=dba),
        Member(name="mysql", image="mysql:9.7", port=3306, exec_env=mysql),
        Member(name="mysql-replica", image="mysql:9.7", port=3306, exec_env=mysql),
        Member(name="redis", image="redis:8", port=6379, exec_env=oncall),
        Member(name="redis-replica", image="redis:8", port=6379, exec_env=oncall),
        Member(name="pgbouncer", image="pgbouncer:1.24", port=6432),
        Member(name="worker", image="shop/worker:1.4.0", port=9109),
        Member(name="lb", image="haproxy:3.0", port=8080, restartable=False),
    )
    return tuple(member for member in known if member.name in services)


def machine_of(api: docker.APIClient) -> Machine:
    """What the engine says of the machine that it runs on."""
    said = api.info()
    return Machine(
        cores=float(said.get("NCPU", 1)),
        memory_bytes=int(said.get("MemTotal", 0)),
        os=str(said.get("OperatingSystem", "")),
        kernel=str(said.get("KernelVersion", "")),
        engine=str(said.get("ServerVersion", "")),
    )


def make(
    *,
    config: Config,
    scenario: Scenario,
    engine: Callable[[], docker.APIClient],
    wanted: Wanted,
    controller: Controller,
    recorder: Recorder,
    acts: Acts,
    who: Callable[[str], str | None],
    now: Callable[[], float],
) -> Cluster:
    """The cluster of one lab; nothing is started."""
    objects = Objects(first_version=int(time.time() * VERSIONS_PER_S))
    services = Services(engine(), project=config.project)
    looking = Looking(
        objects=objects,
        wanted=wanted,
        controller=controller,
        services=services,
        members=members_of(config, (*scenario.services, *config.extras)),
        book=Book(now=now, memory=Memory(config.run_dir / "cluster.json", owner=config.owner)),
        machine=machine_of(engine()),
        made_t=recorder.state.started_t or now(),
        now=now,
    )
    looking.before(scenario.changes)
    changing = Changing(
        objects=objects,
        wanted=wanted,
        looking=looking,
        services=services,
        acts=acts,
        wake=controller.wake,
        now=now,
    )
    cluster = LabCluster(
        objects=objects, changing=changing, looking=looking, api=engine(), history=Calls(recorder), now=now
    )
    roles: Mapping[str, Role] = {"trainee": TRAINEE, "operator": TRAINEE}
    server = Server(cluster, who=lambda header: roles.get(who(header) or ""), now=now)
    return Cluster(looking=looking, routes=server.routes())
