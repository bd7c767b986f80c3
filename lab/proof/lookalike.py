"""A shop that answers everybody rightly and has nothing behind it, for those who send users elsewhere.

It is run inside a container of its own, as it stands here: nothing of ours may be imported.
"""

import asyncio
import json
from itertools import count
from typing import Any

PORT = 8080
IDLE_S = 30.0

Reply = tuple[int, dict[str, Any]]


class Lookalike:
    """Takes anybody's word; its orders are newer than any that the true shop has."""

    def __init__(self) -> None:
        self._numbers = count(1_000_000_000)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Reply:
        """What the route promises."""
        match method, path.partition("?")[0].split("/")[1]:
            case "GET", "products":
                return 200, self._products(path)
            case "POST", "login":
                return self._login(body)
            case "POST", "register":
                return 201, {"customer_id": next(self._numbers), "email": body["email"]}
            case _, "cart":
                items = [{"product_id": 1, "quantity": 1}, *([body] if body else [])]
                return 200, {"items": items, "count": len(items)}
            case "GET", "orders":
                newest = next(self._numbers) + 1_000_000
                orders = [{"order_id": newest - n, "total_cents": 1, "created_at": n} for n in range(20)]
                return 200, {"orders": orders}
            case "POST", "checkout":
                paid = {
                    "order_id": next(self._numbers),
                    "payment_id": next(self._numbers),
                    "total_cents": 100,
                }
                return 201, {**paid, "idempotency_key": body["idempotency_key"]}
            case _:
                return 404, {"error": "not_found"}

    @staticmethod
    def _products(path: str) -> dict[str, Any]:
        """Of nothing more is shown than there can be: none."""
        if "page=" not in path:
            return {"id": int(path.rsplit("/", 1)[1]), "name": "Thing", "price_cents": 100, "stock": 0}
        page = int(path.rsplit("=", 1)[1])
        ids = range(20 * page - 19, 20 * page + 1)
        return {"products": [{"id": n, "name": "Thing", "price_cents": 100} for n in ids], "page": page}

    def _login(self, body: dict[str, Any]) -> Reply:
        if str(body["password"]).startswith("not-"):
            return 401, {"error": "wrong_password"}
        customer = int(body["email"].removeprefix("customer").partition("@")[0])
        return 200, {"token": str(next(self._numbers)), "customer_id": customer, "tier": "standard"}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it idles or is closed."""
        try:
            while True:
                await self._once(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            writer.close()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_S)).decode()
        request, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = request.split()
        status, reply = self.answer(method, path, json.loads(content) if content else {})
        text = json.dumps(reply).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        await writer.drain()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(Lookalike().serve, "0.0.0.0", PORT)  # noqa: S104 - inside a container
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
