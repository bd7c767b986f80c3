"""Who is signed in, and what is in their cart: Redis only."""

import json
import secrets
from dataclasses import dataclass

from redis.asyncio import Redis
from starlette.requests import Request

from shopapi.errors import SignedOut

_LIFETIME_S = 3600


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A customer with a session."""

    token: str
    customer_id: int


class Sessions:
    """Sessions and carts, both under the session's token."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def start(self, customer_id: int) -> str:
        """Begin a session; returns its token."""
        token = secrets.token_urlsafe(24)
        await self._redis.set(f"session:{token}", json.dumps({"customer_id": customer_id}), ex=_LIFETIME_S)
        return token

    async def of(self, request: Request) -> SignedIn:
        """The session that the request's bearer token stands for; SignedOut where there is none."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        raw = await self._redis.get(f"session:{token}") if scheme.lower() == "bearer" and token else None
        if raw is None:
            raise SignedOut("no such session")
        return SignedIn(token=token, customer_id=json.loads(raw)["customer_id"])

    async def add_to_cart(self, token: str, product_id: int, quantity: int) -> dict[int, int]:
        """Put more of a product in the cart; returns the whole cart."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.hincrby(f"cart:{token}", str(product_id), quantity)
        pipe.expire(f"cart:{token}", _LIFETIME_S)
        pipe.hgetall(f"cart:{token}")
        return _cart((await pipe.execute())[2])

    async def cart(self, token: str) -> dict[int, int]:
        """Quantities by product id."""
        return _cart(await self._redis.hgetall(f"cart:{token}"))

    async def empty_cart(self, token: str) -> None:
        """Forget what is in the cart."""
        await self._redis.delete(f"cart:{token}")


def _cart(raw: dict[bytes, bytes]) -> dict[int, int]:
    return {int(product): int(quantity) for product, quantity in raw.items()}
