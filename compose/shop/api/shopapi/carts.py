"""The cart, which lives beside the session."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from shopapi.body import body_of, whole
from shopapi.catalogue import Catalogue
from shopapi.sessions import Sessions

_MOST = 99


class Carts:
    """What a customer means to buy."""

    def __init__(self, sessions: Sessions, catalogue: Catalogue) -> None:
        self._sessions = sessions
        self._catalogue = catalogue

    async def add(self, request: Request) -> JSONResponse:
        """POST /cart/items {product_id, quantity}"""
        who = await self._sessions.of(request)
        body = await body_of(request)
        product_id, quantity = (
            whole(body, "product_id", at_most=2**31 - 1),
            whole(body, "quantity", at_most=_MOST),
        )
        await self._catalogue.product(product_id)
        return _answer(await self._sessions.add_to_cart(who.token, product_id, quantity))

    async def show(self, request: Request) -> JSONResponse:
        """GET /cart"""
        who = await self._sessions.of(request)
        return _answer(await self._sessions.cart(who.token))


def _answer(cart: dict[int, int]) -> JSONResponse:
    items = [{"product_id": product, "quantity": quantity} for product, quantity in sorted(cart.items())]
    return JSONResponse({"items": items, "count": sum(cart.values())})
