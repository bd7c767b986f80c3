"""The planner believes that a column has hardly any values, and takes the wrong index."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ExecFailed, ForeignState
from faults.parameters import name, number, text
from faults.postgres.server import PostgresServer, quoted

WORSE = 10
"""A plan that looks at so many times as many pages is a worse one."""


@dataclass(frozen=True, kw_only=True)
class FlippedPlan(Checked):
    """Frozen, wrong statistics turn a look-up into a walk along another index; ANALYZE changes nothing."""

    about: ClassVar[About] = About(
        id="postgres.flipped_plan",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("statistics:{table}.{column}",),
        see="EXPLAIN of the query: rows estimated and found, 'Rows Removed by Filter'; pg_stats.n_distinct; "
        r"pg_attribute.attoptions and attstattarget (\d+)",
        fix="ALTER COLUMN … RESET (n_distinct), SET STATISTICS -1, then ANALYZE (each alone does nothing)",
        one_strength="a query has the one plan or the other; how much that costs is its table's affair",
    )

    table: str = name("orders", means="table of the column")
    column: str = name("customer_id", means="column whose statistics are wrong")
    n_distinct: int = number(
        1,
        low=1,
        high=1000,
        unit="values",
        means="so many values it is said to have; with too many nothing flips",
    )
    query: str = text(
        "SELECT id, total_cents, created_at FROM orders WHERE customer_id = 4711 ORDER BY id DESC LIMIT 20",
        means="query whose plan has to flip",
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the plan that the query has, and what is set for the column."""
        rows = target.rows(
            "SELECT coalesce(attstattarget, -1), coalesce((SELECT substr(one, 12) FROM unnest(attoptions) one"
            f" WHERE one LIKE 'n_distinct=%'), '') FROM pg_attribute WHERE {self._column()}"
        )
        if not rows or rows[0][0] == "0":
            raise ForeignState(
                f"{target.name}: {self.table}.{self.column} is not there, or has no statistics"
            )
        plan, pages = self._plan(target), self._pages(target)
        return {"plan": plan, "pages": pages, "target": int(rows[0][0]), "n_distinct": rows[0][1]}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Say how many values there are, forget the most common ones, freeze both; in one transaction."""
        slots = ", ".join(
            f"stakind{n} = CASE WHEN stakind{n} = 1 THEN 0 ELSE stakind{n} END" for n in range(1, 6)
        )
        alter = f"ALTER TABLE {self.table} ALTER {self.column}"
        target.run(
            f"{alter} SET (n_distinct = {self.n_distinct}); {alter} SET STATISTICS 0;"
            f" UPDATE pg_statistic s SET stadistinct = {self.n_distinct}, {slots} FROM pg_attribute"
            f" WHERE {self._column()} AND starelid = attrelid AND staattnum = attnum"
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the query has another plan than it had, and reads many times as much by it."""
        if self._plan(target) == receipt["plan"]:
            return False
        # A receipt of an earlier release has no pages: another plan was all that was asked for.
        return "pages" not in receipt or self._pages(target) > WORSE * int(receipt["pages"])

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Take away what we set, where it is still so, and read the table's statistics again."""
        alter, was = f"ALTER TABLE {self.table} ALTER {self.column}", receipt["n_distinct"]
        if target.true(self._set(f"'n_distinct={self.n_distinct}' = ANY(attoptions)")):
            target.run(f"{alter} SET (n_distinct = {was})" if was else f"{alter} RESET (n_distinct)")
        if target.true(self._set("attstattarget = 0")):
            target.run(f"{alter} SET STATISTICS {receipt['target']}")
        if self._plan(target) != receipt["plan"]:
            target.run(f"ANALYZE {self.table} ({self.column})")

    def _column(self) -> str:
        return (
            f"attrelid = to_regclass({quoted(self.table)}) AND attname = {quoted(self.column)}"
            " AND NOT attisdropped"
        )

    def _set(self, condition: str) -> str:
        return f"EXISTS (SELECT FROM pg_attribute WHERE {self._column()} AND {condition})"

    def _pages(self, target: PostgresServer) -> int:
        """How many pages the query looks at, wherever they lie."""
        plan = self._explained(target, "ANALYZE, TIMING OFF, BUFFERS, ")
        return max(1, int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"]))

    def _plan(self, target: PostgresServer) -> str:
        """The kinds of the plan's nodes and the indexes that they use."""
        return " ".join(_nodes(self._explained(target)))

    def _explained(self, target: PostgresServer, how: str = "") -> dict[str, Any]:
        """The query's plan; it may be run for it, by one who may do anything, but who then writes nothing."""
        explain = f"EXPLAIN ({how}FORMAT JSON, COSTS OFF) {self.query}"
        lines = target.rows("BEGIN READ ONLY", explain, "ROLLBACK", reads=True)
        try:
            plan: dict[str, Any] = json.loads("\n".join(line[0] for line in lines))[0]["Plan"]
        except ValueError as error:
            raise ExecFailed(f"{target.name}: EXPLAIN was not answered as JSON: {lines[:3]}") from error
        return plan


def _nodes(node: dict[str, Any]) -> list[str]:
    here = f"{node['Node Type']}({node.get('Index Name', '')})"
    return [here, *(name for one in node.get("Plans", []) for name in _nodes(one))]
