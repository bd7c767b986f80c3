"""What MySQL adds to the fingerprints: the schema of the shop's tables there, and the products.

Stock, movements and reservations change with every checkout: the ledger has those. Tables that are not the
shop's are left out; a fix may well give one of them a key.
"""

from typing import LiteralString

_TABLES: LiteralString = "('products', 'stock', 'stock_movements', 'reservations', 'heartbeat')"

_SCHEMA: tuple[LiteralString, ...] = (
    """SELECT table_name, table_type, engine FROM information_schema.tables
         WHERE table_schema = 'shop' AND table_name IN OURS ORDER BY table_name""",
    """SELECT table_name, ordinal_position, column_name, column_type, collation_name, is_nullable,
               column_default, extra, generation_expression
          FROM information_schema.columns
         WHERE table_schema = 'shop' AND table_name IN OURS ORDER BY table_name, ordinal_position""",
    """SELECT table_name, index_name, seq_in_index, column_name, expression, non_unique, is_visible
          FROM information_schema.statistics
         WHERE table_schema = 'shop' AND table_name IN OURS
         ORDER BY table_name, index_name, seq_in_index""",
    """SELECT t.table_name, t.constraint_name, t.constraint_type, t.enforced, c.check_clause,
               r.referenced_table_name, r.update_rule, r.delete_rule
          FROM information_schema.table_constraints t
          LEFT JOIN information_schema.check_constraints c
            ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name
          LEFT JOIN information_schema.referential_constraints r
            ON r.constraint_schema = t.constraint_schema AND r.constraint_name = t.constraint_name
         WHERE t.table_schema = 'shop' AND t.table_name IN OURS
         ORDER BY t.table_name, t.constraint_name""",
    """SELECT event_object_table, trigger_name, action_timing, event_manipulation, action_statement
          FROM information_schema.triggers
         WHERE trigger_schema = 'shop' AND event_object_table IN OURS
         ORDER BY event_object_table, trigger_name""",
)

SCHEMA: tuple[LiteralString, ...] = tuple(query.replace("OURS", _TABLES) for query in _SCHEMA)

# A sum of hashes, so that one row comes back however many there are.
DATA: tuple[LiteralString, ...] = (
    """SELECT COUNT(*), SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS('|', id, name, price_cents, description), 256), 12),
              16, 10) AS UNSIGNED)) FROM products""",
)
