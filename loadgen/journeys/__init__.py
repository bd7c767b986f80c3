"""What a visitor does on each route, and what the shop must answer: one module a route."""

from collections.abc import Mapping

from loadgen.journeys.browse import browse
from loadgen.journeys.cart import cart
from loadgen.journeys.checkout import checkout
from loadgen.journeys.history import history
from loadgen.journeys.login import login
from loadgen.journeys.register import register
from loadgen.shop import Journey

JOURNEYS: Mapping[str, Journey] = {
    "browse": browse,
    "cart": cart,
    "login": login,
    "checkout": checkout,
    "history": history,
    "register": register,
}

__all__ = ["JOURNEYS"]
