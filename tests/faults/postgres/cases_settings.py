"""Settings that hurt, of a role (see cases_first), a database, the server, a sequence."""

from faults.postgres.archive_failing import ArchiveFailing
from faults.postgres.database_setting import DatabaseSetting
from faults.postgres.sequence_exhausted import SequenceExhausted
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.postgres.clients import many_order, places_order
from tests.faults.postgres.server import Postgres, primary
from tests.faults.strengths import End


def archived(server: Postgres) -> str:
    """What the watchers read of the archive, and the server's log of the command that fails."""
    (failing,) = server.query(
        "SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver",
        role="referee",
    )[0]
    if not failing:
        return ""
    words = "The failed archive command was: "
    said = until(lambda: server.said(words) or None, what="the log says which command failed", timeout_s=20)
    return f"failing: {said.removeprefix(words)}"


def catches_up(server: Postgres) -> None:
    """The archiver tries again, each time after a minute or when it is told to."""
    server.target.run("SELECT pg_logical_emit_message(true, '', ''), pg_switch_wal()")
    until(lambda: archived(server) == "" or None, what="the archive has caught up", timeout_s=90)


def mend_archive(server: Postgres) -> None:
    """The superuser gives the command back."""
    server.target.run("ALTER SYSTEM RESET archive_command", "SELECT pg_reload_conf()")
    catches_up(server)


def lift_limit(server: Postgres) -> None:
    """The DBA."""
    server.query("ALTER SEQUENCE orders_id_seq NO MAXVALUE", role="dba")


CASES = [
    Case(
        fault=DatabaseSetting(),
        server=primary,
        felt=places_order,
        expects="25006",
        by_hand=lambda server: server.query(
            "ALTER DATABASE shop RESET default_transaction_read_only",
            role="dba",
            settings="default_transaction_read_only = off",
        ),
        restart_ends=False,
    ),
    Case(
        fault=ArchiveFailing(),
        server=primary,
        felt=archived,
        unfelt="who restores needs the segments; who writes, only when those that are kept fill their volume"
        " (postgres.wal_volume_filled)",
        expects="^failing: test ! -f /srv/wal-archive/[0-9A-F]{24} && cp ",
        by_hand=mend_archive,
        after=catches_up,
        restart_ends=False,
    ),
    Case(
        fault=SequenceExhausted(),
        server=primary,
        felt=places_order,
        expects="2200H",
        mild=End(felt=many_order),
        by_hand=lift_limit,
        restart_ends=False,
    ),
]
