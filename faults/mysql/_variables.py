"""Global variables of a server: set until its restart or for good, looked at, and given back."""

from collections.abc import Mapping
from typing import Any

from faults.core import Receipt
from faults.mysql.server import MysqlServer, quoted
from faults.parameters import choice


def persist(default: str) -> Any:
    """The parameter that says whether a setting outlives a restart."""
    means = "whether it is set with SET PERSIST, which survives a restart"
    return choice(default, "no", "yes", mild="no", severe="yes", means=means)


def now(target: MysqlServer, variable: str) -> str:
    """The value that holds, as the server writes it (ON, OFF, a number)."""
    return target.value(
        "SELECT VARIABLE_VALUE FROM performance_schema.global_variables"
        f" WHERE VARIABLE_NAME = {quoted(variable)}"
    )


def kept(target: MysqlServer, variable: str) -> str:
    """The value that the next start will take from what was persisted; empty where nothing was."""
    return target.value(
        "SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables"
        f" WHERE VARIABLE_NAME = {quoted(variable)}"
    )


def remember(target: MysqlServer, wanted: Mapping[str, str]) -> dict[str, str]:
    """The receipt's part for variables that are to be set: what they are, were and were to be."""
    receipt = {}
    for variable, value in wanted.items():
        receipt[variable] = value
        receipt[f"{variable}.was"] = now(target, variable)
        receipt[f"{variable}.kept"] = kept(target, variable)
    return receipt


def put(target: MysqlServer, variable: str, value: str, how: str) -> None:
    """Set it; *how* is the parameter `persist`."""
    target.run(f"SET {'PERSIST' if how == 'yes' else 'GLOBAL'} {variable} = {_literal(value)}")


def held(target: MysqlServer, receipt: Receipt, variable: str) -> bool:
    """Whether it has the value that was set."""
    return now(target, variable) == receipt[variable]


def give_back(target: MysqlServer, receipt: Receipt, variable: str) -> None:
    """Give it its old value where it still has ours, now and for the next start."""
    value, before = str(receipt[variable]), str(receipt[f"{variable}.kept"])
    if value != before and kept(target, variable) == value:
        target.run(
            f"SET PERSIST_ONLY {variable} = {_literal(before)}"
            if before
            else f"RESET PERSIST IF EXISTS {variable}"
        )
    was = str(receipt[f"{variable}.was"])
    if value != was and held(target, receipt, variable):
        target.run(f"SET GLOBAL {variable} = {_literal(was)}")


def _literal(value: str) -> str:
    return value if value.lstrip("-").isdigit() else quoted(value)
