"""Start the referee of one lab: `python -m lab.referee`, configured by its environment."""

import logging
import os
import threading
import traceback
from collections.abc import Callable
from functools import partial

import uvicorn

from lab import deployment
from lab.catalog import find
from lab.declaration import digest
from lab.referee.assemble import Parts, assemble
from lab.referee.config import read_config
from lab.referee.errors import EngineTrouble
from lab.referee.recorder import Recorder, is_full
from lab.referee.server import application

LOG = logging.getLogger("referee")
BUG = 70
TOOLBOX_RETRY_S = 1.0


def main() -> None:
    """Begin or resume the run, and answer until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    parts = assemble(read_config(os.environ))
    # A part that dies takes the referee along: the engine starts it again, and it resumes from its journal.
    threading.excepthook = partial(_die, parts.recorder)
    stop = threading.Event()
    try:
        _begin(parts)
    except OSError as error:
        if not is_full(error):
            raise
        parts.recorder.stop(error)
    _start("pods", parts.controller.run, stop)
    _start("cluster", parts.cluster.looking.run, stop)
    if not parts.recorder.over:
        _start("readiness", parts.readiness.run, stop)
        _start("watch", parts.watch.run, stop)
        _start("drive", parts.drive.run, stop)
        _start("readings", parts.paced.run, stop)
        _start("database-log", parts.database_log.run, stop)
        _start("mysql-log", parts.mysql_log.run, stop)
        _start("redis-acts", parts.redis_acts.run, stop)
        _start("redis-settings", parts.redis_settings.run, stop)
        _start("toolbox", lambda stop: _find_toolbox(parts, stop), stop)
    try:
        _serve(parts)
    finally:
        stop.set()
        parts.recorder.flush()


def _begin(parts: Parts) -> None:
    """Record that a run has begun, or that the referee is back."""
    state, config = parts.recorder.state, parts.config
    if state.started_t is None:
        names = {"run_id": config.run_id, "scenario": config.scenario, "lab": config.lab}
        manner = {"speed": config.speed, "targets": config.targets, "calm": config.calm}
        declared = {"declaration": digest(find(config.scenario))}
        parts.recorder.event("run_started", {**config.facts, **names, **manner, **declared})
    else:
        parts.recorder.event("referee_started", {"resumed": True, "torn_bytes": parts.torn_bytes})
    parts.wanted.ensure(
        deployment.NAME,
        release=parts.scenario.release,
        replicas=deployment.REPLICAS,
        config=parts.config.pod_settings,
    )
    LOG.info("run %s of %s: %s", config.run_id, config.scenario, parts.recorder.state.phase.value)


def _find_toolbox(parts: Parts, stop: threading.Event) -> None:
    """Learn the toolbox's address: what comes from there is the trainee's."""
    while not stop.is_set():
        try:
            toolbox = parts.services.find("toolbox")
        except EngineTrouble:
            toolbox = None
        if toolbox is not None and (address := toolbox.addresses.get(parts.config.network)):
            parts.database_log.toolbox = parts.mysql_log.toolbox = parts.redis_acts.toolbox = address
        # It may be restarted and come back with another one.
        stop.wait(TOOLBOX_RETRY_S if not parts.database_log.toolbox else 10 * TOOLBOX_RETRY_S)


def _start(name: str, run: Callable[[threading.Event], None], stop: threading.Event) -> None:
    threading.Thread(target=run, args=(stop,), name=name, daemon=True).start()


def _serve(parts: Parts) -> None:
    config = parts.config
    uvicorn.run(
        application(desk=parts.desk, desktop=parts.desktop, tokens=parts.tokens, more=parts.cluster.routes),
        host="0.0.0.0",  # noqa: S104 - inside its container; what is published is on 127.0.0.1
        port=config.port,
        ssl_certfile=str(config.tls_cert),
        ssl_keyfile=str(config.tls_key),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        lifespan="off",
    )


def _die(recorder: Recorder, args: threading.ExceptHookArgs) -> None:
    if isinstance(args.exc_value, OSError) and is_full(args.exc_value):
        # Started again it would meet the same full disk: it stays, and says why the run is over.
        recorder.stop(args.exc_value)
        return
    trace = "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
    LOG.critical("%s died:\n%s", args.thread.name if args.thread else "a thread", trace)
    os._exit(BUG)


if __name__ == "__main__":
    main()
