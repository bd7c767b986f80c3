"""What the load's tests share: the stub shop, in this process or in a container beside the load."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from loadgen.answers import Answer, Body
from loadgen.errors import Unanswered
from loadgen.ledger import Ledger
from loadgen.schedule import Arrival
from loadgen.sessions import Session, Sessions
from loadgen.shop import Shop

HERE = Path(__file__).parent


class StubClient:
    """Calls the stub shop without a network; *twist* changes an answer on its way back."""

    def __init__(self, stub: Any) -> None:
        self.stub = stub
        self.twist: Any = None
        self.fail = ""

    def call(self, method: str, path: str, *, token: str = "", body: Body | None = None) -> Answer:
        """Answer as the stub does."""
        if self.fail:
            raise Unanswered(self.fail, "as the test wants it")
        status, reply = self.stub.answer(method, path, token, dict(body or {}))
        if self.twist:
            status, reply = self.twist(status, reply)
        return Answer(
            status=status, content=reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        )


class World:
    """A shop with a stub behind it, and helpers to visit it."""

    def __init__(self, stub: Any, ledger: Path) -> None:
        self.stub = stub
        self.client = StubClient(stub)
        self._ledger = ledger
        self.shop = Shop(
            client=self.client,
            sessions=Sessions(limit=50),
            ledger=Ledger(ledger, clock=lambda: 1000.0),
            customers=20_000,
            boot="b",
        )

    def arrival(self, route: str, n: int = 0, **options: float) -> Arrival:
        """An arrival on that route."""
        return Arrival(t=1000.0, route=route, n=n, nth=n, options=options, seed=1)

    def signed_in(self, *, filled: bool) -> Session:
        """Put a session into the pool that the stub knows."""
        self.stub.sessions["t"] = 7
        if filled:
            self.stub.carts["t"] = [{"product_id": 3, "quantity": 1}]
        session = Session(token="t", customer_id=7, filled=filled)
        self.shop.sessions.add(session)
        return session

    def ledger(self) -> list[dict[str, Any]]:
        """All that the ledger holds."""
        return [json.loads(line) for line in self._ledger.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def stub_module() -> ModuleType:
    """The stub shop's module, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("stub_shop", HERE / "stub_shop.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def world(stub_module: ModuleType, tmp_path: Path) -> Any:
    """A fresh shop."""
    world = World(stub_module.StubShop(), tmp_path / "ledger.jsonl")
    yield world
    world.shop.ledger.close()
