"""A replica that falls behind; a primary that waits for a standby, or keeps WAL for one."""

from faults.postgres.abandoned_slot import AbandonedSlot
from faults.postgres.apply_delay import ApplyDelay
from faults.postgres.ghost_synchronous_standby import GhostSynchronousStandby
from faults.postgres.replay_blocked_by_query import ReplayBlockedByQuery
from faults.postgres.replay_paused import ReplayPaused
from faults.postgres.replication_credentials_broken import ReplicationCredentialsBroken
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.postgres.pair import REPLICA_PASSWORD, Member, follower, leader, stale
from tests.faults.postgres.server import Postgres, primary

END_REPORT = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'report-export'
"""
DROP_SLOT = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name ~ '^barman'"
QUOTE = "'"
UNUSED_SLOTS = "SELECT slot_name::text FROM pg_replication_slots WHERE NOT active"
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
    """A checkpoint leaves WAL that it does not need itself, and that is archived; for which slots."""
    server.target.run("SELECT pg_logical_emit_message(false, '', '')")
    ended = server.target.value("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    server.target.run("SELECT pg_switch_wal()")
    until(
        lambda: server.target.true(f"(SELECT last_archived_wal FROM pg_stat_archiver) >= '{ended}'") or None,
        what="the archiver has caught up",
        timeout_s=60,
    )
    server.query("CHECKPOINT", role="dba")
    if not server.query(OLD_SEGMENTS, role="dba")[0][0]:
        return ""
    return f"kept for {', '.join(slot for (slot,) in server.query(UNUSED_SLOTS, role='dba')) or 'nobody'}"


def ask_for_no_standby(server: Postgres) -> None:
    """The setting goes, and the server has read it."""
    server.target.run("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    until(
        lambda: server.query("SHOW synchronous_standby_names", role="dba") == [("",)] or None,
        what="the server asks for no standby",
        timeout_s=20,
    )


def resume(replica: Member) -> None:
    """Replay goes on."""
    replica.query("SELECT pg_wal_replay_resume()", role="dba")
    replica.in_sync()


def do_not_delay(replica: Member) -> None:
    """The delay goes."""
    replica.query("ALTER SYSTEM RESET recovery_min_apply_delay", role="dba")
    replica.query("SELECT pg_reload_conf()", role="dba")
    replica.in_sync()


def end_report(replica: Member) -> None:
    """The report's session on the replica ends."""
    replica.query(END_REPORT, role="dba")
    replica.in_sync()


def give_password_again(primary: Member) -> None:
    """The primary knows the password that the replica has."""
    with primary.connect("dba") as session:
        session.execute(
            f"ALTER ROLE replica PASSWORD '{REPLICA_PASSWORD.replace(QUOTE, 2 * QUOTE)}'".encode()
        )
    primary.in_sync()


def caught_up(member: Member) -> None:
    """The replica shows what the primary has."""
    member.in_sync()


CASES = [
    Case(
        fault=ReplayPaused(),
        server=follower,
        felt=stale,
        expects="^stale: receives, paused, RecoveryPause$",
        by_hand=resume,
        after=caught_up,
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=ApplyDelay(),
        server=follower,
        felt=stale,
        expects="^stale: receives, not paused, RecoveryApplyDelay$",
        by_hand=do_not_delay,
        after=caught_up,
        restart_ends=False,
    ),
    Case(
        fault=ReplayBlockedByQuery(),
        server=follower,
        felt=stale,
        expects="^stale: receives, not paused, RecoveryConflictSnapshot$",
        by_hand=end_report,
        after=caught_up,
        restart_ends=True,
    ),
    Case(
        fault=ReplicationCredentialsBroken(),
        server=leader,
        felt=stale,
        expects="^stale: receives nothing, not paused, ",
        by_hand=give_password_again,
        after=caught_up,
        restart_ends=False,
    ),
    Case(
        fault=GhostSynchronousStandby(),
        server=primary,
        felt=commit_hangs,
        expects="^SyncRep$",
        by_hand=ask_for_no_standby,
        restart_ends=False,
    ),
    Case(
        fault=AbandonedSlot(),
        server=primary,
        felt=old_wal_stays,
        unfelt="who writes meets it when the WAL that is kept fills its volume (postgres.wal_volume_filled)",
        expects=r"^kept for barman_\w+$",
        by_hand=lambda server: server.target.run(DROP_SLOT, "CHECKPOINT"),
        restart_ends=False,
    ),
]
