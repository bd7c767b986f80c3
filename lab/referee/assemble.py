"""Puts the referee together: which part gets which other parts, and nothing else."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docker

from lab.catalog import find
from lab.history.follow import LoadLog
from lab.history.journal import Journal
from lab.history.reserve import Reserve
from lab.referee.balancer import HAProxy
from lab.referee.checks import checks_of
from lab.referee.cluster.make import Cluster, make
from lab.referee.config import Config
from lab.referee.database import Database
from lab.referee.desk import Desk
from lab.referee.desktop import Desktop
from lab.referee.drive import Drive
from lab.referee.driving import drive_of, longest_hold_s
from lab.referee.judging import Judge
from lab.referee.own_readings import own_readings
from lab.referee.plan import PlanFile
from lab.referee.pods.containers import Containers
from lab.referee.pods.controller import Controller
from lab.referee.pods.probe import ready
from lab.referee.pods.store import Store
from lab.referee.pods.targets import TargetsFile
from lab.referee.pods.telling import last_said
from lab.referee.pods.wanted import Wanted
from lab.referee.readiness import Readiness
from lab.referee.recorder import Recorder
from lab.referee.redis_servers import redis_server, settings_of_redis
from lab.referee.report_files import ReportFiles
from lab.referee.samplers.following import DatabaseLog, DatabaseLogs, MysqlLog
from lab.referee.samplers.interference import Interference
from lab.referee.samplers.paced import Paced
from lab.referee.samplers.prometheus import Prometheus
from lab.referee.samplers.redis_acts import RedisActs
from lab.referee.samplers.redis_settings import RedisSettings
from lab.referee.server import Tokens
from lab.referee.services import Services
from lab.referee.watch import Watch
from lab.runbook import Runbook, read_runbook
from lab.scenario import Scenario, hastened, varied
from lab.targets import targeted

RUNBOOKS = Path("runbooks")
# Samples kept in memory beyond the longest hold: the windows around it, and the load's late seconds.
KEEP_SLACK_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything of one referee that runs or answers."""

    config: Config
    scenario: Scenario
    recorder: Recorder
    wanted: Wanted
    controller: Controller
    readiness: Readiness
    watch: Watch
    drive: Drive
    database_log: DatabaseLogs
    mysql_log: DatabaseLogs
    redis_acts: RedisActs
    redis_settings: RedisSettings
    paced: Paced
    services: Services
    desk: Desk
    desktop: Desktop
    tokens: Tokens
    cluster: Cluster
    torn_bytes: int


