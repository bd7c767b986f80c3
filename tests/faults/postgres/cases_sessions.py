"""Sessions that are too many, or nobody's."""

from faults.postgres.connections_exhausted import ConnectionsExhausted
from faults.postgres.rogue_role import RogueRole
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.postgres.clients import connects, ends, many_connect
from tests.faults.postgres.server import Postgres, primary
from tests.faults.strengths import End


def stranger_reads(server: Postgres) -> str:
    """What the DBA sees: sessions of a role that the shop does not know, what it may and what it reads."""
    known = "coalesce(usename, '') IN ('shop', 'dba', 'exporter', 'referee', 'postgres')"
    session = "backend_type = 'client backend' AND datname = 'shop'"
    found = server.query(
        "SELECT coalesce(usename, 'nobody'), CASE WHEN usesuper THEN 'superuser' ELSE 'role' END, query"
        f" FROM pg_stat_activity LEFT JOIN pg_user USING (usename) WHERE {session} AND NOT {known}",
        role="dba",
    )
    return "; ".join(f"{kind} {name}: {query}" for name, kind, query in found)


def shut_out(server: Postgres) -> None:
    """The DBA lets the role sign in no more, and ends its sessions."""
    server.query("ALTER ROLE svc_backup NOLOGIN", role="dba")
    ends("pg_dump")(server)


def drop_as_superuser(server: Postgres) -> None:
    """Nobody else may: the role is dropped first, so that its sessions have no name any more."""
    server.target.run("DROP OWNED BY svc_backup; DROP ROLE svc_backup")
    server.target.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pg_dump'"
    )
    until(lambda: stranger_reads(server) == "" or None, what="the stranger is gone", timeout_s=20)


READ = "whose data are read does not notice: a thousand rows a second cost the server next to nothing"

CASES = [
    Case(
        fault=ConnectionsExhausted(),
        server=primary,
        felt=connects,
        expects="connection slots|too many",
        mild=End(felt=many_connect),
        by_hand=ends("report-export", left=10),
        restart_ends=True,
    ),
    Case(
        fault=ConnectionsExhausted(state="idle in transaction"),
        variant="in-transaction",
        server=primary,
        felt=connects,
        expects="connection slots|too many",
        mild=End(felt=many_connect),
        by_hand=ends("report-export", left=10),
        restart_ends=True,
    ),
    Case(
        fault=RogueRole(),
        server=primary,
        felt=stranger_reads,
        unfelt=READ,
        expects=r"^role svc_backup: SELECT \* FROM customers ",
        severe=End(expects=r"^superuser svc_backup: SELECT \* FROM customers "),
        by_hand=shut_out,
        restart_ends=False,
    ),
    Case(
        fault=RogueRole(rights="superuser"),
        variant="superuser",
        server=primary,
        felt=stranger_reads,
        unfelt=READ,
        expects=r"^superuser svc_backup: SELECT \* FROM customers ",
        by_hand=drop_as_superuser,
        restart_ends=False,
    ),
]
