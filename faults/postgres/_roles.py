"""A role that a fault makes, and the client that signs in as it."""

import secrets
from dataclasses import replace

from faults import actors, tags
from faults.actors import Login, Work
from faults.core import Receipt
from faults.errors import ForeignState
from faults.postgres import _owned, _sessions
from faults.postgres.server import PostgresServer, quoted


def ours(role: str, receipt: Receipt, condition: str = "true") -> str:
    """SQL: whether the role that was made is there, and *condition* holds for its row of pg_roles."""
    holds = f"EXISTS (SELECT FROM pg_roles WHERE rolname = {quoted(role)} AND {condition})"
    return f"({_owned.role(role).ours(receipt)} AND {holds})"


def signed_in(role: str, receipt: Receipt) -> str:
    """SQL, for `_sessions.session`: it signed in as the role that was made, be that dropped since."""
    return f"(a.usename IS NULL OR (a.usename = {quoted(role)} AND {_owned.role(role).ours(receipt)}))"


def session(
    target: PostgresServer, role: str, receipt: Receipt, program: str, condition: str = "true"
) -> str:
    """SQL: whether the client has a session *a*, as that role, for which *condition* holds."""
    narrowed = f"{signed_in(role, receipt)} AND ({condition})"
    return _sessions.of(target, str(receipt["actor"]), program, narrowed)


def prepared(target: PostgresServer, role: str, program: str) -> dict[str, str | int | float]:
    """The client's name, the role's password and tag; ForeignState where the role is there."""
    if target.true(_owned.role(role).there):
        raise ForeignState(f"{target.name} has a role {role} already")
    return {
        "actor": _sessions.free_name(target, program),
        "password": secrets.token_urlsafe(18),
        "tag": tags.new(),
    }


def create(
    target: PostgresServer, role: str, receipt: Receipt, *grants: str, superuser: bool = False
) -> None:
    """Create the role in one transaction; the DBA administers it unless it is a superuser."""
    words = ["SUPERUSER"] * superuser
    statements = [
        f"CREATE ROLE {role} LOGIN {' '.join(words)} PASSWORD {quoted(str(receipt['password']))}",
        _owned.role(role).mark(receipt),
        f"GRANT CONNECT ON DATABASE {target.database} TO {role}",
        *(f"GRANT {grant} TO {role}" for grant in grants),
    ]
    if not superuser:
        statements.append(f"GRANT {role} TO dba WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
    target.run("; ".join(statements))


def start(target: PostgresServer, role: str, receipt: Receipt, work: Work) -> None:
    """Start the client, signed in as the role."""
    login: Login = replace(target.login("shop"), user=role, password=str(receipt["password"]))
    actors.start(target.container, str(receipt["actor"]), login, work)


def end(target: PostgresServer, role: str, receipt: Receipt, program: str) -> None:
    """Remove the client and its sessions."""
    _sessions.end(target, str(receipt["actor"]), program, signed_in(role, receipt))


def drop(target: PostgresServer, role: str, receipt: Receipt) -> str:
    """Drop the role with all that it has, if it is the one that was made; says what it left alone."""
    return _owned.role(role).remove(target, receipt, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
