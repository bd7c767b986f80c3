"""Where Locust comes in: one user, which is the pacer; its visits are greenlets of their own."""

import logging
import os
import time
from typing import Any

import gevent
from locust import User, events, task
from prometheus_client import disable_created_metrics, start_http_server

from loadgen.client import HttpClient
from loadgen.ledger import Ledger
from loadgen.log import RequestLog, TickLog
from loadgen.metrics import Metrics
from loadgen.pacer import Hands, Pacer
from loadgen.plan import Plan, PlanFile
from loadgen.record import Record
from loadgen.schedule import Arrival
from loadgen.sessions import Sessions
from loadgen.settings import from_environment
from loadgen.shop import Shop
from loadgen.visits import visit
from loadgen.warmup import WarmUp, wanted_sessions
from loadgen.words import EXPECTED, OK

_log = logging.getLogger(__name__)

_MOST_SESSIONS = 300
_BUG = 70

_settings = from_environment(os.environ)
_metrics = Metrics()
_ledger = Ledger(_settings.out_dir / "ledger.jsonl", clock=time.time)
_record = Record(
    requests=RequestLog(_settings.out_dir / "requests.csv"),
    ticks=TickLog(_settings.out_dir / "ticks.csv"),
    metrics=_metrics,
)
_shop = Shop(
    client=HttpClient(_settings.target_url, timeout_s=_settings.timeout_s),
    sessions=Sessions(limit=_MOST_SESSIONS),
    ledger=_ledger,
    customers=_settings.customers,
    boot=_settings.boot,
)


@events.init.add_listener  # type: ignore[untyped-decorator]
def _start(environment: Any, **_: object) -> None:
    environment.process_exit_code = 0  # a failing shop is what we are here to see, not a failure of ours
    disable_created_metrics()  # type: ignore[no-untyped-call]  # they double the series, and nobody asks for them
    start_http_server(_settings.metrics_port, registry=_metrics.registry)


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def _stop(**_: object) -> None:
    _record.close()


class _Warm:
    """Starts the warm-up with the first plan, and tells when it is over."""

    def __init__(self) -> None:
        self._run: gevent.Greenlet | None = None

    def __call__(self, plan: Plan) -> bool:
        if self._run is None:
            warm_up = WarmUp(shop=_shop, seed=_settings.seed)
            wanted = wanted_sessions(plan.rate_per_s, _settings.timeout_s)
            self._run = gevent.spawn(warm_up.run, wanted, spawn=gevent.spawn, sleep=gevent.sleep)
        return bool(self._run.ready())


class Visitors(User):  # type: ignore[misc]
    """All visitors together: Locust runs one of this."""

    @task  # type: ignore[untyped-decorator]
    def arrive(self) -> None:
        """Start arrivals until Locust stops."""
        try:
            self._pacer().run()
        except Exception:  # noqa: BLE001 - whatever it is, we end
            # Locust would log it and run the task again, with totals from zero: better to be seen to be gone.
            _log.exception("the pacer failed")
            _record.close()
            os._exit(_BUG)

    def _pacer(self) -> Pacer:
        hands = Hands(
            clock=time.time,
            sleep=gevent.sleep,
            plan=PlanFile(_settings.plan_file).read,
            warm=_Warm(),
            visit=lambda arrival: gevent.spawn(self._visit, arrival),
        )
        return Pacer(
            hands=hands,
            record=_record,
            seed=_settings.seed,
            timeout_s=_settings.timeout_s,
            inflight_factor=_settings.inflight_factor,
        )

    def _visit(self, arrival: Arrival) -> None:
        outcome = visit(_shop, _record, time.time, arrival)
        # Locust's own summary, printed at the end, is a second and independent count.
        self.environment.events.request.fire(
            request_type="visit",
            name=arrival.route,
            response_time=(time.time() - arrival.t) * 1000,
            response_length=0,
            exception=None if outcome.result in (OK, EXPECTED) else RuntimeError(outcome.result),
            context={},
        )
