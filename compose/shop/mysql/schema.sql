-- What the shop keeps in MySQL: how much of each product there is, and every movement that made it so.
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;

CREATE TABLE products (
    id          INT          NOT NULL PRIMARY KEY,
    name        VARCHAR(200) NOT NULL,
    price_cents INT          NOT NULL CHECK (price_cents > 0),
    description TEXT         NOT NULL
) ENGINE = InnoDB;

CREATE TABLE stock (
    product_id INT          NOT NULL PRIMARY KEY,
    on_hand    INT          NOT NULL CHECK (on_hand >= 0),
    reserved   INT          NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB;

CREATE TABLE stock_movements (
    id         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product_id INT          NOT NULL,
    delta      INT          NOT NULL,
    -- Of a checkout that is under way, the key is known before the order is.
    order_id   BIGINT       NULL,
    order_key  VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NULL,
    reason     VARCHAR(20)  NOT NULL,
    created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB;

-- What checkouts have taken, by the client's key. Nobody but its holder gives it back; without one nobody does.
CREATE TABLE reservations (
    order_key  VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL PRIMARY KEY,
    holder     CHAR(32)     CHARACTER SET ascii NULL,
    state      ENUM ('reserved', 'returned', 'fulfilled') NOT NULL,
    attempt    SMALLINT     NOT NULL,
    changed_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    KEY state_changed (state, changed_at)
) ENGINE = InnoDB;

CREATE TABLE heartbeat (
    id         TINYINT      NOT NULL PRIMARY KEY CHECK (id = 1),
    written_at TIMESTAMP(6) NOT NULL
) ENGINE = InnoDB;
