"""Charges by idempotency key, with the latency and the refusals of a real provider."""

import asyncio
import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One decision on one key; declined ones are kept too, so that asking again changes nothing."""

    charge_id: str
    key: str
    amount_cents: int
    declined: bool
    refunded: bool = False

    def answer(self, status: int) -> JSONResponse:
        """The charge as the provider tells it."""
        if self.declined:
            return JSONResponse({"error": "declined"}, 402)
        told = {
            "charge_id": self.charge_id,
            "key": self.key,
            "amount_cents": self.amount_cents,
            "refunded": self.refunded,
        }
        return JSONResponse(told, status)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Every charge made since the start, by key."""

    latency_ms: tuple[float, float]
    decline_ratio: float
    charges: dict[str, Charge] = field(default_factory=dict)

    async def charge(self, request: Request) -> JSONResponse:
        """POST /charges {key, amount_cents}: 201 new, 200 known, 402 declined, 409 refunded or other sum."""
        try:
            body = await request.json()
            key, amount_cents = str(body["key"]), int(body["amount_cents"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "invalid"}, 400)
        await asyncio.sleep(random.uniform(*self.latency_ms) / 1000)  # noqa: S311 - no secret
        known = self.charges.get(key)
        if known is None:
            made = self.charges[key] = self._decide(key, amount_cents)
            return made.answer(201)
        if known.refunded:
            return JSONResponse({"error": "refunded"}, 409)
        if known.amount_cents != amount_cents:
            return JSONResponse({"error": "key_used", "amount_cents": known.amount_cents}, 409)
        return known.answer(200)

    async def refund(self, request: Request) -> JSONResponse:
        """POST /refunds {key}: 200, however often; a key without a charge can have none from then on."""
        try:
            key = str((await request.json())["key"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "invalid"}, 400)
        await asyncio.sleep(random.uniform(*self.latency_ms) / 1000)  # noqa: S311 - no secret
        known = self.charges.get(key) or self._decide(key, 0)
        self.charges[key] = replace(known, refunded=not known.declined)
        return JSONResponse({"key": key, "refunded_cents": 0 if known.declined else known.amount_cents})

    async def show(self, request: Request) -> JSONResponse:
        """GET /charges/KEY"""
        known = self.charges.get(request.path_params["key"])
        return JSONResponse({"error": "not_found"}, 404) if known is None else known.answer(200)

    def _decide(self, key: str, amount_cents: int) -> Charge:
        digest = hashlib.sha256(key.encode()).digest()
        return Charge(
            charge_id=f"ch_{digest.hex()[:24]}",
            key=key,
            amount_cents=amount_cents,
            declined=int.from_bytes(digest[:8]) / 2**64 < self.decline_ratio,
        )


async def live(_: Request) -> JSONResponse:
    """GET /health/live"""
    return JSONResponse({"live": True})


def build(env: Mapping[str, str]) -> Starlette:
    """The provider as the environment has it."""
    low, _, high = env.get("PAY_LATENCY_MS", "20-60").partition("-")
    provider = Provider(
        latency_ms=(float(low), float(high or low)),
        decline_ratio=float(env.get("PAY_DECLINE_RATIO", "0.02")),
    )
    return Starlette(
        routes=[
            Route("/charges", provider.charge, methods=["POST"]),
            Route("/charges/{key}", provider.show),
            Route("/refunds", provider.refund, methods=["POST"]),
            Route("/health/live", live),
        ]
    )
