"""A role that a fault makes, and the client that signs in as it."""

import secrets
from dataclasses import replace

from faults import actors
from faults.actors import Login, Work
from faults.core import Receipt
from faults.errors import ForeignState
from faults.postgres import _sessions
from faults.postgres.server import PostgresServer, quoted


def is_there(role: str, condition: str = "true") -> str:
    """SQL: whether the role exists, and *condition* holds for its row of pg_roles."""
    return f"EXISTS (SELECT FROM pg_roles WHERE rolname = {quoted(role)} AND {condition})"


def prepared(target: PostgresServer, role: str, program: str) -> dict[str, str | int | float]:
    """The client's name and the role's password; ForeignState where the role is there."""
    if target.true(is_there(role)):
        raise ForeignState(f"{target.name} has a role {role} already")
    return {"actor": _sessions.free_name(target, program), "password": secrets.token_urlsafe(18)}


def create(
    target: PostgresServer, role: str, receipt: Receipt, *grants: str, superuser: bool = False
) -> None:
    """Create the role in one transaction; the DBA administers it unless it is a superuser."""
    words = ["SUPERUSER"] * superuser
    statements = [
        f"CREATE ROLE {role} LOGIN {' '.join(words)} PASSWORD {quoted(str(receipt['password']))}",
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


def drop(target: PostgresServer, role: str) -> None:
    """Drop the role with all that it has."""
    if target.true(is_there(role)):
        target.run(f"DROP OWNED BY {role}; DROP ROLE {role}")
