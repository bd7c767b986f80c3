-- The shop's past, the same in every build: 500 products, 200 000 customers, 1 000 000 orders of two lines each.
-- Runs in the transaction that made the tables. Reads the active customers' password hashes from :passwords (CSV id,hash).
-- Arithmetic on the row number stands for chance; the steps are coprime to what they walk over.
SET ROLE shop_owner;
SET maintenance_work_mem = '256MB';
SET timezone = 'UTC';

INSERT INTO products (id, name, price_cents, stock)
SELECT i,
       (ARRAY['Walnut','Linen','Copper','Slate','Canvas','Amber','Cedar','Indigo','Marble','Wool'])[1 + i % 10] || ' ' ||
       (ARRAY['lamp','notebook','kettle','chair','backpack','clock','blanket','vase','desk','mug'])[1 + (i / 10) % 10] ||
       ' No. ' || i,
       495 + (i * 7919) % 14500,
       20 + (i * 37) % 480
FROM generate_series(1, 500) AS i;

CREATE TEMP TABLE passwords (id bigint, hash text);
RESET ROLE;
COPY passwords FROM :'passwords' WITH (FORMAT csv);
GRANT SELECT ON passwords TO shop_owner;
SET ROLE shop_owner;
INSERT INTO customers (id, email, name, tier, password_hash, created_at)
SELECT i, 'customer' || i || '@shop.example', 'Customer ' || i,
       CASE WHEN i % 10 IN (0, 3, 7) THEN 'gold' ELSE 'standard' END,
       p.hash,
       timestamptz '2021-01-01 00:00Z' + i * interval '9 minutes'
FROM generate_series(1, 200000::bigint) AS i LEFT JOIN passwords p ON p.id = i
ORDER BY i;

-- Odd orders belong to the 20 000 active customers, even ones to anybody. Line one and line two never name the
-- same product, for their distance is 1 to 499.
CREATE TEMP TABLE draft AS
SELECT i AS id,
       CASE WHEN i % 2 = 1 THEN 1 + (i / 2 * 7907) % 20000 ELSE 1 + (i / 2 * 7919) % 200000 END AS customer_id,
       timestamptz '2023-01-01 00:00Z' + i * interval '85 seconds' AS created_at,
       p.id AS first_id, p.price_cents AS first_cents, 1 + i % 3 AS first_quantity,
       q.id AS second_id, q.price_cents AS second_cents, 1 + (i / 3) % 2 AS second_quantity
FROM generate_series(1, 1000000::bigint) AS i
JOIN products p ON p.id = 1 + (i * 7919) % 500
JOIN products q ON q.id = 1 + (i * 7919 + 1 + i % 499) % 500;

INSERT INTO orders (id, customer_id, total_cents, created_at, status)
SELECT id, customer_id, first_cents * first_quantity + second_cents * second_quantity, created_at,
       CASE WHEN id > 999000 THEN 'paid' ELSE 'shipped' END
FROM draft ORDER BY id;

INSERT INTO order_lines (order_id, product_id, quantity, price_cents)
SELECT d.id, line.product_id, line.quantity, line.price_cents
FROM (SELECT * FROM draft ORDER BY id) AS d
CROSS JOIN LATERAL (VALUES (first_id, first_quantity, first_cents), (second_id, second_quantity, second_cents))
    AS line (product_id, quantity, price_cents);

INSERT INTO payments (id, order_id, amount_cents, created_at, provider_ref)
SELECT id, id, total_cents, created_at, 'ch_' || id FROM orders ORDER BY id;

ALTER TABLE customers ADD PRIMARY KEY (id), ADD CONSTRAINT customers_email_key UNIQUE (email);
ALTER TABLE products ADD PRIMARY KEY (id);
ALTER TABLE orders ADD PRIMARY KEY (id), ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE order_lines ADD PRIMARY KEY (order_id, product_id),
    ADD FOREIGN KEY (order_id) REFERENCES orders, ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE payments ADD PRIMARY KEY (id), ADD CONSTRAINT payments_order_id_key UNIQUE (order_id),
    ADD FOREIGN KEY (order_id) REFERENCES orders;
CREATE UNIQUE INDEX orders_idempotency_key ON orders (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX orders_customer_id ON orders (customer_id, id);

ALTER TABLE customers ALTER COLUMN id RESTART WITH 200001;
ALTER TABLE orders ALTER COLUMN id RESTART WITH 1000001;
ALTER TABLE payments ALTER COLUMN id RESTART WITH 1000001;

GRANT SELECT, INSERT, UPDATE ON customers, orders, order_lines, payments TO shop;
GRANT SELECT ON products TO shop;
RESET ROLE;

-- How far a replica is behind: the primary's row is written twice a second where there is one, and read on both.
CREATE TABLE heartbeat (id smallint PRIMARY KEY CHECK (id = 1), written_at timestamptz NOT NULL);
INSERT INTO heartbeat VALUES (1, timestamptz '2025-09-11 00:00Z');
GRANT SELECT, UPDATE ON heartbeat TO heartbeat;

CREATE EXTENSION amcheck;
CREATE EXTENSION pg_buffercache;
GRANT EXECUTE ON FUNCTION bt_index_check(regclass), bt_index_check(regclass, boolean),
    bt_index_check(regclass, boolean, boolean), verify_heapam(regclass, boolean, boolean, text, bigint, bigint)
    TO dba, referee;
CREATE EXTENSION pg_stat_statements;
GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO dba;
DROP TABLE draft, passwords;
