-- The same products as PostgreSQL has, their stock, and 200 000 movements whose sum it is; the same in every build.
-- Arithmetic on the row number stands for chance; the steps are coprime to what they walk over.
SET SESSION cte_max_recursion_depth = 300000;
SET SESSION time_zone = '+00:00';

INSERT INTO products (id, name, price_cents, description)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
SELECT i, named.name, 495 + (i * 7919) % 14500,
       CONCAT('A ', LOWER(named.name), ' of the autumn range. Ships within ', 1 + i % 4, ' days from hall ',
              CHAR(65 + i % 6), ', shelf ', 1 + i * 13 % 90, '.')
FROM n
CROSS JOIN LATERAL (
    SELECT CONCAT(
        ELT(1 + i % 10, 'Walnut', 'Linen', 'Copper', 'Slate', 'Canvas', 'Amber', 'Cedar', 'Indigo', 'Marble', 'Wool'), ' ',
        ELT(1 + FLOOR(i / 10) % 10, 'lamp', 'notebook', 'kettle', 'chair', 'backpack', 'clock', 'blanket', 'vase', 'desk', 'mug'),
        ' No. ', i) AS name
) AS named;

-- Enough for hours of the lab's customers, who never hear of "sold out" unless it is the incident.
INSERT INTO stock (product_id, on_hand, reserved, updated_at)
SELECT id, 20000 + (id * 3719) % 48000, 0, '2025-09-11 00:00:00' FROM products;

-- A delivery in every forty, else a sale of one to three; the orders are among those that PostgreSQL has.
INSERT INTO stock_movements (product_id, delta, order_id, reason, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 199500)
SELECT 1 + (i * 7919) % 500,
       IF(FLOOR(i / 500) % 40 = 0, 80, -(1 + i % 3)),
       IF(FLOOR(i / 500) % 40 = 0, NULL, 1 + i * 5),
       IF(FLOOR(i / 500) % 40 = 0, 'delivery', 'sale'),
       TIMESTAMP('2023-01-01 00:00:00') + INTERVAL i * 425 SECOND
FROM n;

-- The year's count makes the sum of the movements what is on hand.
INSERT INTO stock_movements (product_id, delta, order_id, reason, created_at)
SELECT s.product_id, s.on_hand - COALESCE(SUM(m.delta), 0), NULL, 'stocktake', '2025-09-11 00:00:00'
FROM stock s LEFT JOIN stock_movements m ON m.product_id = s.product_id
GROUP BY s.product_id, s.on_hand ORDER BY s.product_id;

ALTER TABLE stock ADD FOREIGN KEY (product_id) REFERENCES products (id);
ALTER TABLE stock_movements ADD INDEX product_created (product_id, created_at), ADD INDEX by_order (order_id), ADD INDEX by_key (order_key);
INSERT INTO heartbeat (id, written_at) VALUES (1, '2025-09-11 00:00:00');
ANALYZE TABLE products, stock, stock_movements;
