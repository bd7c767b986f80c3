"""Register and sign in."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse

from shopapi.body import body_of, text
from shopapi.database import Database
from shopapi.errors import EmailTaken, Invalid, WrongPassword
from shopapi.models import Customer
from shopapi.passwords import hash_password, verify_password
from shopapi.sessions import Sessions


class Accounts:
    """Customers, as they come in."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions

    async def register(self, request: Request) -> JSONResponse:
        """POST /register {email, name, password}"""
        body = await body_of(request)
        email, name, password = text(body, "email"), text(body, "name"), text(body, "password")
        if "@" not in email:
            raise Invalid("email must be an address")
        customer_id = await self._database.write(lambda session: _add(session, email, name, password))
        return JSONResponse({"customer_id": customer_id, "email": email}, 201)

    async def login(self, request: Request) -> JSONResponse:
        """POST /login {email, password}"""
        body = await body_of(request)
        email, password = text(body, "email"), text(body, "password")
        answer = await self._database.write(lambda session: _sign_in(session, email, password))
        token = await self._sessions.start(answer["customer_id"])
        return JSONResponse({"token": token, **answer})


def _add(session: Session, email: str, name: str, password: str) -> int:
    customer = Customer(email=email, name=name, password_hash=hash_password(password))
    session.add(customer)
    try:
        session.flush()
    except IntegrityError:
        raise EmailTaken(email) from None
    return customer.id


def _sign_in(session: Session, email: str, password: str) -> dict[str, Any]:
    customer = session.scalars(select(Customer).where(Customer.email == email)).first()
    if customer is None or not verify_password(password, customer.password_hash):
        raise WrongPassword(email)
    return {"customer_id": customer.id, "tier": customer.tier}
