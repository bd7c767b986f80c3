"""Errors that a request can end in.

ShopError
├── Invalid          400  the request makes no sense
├── WrongPassword    401
├── SignedOut        401  the session is gone
├── Declined         402  the payment provider says no
├── NotFound         404
├── EmailTaken       409
├── EmptyCart        409
├── KeyConflict      409  an idempotency key used for something else
├── OutOfStock       409  there is not enough of a product
├── DatabaseFailed   500
│   └── InDoubt           it went away while it committed: what was written may stand
├── PaymentFailed    502
├── Busy             503  no database thread came free in time
└── SessionsFailed   503  Redis is away
"""


class ShopError(Exception):
    """A request's end that is not a success; str() is for the log, *code* for the client."""

    status = 500
    code = "internal"


class Invalid(ShopError):
    """The request makes no sense."""

    status, code = 400, "invalid"


class WrongPassword(ShopError):
    """No customer has this e-mail and password."""

    status, code = 401, "wrong_password"


class SignedOut(ShopError):
    """The session is unknown or over."""

    status, code = 401, "signed_out"


class Declined(ShopError):
    """The payment provider says no."""

    status, code = 402, "declined"


class NotFound(ShopError):
    """Nothing has this id."""

    status, code = 404, "not_found"


class EmailTaken(ShopError):
    """Another customer has this e-mail."""

    status, code = 409, "email_taken"


class EmptyCart(ShopError):
    """Nothing to check out."""

    status, code = 409, "empty_cart"


class KeyConflict(ShopError):
    """The idempotency key stands for another order."""

    status, code = 409, "key_conflict"


class OutOfStock(ShopError):
    """There is not enough of a product."""

    status, code = 409, "out_of_stock"


class DatabaseFailed(ShopError):
    """The database refused, failed or went away."""

    status, code = 500, "database"


class InDoubt(DatabaseFailed):
    """The database went away while it committed: what was written may stand."""


class PaymentFailed(ShopError):
    """The payment provider did not answer as it should."""

    status, code = 502, "payment"


class Busy(ShopError):
    """No database thread came free in time."""

    status, code = 503, "busy"


class SessionsFailed(ShopError):
    """Redis did not answer."""

    status, code = 503, "sessions"
