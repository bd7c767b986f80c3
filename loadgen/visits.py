"""From an arrival to what is written down about it."""

from collections.abc import Callable

from loadgen.errors import Unanswered
from loadgen.journeys import JOURNEYS
from loadgen.record import Record
from loadgen.schedule import Arrival
from loadgen.sessions import NoSession
from loadgen.shop import Shop
from loadgen.words import DROPPED, Outcome


def visit(shop: Shop, record: Record, clock: Callable[[], float], arrival: Arrival) -> Outcome:
    """Do what the arrival came for, once, and record how it ended."""
    sent = clock()
    outcome = _attempt(shop, arrival)
    record.finished(arrival, sent=sent, end=clock(), outcome=outcome)
    return outcome


def _attempt(shop: Shop, arrival: Arrival) -> Outcome:
    try:
        return JOURNEYS[arrival.route](shop, arrival)
    except Unanswered as error:
        return Outcome(result=error.result)
    except NoSession:  # nobody is signed in who could have come: it could not start
        return Outcome(result=DROPPED)
