"""The payment provider, seen from the shop."""

import httpx

from shopapi.errors import Declined, KeyConflict, PaymentFailed

_TIMEOUT_S = 1.5


class Pay:
    """Charges by idempotency key: the same key twice is one charge."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S, trust_env=False)

    async def charge(self, key: str, amount_cents: int) -> str:
        """Charge the customer; returns the provider's reference."""
        try:
            answer = await self._client.post("/charges", json={"key": key, "amount_cents": amount_cents})
        except httpx.HTTPError as error:
            raise PaymentFailed(f"{type(error).__name__}: {error}") from error
        if answer.status_code == 402:
            raise Declined("card declined")
        if answer.status_code == 409:
            raise KeyConflict("the key was charged with another amount")
        if answer.status_code not in (200, 201):
            raise PaymentFailed(f"the provider answered {answer.status_code}")
        return str(answer.json()["charge_id"])

    async def refund(self, key: str) -> None:
        """Take the charge of that key back; if it has not arrived yet, see to it that it never counts."""
        try:
            answer = await self._client.post("/refunds", json={"key": key})
        except httpx.HTTPError as error:
            raise PaymentFailed(f"refund: {type(error).__name__}: {error}") from error
        if answer.status_code != 200:
            raise PaymentFailed(f"the provider answered a refund with {answer.status_code}")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
