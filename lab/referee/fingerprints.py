"""Fingerprints: what the schema is, and what the data that were there before the drill are."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, LiteralString, Protocol

from lab.referee import catalogue_prints

_SCHEMA: tuple[LiteralString, ...] = (
    """select c.relname, c.relkind::text, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
              a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')
          and c.relname !~ '^pg_stat_statements'
        order by 1, 3""",
    """select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready
         from pg_index i
         join pg_class c on c.oid = i.indrelid
         join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' order by 1""",
    """select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
         from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2""",
    """select tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid)
         from pg_trigger where not tgisinternal order by 1, 2""",
    "select tablename, rulename, definition from pg_rules where schemaname = 'public' order by 1, 2",
    """select relname, relrowsecurity, relforcerowsecurity from pg_class
        where relnamespace = 'public'::regnamespace and (relrowsecurity or relforcerowsecurity) order by 1""",
    """select p.proname, p.prosrc from pg_proc p
         left join pg_depend d on d.objid = p.oid and d.deptype = 'e'
        where p.pronamespace = 'public'::regnamespace and d.objid is null order by 1, 2""",
)

# Sums of hashes do not depend on the order in which rows are read, so that scans can run in parallel.
_DATA: tuple[LiteralString, ...] = (
    "select count(*), sum(hash_record_extended(r, 0)) from orders r where id <= 1000000",
    "select count(*), sum(hash_record_extended(r, 0)) from order_lines r where order_id <= 1000000",
    "select count(*), sum(hash_record_extended(r, 0)) from payments r where order_id <= 1000000",
    "select count(*), sum(hash_record_extended(r, 0)) from customers r where id <= 200000",
    "select count(*), sum(hashint8(id) # hashtext(name) # hashint8(price_cents)) from products",
)


class Rows(Protocol):
    """Answers one query."""

    def rows(self, query: LiteralString, /) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, kw_only=True)
class Fingerprints:
    """Two short hashes: equal before and after means that nothing of it was changed."""

    schema: str
    data: str


def take(database: Rows, catalogue: Rows | None = None) -> Fingerprints:
    """Read both from the live servers; *catalogue* is the MySQL that has the products, where there is one."""
    schema, data = _hash(database, _SCHEMA), _hash(database, _DATA)
    if catalogue is None:
        return Fingerprints(schema=schema, data=data)
    return Fingerprints(
        schema=_both(schema, _hash(catalogue, catalogue_prints.SCHEMA)),
        data=_both(data, _hash(catalogue, catalogue_prints.DATA)),
    )


def _hash(database: Rows, queries: tuple[LiteralString, ...]) -> str:
    return _short([[[str(cell) for cell in row] for row in database.rows(query)] for query in queries])


def _both(one: str, other: str) -> str:
    return _short([one, other])


def _short(answers: object) -> str:
    return hashlib.sha256(json.dumps(answers).encode()).hexdigest()[:16]
