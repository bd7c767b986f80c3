"""What the faults of one index have in common: how it is defined, who else serves the same, the way back."""

from faults import tags
from faults.core import Receipt
from faults.errors import ForeignState
from faults.postgres.server import PostgresServer, quoted


def described(target: PostgresServer, index: str) -> dict[str, str | int | float]:
    """What is needed to make it again; ForeignState where it is not there, not sound, or a constraint's."""
    rows = target.rows(
        "SELECT pg_get_indexdef(indexrelid), indrelid::regclass::text, indkey::text, indisunique::int,"
        f" indexrelid::bigint FROM pg_index WHERE indexrelid = to_regclass({quoted(index)})"
        " AND indisvalid AND indisready"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = indexrelid)"
    )
    if not rows:
        raise ForeignState(f"{target.name} has no sound index {index} that belongs to no constraint")
    definition, table, columns, unique, oid = rows[0]
    return {
        "definition": definition,
        "table": table,
        "columns": columns,
        "unique": int(unique),
        "oid": int(oid),
    }


def served(target: PostgresServer, receipt: Receipt) -> bool:
    """Whether a valid index is on the same columns, under whatever name."""
    return target.true(
        "EXISTS (SELECT FROM pg_index WHERE indisvalid AND indisready"
        f" AND indrelid = {quoted(str(receipt['table']))}::regclass"
        f" AND indkey::text = {quoted(str(receipt['columns']))})"
    )


def restore(target: PostgresServer, index: str, receipt: Receipt) -> str:
    """Create it as it was, unless an equal one is there; says what it left alone.

    What a broken-off build left by that name makes room; any other has the name now, and ours gets a new one.
    """
    if served(target, receipt):
        return ""
    broken_off = (
        f"EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass({quoted(index)}) AND NOT indisvalid"
        f" AND indrelid = {quoted(str(receipt['table']))}::regclass"
        f" AND indkey::text = {quoted(str(receipt['columns']))})"
    )
    target.run(f"DO $$ BEGIN IF {broken_off} THEN DROP INDEX {index}; END IF; END $$")
    definition = str(receipt["definition"])
    if not target.true(f"to_regclass({quoted(index)}) IS NOT NULL"):
        target.run(definition)
        return ""
    target.run(definition.replace(f" INDEX {index} ON ", " INDEX ON ", 1))
    return tags.left_alone(f"index {index} of {target.name}")


def plan_again(receipt: Receipt) -> str:
    """SQL: sessions forget the plans they keep for the table, as a change of pg_index alone would not."""
    table = quoted(str(receipt["table"]))
    return f"UPDATE pg_attribute SET attnum = attnum WHERE attrelid = {table}::regclass AND attnum = 1"
