"""Puts together what runs the timeline: its course, whom it does things to, what it measures and sees."""

from collections.abc import Callable, Mapping
from math import ceil

import docker

from faults.core import Kind
from lab.logins import passwords
from lab.referee.commands import Course, Sight
from lab.referee.config import Config
from lab.referee.database import Database
from lab.referee.drive import Drive
from lab.referee.measuring import Measuring, Told
from lab.referee.own_readings import mysql_servers
from lab.referee.plan import PlanFile
from lab.referee.pods.wanted import Wanted
from lab.referee.readiness import Readiness
from lab.referee.recorder import Recorder
from lab.referee.report_files import ReportFiles
from lab.referee.samplers.following import DatabaseLogs
from lab.referee.samplers.postgres_log import TRAINEE_ROLE
from lab.referee.settings import servers_of, settings
from lab.referee.victims import Victims
from lab.referee.watch import Watch
from lab.scenario import Scenario, held


def drive_of(
    config: Config,
    scenario: Scenario,
    recorder: Recorder,
    plan: PlanFile,
    wanted: Wanted,
    watch: Watch,
    readiness: Readiness,
    database: Database,
    database_log: DatabaseLogs,
    reports: ReportFiles,
    now: Callable[[], float],
) -> Drive:
    """What runs this scenario on the lab that *config* names."""

    def see() -> Sight:
        judgement = watch.judgement
        return Sight(
            waiting_for=tuple(readiness.waiting_for),
            healthy_s=judgement.healthy_s if judgement else 0.0,
            held=judgement.held if judgement else False,
            holding_s=judgement.holding_s if judgement else 0.0,
            replay_spoilt=_replay_spoilt(recorder, watch),
            impact_t=watch.impact_t,
            summaries=watch.summaries,
        )

    def end_sessions() -> Mapping[str, int]:
        return {"sessions": database.end_sessions(role=TRAINEE_ROLE, address=database_log.toolbox)}

    victims = Victims(
        engine=_engine,
        project=config.project,
        deployments=wanted,
        passwords=lambda kind: passwords(kind, config.secrets),
    )
    counted = "mysql" in config.extras
    servers = servers_of(config)
    told = Told(stream=config.order_stream, server=lambda: victims.server(Kind.REDIS, "redis"))
    return Drive(
        scenario=scenario,
        course=course_of(scenario, calm=config.calm),
        recorder=recorder,
        plan=plan,
        measure=Measuring(
            database,
            ledger_path=config.load_dir / "ledger.jsonl",
            warehouse=(lambda: victims.server(Kind.MYSQL, "mysql")) if counted else None,
            catalogue=mysql_servers(config)["mysql"] if counted else None,
            told=told if config.order_stream else None,
            settings=lambda: settings(scenario.bounds, servers),
        ),
        end_sessions=end_sessions,
        victims=victims,
        see=see,
        finish=reports.make,
        now=now,
    )


def _engine() -> docker.DockerClient:
    """The SDK's richer client, which the faults of servers use."""
    return docker.DockerClient(base_url="unix:///var/run/docker.sock", version="auto", timeout=60)


def _replay_spoilt(recorder: Recorder, watch: Watch) -> bool:
    """Asked of the samples only once a replay is over."""
    state = recorder.state
    if state.replay_start_t is None or state.replay_end_t is None:
        return False
    return watch.spoilt_since(state.replay_start_t)


def course_of(scenario: Scenario, *, calm: bool) -> Course:
    """The numbers that the timeline runs a scenario by; a calm run injects nothing."""
    return Course(
        baseline_s=scenario.baseline_s,
        inject_at_s=() if calm else tuple(inject.at_s for inject in scenario.timeline),
        longest_hold_s=longest_hold_s(scenario),
        burst_s=scenario.replay.burst.for_s,
        settle_s=scenario.replay.settle_s,
        limit_s=scenario.limit_s,
    )


def longest_hold_s(scenario: Scenario) -> float:
    """The longest hold of all objectives, in whole seconds."""
    return float(ceil(max((o.hold_s for o in scenario.objectives if held(o.probe)), default=0.0)))
