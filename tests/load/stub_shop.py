"""A shop of one file for the load's own tests: the contract's routes in memory, and misbehaviour on demand.

`POST /_mode {"mode": …}` changes how it answers from then on; `GET /_state` tells what it has taken in.
Modes: ok, hang, error (500), wrong (200 and a body that is not what the route promises), forget (all
sessions are gone, once), close (the connection is closed after the request was read).
"""

import asyncio
import json
import secrets
import sys
from typing import Any

CUSTOMERS = 20_000
# For a new connection's first request: a client that is slow to send it has not idled.
FIRST_WITHIN_S = 3.0

Reply = tuple[int, dict[str, Any]]


class StubShop:
    """Everything the shop knows."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.keep_alive_s = 3.0
        self.sessions: dict[str, int] = {}
        self.carts: dict[str, list[dict[str, int]]] = {}
        self.orders: list[dict[str, Any]] = []
        self.customers: list[str] = []
        self.counts: dict[str, int] = {}
        self.golds = 0

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> Reply:
        """Answer one request as the contract says."""
        route = f"{method} /{path.split('?')[0].split('/')[1]}"
        self.counts[route] = self.counts.get(route, 0) + 1
        if route == "GET /products":
            return self._products(path)
        if route in ("POST /login", "POST /register"):
            return self._login(body) if route == "POST /login" else self._register(body)
        if token not in self.sessions:
            return 401, {"error": "no_session"}
        if route == "GET /orders":
            customer = self.sessions[token]
            mine = [o for o in reversed(self.orders) if o["customer_id"] == customer]
            return 200, {
                "orders": [{k: o[k] for k in ("order_id", "total_cents", "created_at")} for o in mine[:20]]
            }
        return self._cart(method, token, body) if "cart" in route else self._checkout(token, body)

    def _products(self, path: str) -> Reply:
        if "page=" in path:
            page = int(path.rsplit("=", 1)[1])
            ids = range(20 * page - 19, 20 * page + 1)
            return 200, {
                "products": [{"id": i, "name": f"Thing {i}", "price_cents": 100 + i} for i in ids],
                "page": page,
            }
        product = int(path.rsplit("/", 1)[1])
        return 200, {"id": product, "name": f"Thing {product}", "price_cents": 100 + product, "stock": 5}

    def _login(self, body: dict[str, Any]) -> Reply:
        customer = int(body["email"].removeprefix("customer").split("@")[0])
        if body["password"] != f"correct-horse-{customer}":
            return 401, {"error": "wrong_password"}
        gold = customer % 10 in (0, 3, 7)
        self.golds += gold
        token = secrets.token_hex(8)
        self.sessions[token] = customer
        return 200, {"token": token, "customer_id": customer, "tier": "gold" if gold else "standard"}

    def _register(self, body: dict[str, Any]) -> Reply:
        if body["email"] in self.customers:
            return 409, {"error": "email_taken"}
        self.customers.append(body["email"])
        return 201, {"customer_id": 200_000 + len(self.customers), "email": body["email"]}

    def _cart(self, method: str, token: str, body: dict[str, Any]) -> Reply:
        items = self.carts.setdefault(token, [])
        if method == "POST":
            items.append({"product_id": body["product_id"], "quantity": body["quantity"]})
        return 200, {"items": items, "count": sum(i["quantity"] for i in items)}

    def _checkout(self, token: str, body: dict[str, Any]) -> Reply:
        items = self.carts.get(token)
        if not items:
            return 409, {"error": "empty_cart"}
        if len(self.orders) % 50 == 49:
            self.orders.append({"customer_id": 0, "idempotency_key": "declined"})
            return 402, {"error": "declined"}
        self.carts[token] = []
        order = {
            "order_id": 1_000_001 + len(self.orders),
            "total_cents": sum(100 + i["product_id"] for i in items),
            "payment_id": len(self.orders) + 1,
            "idempotency_key": body["idempotency_key"],
        }
        self.orders.append(
            {**order, "customer_id": self.sessions[token], "created_at": float(len(self.orders))}
        )
        return 201, order

    def control(self, path: str, body: dict[str, Any]) -> Reply:
        """Change the mode, or tell the state."""
        if path == "/_mode":
            self.mode = body["mode"]
            if self.mode == "forget":
                self.sessions.clear()
                self.mode = "ok"
            return 200, {"mode": self.mode}
        keys = [o["idempotency_key"] for o in self.orders if o["idempotency_key"] != "declined"]
        return 200, {"keys": keys, "customers": self.customers, "counts": self.counts, "golds": self.golds}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it idles or is closed."""
        try:
            wait_s = FIRST_WITHIN_S
            while await self._once(reader, writer, wait_s=wait_s):
                wait_s = self.keep_alive_s
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _once(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, wait_s: float
    ) -> bool:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), wait_s)).decode()
        request, *lines = head.strip().split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        body = json.loads(content) if content else {}
        method, path, _ = request.split()
        if path.startswith("/_"):
            status, reply = self.control(path, body)
        else:
            if self.mode == "close":
                return False
            if self.mode == "hang":
                await asyncio.sleep(30)
            status, reply = self.answer(method, path, headers.get("authorization", "")[7:], body)
            if self.mode == "error":
                status, reply = 500, {"error": "database"}
            if self.mode == "wrong":
                reply = dict.fromkeys(reply)
        text = json.dumps(reply).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        await writer.drain()
        return True


async def main(port: int, keep_alive_s: float) -> None:
    """Serve until killed."""
    shop = StubShop()
    shop.keep_alive_s = keep_alive_s
    server = await asyncio.start_server(shop.serve, "0.0.0.0", port)  # noqa: S104 - inside a container
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
