"""A primary that waits for a standby, or keeps WAL for one."""

from faults.postgres.abandoned_slot import AbandonedSlot
from faults.postgres.ghost_synchronous_standby import GhostSynchronousStandby
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.postgres.server import Postgres, primary

OLD_SEGMENTS = """
    SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'
    AND name < (SELECT pg_walfile_name(redo_lsn) FROM pg_control_checkpoint())
"""


def commit_hangs(server: Postgres) -> str:
    """An order changes its state; the client does not wait for ever."""
    with server.connect() as session, server.connect("dba") as watcher:
        session.pgconn.send_query(b"UPDATE orders SET status = status WHERE id = 1")

        def came() -> str | None:
            session.pgconn.consume_input()
            if not session.pgconn.is_busy():
                result = session.pgconn.get_result()
                return "" if result and not result.error_message else "error"
            found = watcher.execute(
                "SELECT wait_event FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'",
                (session.info.backend_pid,),
            ).fetchone()
            return str(found[0]) if found else None

        said = until(came, what="the commit is answered, or waits", timeout_s=20, every_s=0.05)
        if said:
            watcher.execute("SELECT pg_cancel_backend(%s)", (session.info.backend_pid,))
        while session.pgconn.get_result():
            pass
        return said


def old_wal_stays(server: Postgres) -> str:
    """A checkpoint leaves WAL that it does not need itself."""
    server.target.run("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()")
    server.query("CHECKPOINT", role="dba")
    kept = server.query(OLD_SEGMENTS, role="dba")[0][0]
    return f"{kept} segments" if kept else ""


def ask_for_no_standby(server: Postgres) -> None:
    """The setting goes, and the server has read it."""
    server.target.run("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    until(
        lambda: server.query("SHOW synchronous_standby_names", role="dba") == [("",)] or None,
        what="the server asks for no standby",
        timeout_s=20,
    )


CASES = [
    Case(
        fault=GhostSynchronousStandby(),
        server=primary,
        felt=commit_hangs,
        by_hand=ask_for_no_standby,
        restart_ends=False,
    ),
    Case(
        fault=AbandonedSlot(),
        server=primary,
        felt=old_wal_stays,
        by_hand=lambda server: server.target.run("SELECT pg_drop_replication_slot('barman')", "CHECKPOINT"),
        restart_ends=False,
    ),
]
