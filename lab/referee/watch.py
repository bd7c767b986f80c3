"""The sampling loop: every second each witness is read, written down, and the recent history judged."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from lab.history.records import Event, LoadSecond, Reading
from lab.referee.errors import EngineTrouble, SampleError
from lab.referee.judging import Judge, Judgement
from lab.referee.recorder import Recorder
from lab.referee.samplers.interference import Happened
from lab.referee.samplers.postgres_log import Statement
from lab.referee.samplers.prometheus import Alert
from lab.referee.samplers.redis_line import Act
from lab.referee.samplers.redis_looks import Found
from lab.referee.timeline import Phase

TICK_S = 1.0


class LoadLog(Protocol):
    """The load's own log, second by second."""

    def closed(self, now_t: float, /) -> Sequence[LoadSecond]: ...


class Metrics(Protocol):
    """Prometheus."""

    def readings(self) -> Sequence[Reading]: ...
    def alerts(self) -> Sequence[Alert]: ...


class Declared(Protocol):
    """The readings that the scenario declares."""

    def readings(self) -> Sequence[Reading]: ...


class DatabaseLog(Protocol):
    """What the trainee did in a database."""

    def statements(self) -> Sequence[Statement]: ...


class RedisActs(Protocol):
    """What the trainee did in Redis."""

    def acts(self) -> Sequence[Act]: ...


class RedisSettings(Protocol):
    """What became of Redis's settings."""

    def changes(self) -> Sequence[Found]: ...


class Interference(Protocol):
    """What was done to the witnesses."""

    def look(self, events: Iterable[Event], *, ready_t: float) -> Iterable[Happened]: ...


class Watch:
    """Reads all witnesses. `tick` does one second; `run` does them until told to stop."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        load: LoadLog,
        metrics: Metrics,
        declared: Declared,
        database: DatabaseLog,
        mysql: DatabaseLog,
        redis: RedisActs,
        settings: RedisSettings,
        interference: Interference,
        judge: Judge,
        now: Callable[[], float],
    ) -> None:
        self._recorder = recorder
        self._load = load
        self._metrics = metrics
        self._declared = declared
        self._database = database
        self._mysql = mysql
        self._redis = redis
        self._settings = settings
        self._interference = interference
        self._judge = judge
        self._now = now
        self._ticks = 0
        self.judgement: Judgement | None = None
        self.impact_t: float | None = None
        self.summaries: Mapping[str, str] = {}

    def run(self, stop: threading.Event) -> None:
        """Read once a second until *stop* or the end of the run."""
        while not stop.is_set() and not self._recorder.over:
            began = self._now()
            self.tick()
            stop.wait(max(0.05, TICK_S - (self._now() - began)))

    def tick(self) -> None:
        """Read everything once."""
        self._recorder.samples(self._load.closed(self._now()))
        readings = self._metrics.readings()
        self._restart_of_watcher(readings)
        self._recorder.samples((*readings, *self._declared.readings()))
        self._alerts()
        for done in self._database.statements():
            self._recorder.event("sql", done.detail(), t=done.t)
        for done in self._mysql.statements():
            self._recorder.event("mysql", done.detail(), t=done.t)
        for found in (*self._redis.acts(), *self._settings.changes()):
            self._recorder.event(found.kind, found.detail(), t=found.t)
        if self._ticks % 2 == 0:
            self._look_for_interference()
        self._recorder.flush()
        self._judge_tail()
        self._ticks += 1

    def spoilt_since(self, t: float) -> bool:
        """Whether the load's seconds from *t* on leave open how users fared."""
        return self._judge.spoilt(self._recorder.tail(since_t=t), t)

    def _alerts(self) -> None:
        try:
            firing = {alert.name: alert for alert in self._metrics.alerts()}
        except SampleError:
            return  # the readings of this second say so
        known = self._recorder.state.firing
        self.summaries = {**self.summaries, **{name: alert.summary for name, alert in firing.items()}}
        for name in firing.keys() - known.keys():
            self._recorder.event("alert_firing", {"alert": name, "summary": firing[name].summary})
        for name in known.keys() - firing.keys():
            self._recorder.event("alert_resolved", {"alert": name})

    def _restart_of_watcher(self, readings: Iterable[Reading]) -> None:
        """Tell of a Prometheus that began anew: what it had seen may be lost."""
        started = next((r.value for r in readings if r.name == "prometheus_start" and r.value), None)
        if started is None:
            return
        last = self._recorder.last_value("prometheus_start")
        if last is not None and abs(last - started) > TICK_S:
            self._recorder.event("watcher_restarted", {"what": "prometheus", "started_t": started})

    def _look_for_interference(self) -> None:
        state = self._recorder.state
        if state.ready_t is None:
            return
        try:
            for happened in self._interference.look(self._recorder.events(), ready_t=state.ready_t):
                self._recorder.event(happened.kind, happened.detail)
        except EngineTrouble:
            return  # seen by the controller, which needs the engine more

    def _judge_tail(self) -> None:
        state = self._recorder.state
        phase = state.phase
        if phase in (Phase.STARTING, Phase.ENDED):
            return
        # What happened before the drill neither counts for a hold nor is an impact.
        tail = self._recorder.tail(since_t=state.baseline_end_t or 0.0)
        self.judgement = self._judge.look(tail, baseline=phase is Phase.BASELINE)
        if self.impact_t is None and phase is not Phase.BASELINE:
            self.impact_t = self.judgement.drill.impact_t