def assemble(config: Config, *, now: Callable[[], float] = time.time) -> Parts:
    """Build all parts for the run that *config* names; its journal is opened, nothing is started."""
    # As it is run: a proof's shortened holds and hastened cause are those of every part.
    chosen = varied(find(config.scenario), config.seed)
    scenario = hastened(targeted(chosen, config.targets), config.speed)
    scenario = replace(scenario, limit_s=config.limit_s or scenario.limit_s)
    runbook = read_runbook(RUNBOOKS / f"{config.scenario}.md")
    journal = _journal(config)
    plan = PlanFile(config.load_dir / "plan.json", owner=config.owner)
    reserve = Reserve(config.run_dir / ".reserve")
    recorder = Recorder(
        journal,
        now=now,
        keep_s=longest_hold_s(scenario) + KEEP_SLACK_S,
        make_room=lambda: _make_room(reserve, plan),
    )
    if not recorder.over and reserve.keep():
        config.owner.give(reserve.path)
    services = Services(_engine(), project=config.project)
    store = Store(config.run_dir / "deployments.json", owner=config.owner)
    wanted = Wanted(store, releases=config.api_images, now=now)
    containers = _containers(config, wanted)
    told: list[Callable[[Mapping[str, Any]], None]] = []

    def tell(kind: str, detail: Mapping[str, Any]) -> None:
        recorder.event(kind, detail)
        for listener in told:
            listener(detail)

    controller = Controller(
        wanted=wanted,
        containers=containers,
        balancer=HAProxy(config.balancer_socket),
        targets=TargetsFile(config.targets_file),
        ready=ready,
        tell=tell,
        now=now,
        said=last_said(event.detail for event in recorder.events("pod")),
    )
    database = Database(config.referee_dsn)
    database_log = _database_log(config, since_t=_since(recorder, "sql", now()))
    mysql_log = _mysql_log(config, since_t=_since(recorder, "mysql", now()))
    redis_acts = RedisActs(redis_server(config, "redis"))
    redis_settings = settings_of_redis(config, scenario, recorder, now=now)
    paced = own_readings(
        config=config,
        scenario=scenario,
        recorder=recorder,
        controller=controller,
        database=database,
        engine=_engine,
        now=now,
    )
    watch = Watch(
        recorder=recorder,
        load=LoadLog(config.load_dir, after_t=recorder.last_load_t),
        metrics=Prometheus(config.prometheus_url, now=now),
        declared=paced,
        database=database_log,
        mysql=mysql_log,
        redis=redis_acts,
        settings=redis_settings,
        interference=Interference(services, load_dir=config.load_dir, extras=config.extras),
        judge=Judge(scenario, now=now),
        now=now,
    )
    readiness = checks_of(config, controller, database, services, now)
    reports = ReportFiles(
        scenario=scenario,
        runbook=runbook,
        run_dir=config.run_dir,
        owner=config.owner,
        unwritten=lambda: recorder.unwritten,
        reserve=reserve,
    )
    drive = drive_of(
        config, scenario, recorder, plan, wanted, watch, readiness, database, database_log, reports, now
    )
    tokens = Tokens(trainee=config.trainee_token, operator=config.operator_token)
    desk = _desk(config, scenario, runbook, recorder, now)
    cluster = make(
        config=config,
        scenario=scenario,
        engine=_engine,
        wanted=wanted,
        controller=controller,
        recorder=recorder,
        acts=desk,
        who=tokens.who,
        now=now,
    )
    told.append(cluster.looking.told)
    return Parts(
        config=config,
        scenario=scenario,
        recorder=recorder,
        wanted=wanted,
        controller=controller,
        readiness=readiness,
        watch=watch,
        drive=drive,
        database_log=database_log,
        mysql_log=mysql_log,
        redis_acts=redis_acts,
        redis_settings=redis_settings,
        paced=paced,
        services=services,
        desk=desk,
        tokens=tokens,
        cluster=cluster,
        desktop=Desktop(
            run_id=config.run_id,
            scenario=scenario,
            brief=runbook.brief,
            recorder=recorder,
            watch=watch,
            controller=controller,
            waiting_for=lambda: readiness.waiting_for,
            ready=lambda: readiness.ready,
            make_report=reports.make,
            now=now,
        ),
        torn_bytes=journal.torn_bytes,
    )


def _journal(config: Config) -> Journal:
    path = config.run_dir / "journal.jsonl"
    journal = Journal.open(path, config.signing_key)
    config.owner.give(path)
    return journal


def _make_room(reserve: Reserve, plan: PlanFile) -> None:
    """Where a disk is full, give the reserve up and let the users stay away."""
    reserve.give_up()
    plan.stop()


def _engine() -> docker.APIClient:
    """A client of its own for each part: they are used from different threads."""
    return docker.APIClient(base_url="unix:///var/run/docker.sock", version="auto", timeout=60)


def _containers(config: Config, wanted: Wanted) -> Containers:
    return Containers(
        _engine(),
        lab=config.lab,
        project=config.project,
        network=config.network,
        images=config.api_images,
        environment=config.pod_environment,
        config=lambda: wanted.state.config,
    )


def _database_log(config: Config, *, since_t: float) -> DatabaseLogs:
    servers = ("postgres", *(name for name in config.extras if name == "postgres-replica"))
    logs = (
        DatabaseLog(Services(_engine(), project=config.project), since_t=since_t, service=name)
        for name in servers
    )
    return DatabaseLogs(tuple(logs))


def _mysql_log(config: Config, *, since_t: float) -> DatabaseLogs:
    servers = (name for name in config.extras if name in ("mysql", "mysql-replica"))
    logs = (
        MysqlLog(Services(_engine(), project=config.project), since_t=since_t, service=name)
        for name in servers
    )
    return DatabaseLogs(tuple(logs))


def _since(recorder: Recorder, kind: str, now: float) -> float:
    """From when on a database's log is news: what was recorded already is not."""
    return max((event.t for event in recorder.events(kind)), default=recorder.state.started_t or now)


def _desk(
    config: Config, declared: Scenario, runbook: Runbook, recorder: Recorder, now: Callable[[], float]
) -> Desk:
    return Desk(
        recorder=recorder,
        hints=runbook.hints,
        hint_prices=declared.hint_prices,
        calm=config.calm,
        now=now,
    )
