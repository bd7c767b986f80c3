"""Every route answers as it should: good, expected and bad."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from faults.wait import until
from tests.shop.buying import key_that, shopping
from tests.shop.conftest import SOUND
from tests.shop.servers import Postgres, Running
from tests.shop.stack import Pod, Stack, credentials, wait_for_200

pytestmark = pytest.mark.docker

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop-api' AND wait_event_type = 'Lock'"
)
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'shop-api'"
)
REFUSAL = 'too many connections for role "shop"'
TIMES = 5
ORDERS_OF = "SELECT count(*) FROM orders WHERE idempotency_key = %s"


@pytest.fixture
def shopper(pod: Pod) -> str:
    """The token of a customer with two things in the cart."""
    return shopping(pod, 11, {7: 2, 8: 2})


def test_pages_hold_twenty_products(pod: Pod) -> None:
    answer = pod.call("GET", "/products?page=25")
    assert (answer.status_code, answer.json()["page"]) == (200, 25)
    assert [product["id"] for product in answer.json()["products"]] == list(range(481, 501))
    assert set(answer.json()["products"][0]) == {"id", "name", "price_cents", "sold_lately"}


def test_a_product_has_stock(pod: Pod) -> None:
    answer = pod.call("GET", "/products/500")
    assert answer.status_code == 200
    assert set(answer.json()) == {"id", "name", "price_cents", "sold_lately", "stock"}


@pytest.mark.parametrize(
    "path", ["/products/501", "/products?page=26", "/products?page=x", "/products?page=0"]
)
def test_what_is_not_on_sale_is_404(pod: Pod, path: str) -> None:
    assert pod.call("GET", path).status_code == 404


def test_every_answer_names_release_and_request(pod: Pod) -> None:
    answer = pod.call("GET", "/products/1")
    assert answer.headers["x-release"] == "2.3.1"
    assert len(answer.headers["x-request-id"]) == 32


def test_who_registers_can_sign_in(pod: Pod) -> None:
    email = f"{uuid.uuid4().hex}@shop.example"
    new = {"email": email, "name": "New", "password": "pass"}
    answer = pod.call("POST", "/register", json=new)
    assert answer.status_code == 201
    assert answer.json()["email"] == email
    assert answer.json()["customer_id"] > 200_000
    assert pod.call("POST", "/register", json=new).status_code == 409
    signed_in = pod.call("POST", "/login", json={"email": email, "password": "pass"})
    assert signed_in.json()["customer_id"] == answer.json()["customer_id"]


def test_sign_in_tells_the_tier(pod: Pod) -> None:
    tiers = [pod.login(customer).json()["tier"] for customer in (20_000, 1, 3, 19_997)]
    assert tiers == ["gold", "standard", "gold", "gold"]


@pytest.mark.parametrize(
    "credentials_",
    [
        credentials(1) | {"password": "wrong"},
        {"email": "nobody@shop.example", "password": "x"},
        credentials(20_001),  # dormant
    ],
)
def test_a_wrong_password_is_told(pod: Pod, credentials_: dict[str, str]) -> None:
    answer = pod.call("POST", "/login", json=credentials_)
    assert (answer.status_code, answer.json()) == (401, {"error": "wrong_password"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/login", {"email": 1, "password": "x"}),
        ("/login", ["not an object"]),
        ("/register", {"email": "no-address", "name": "x", "password": "x"}),
        ("/register", {"email": "a@b", "name": "x\0", "password": "x"}),
    ],
)
def test_a_senseless_body_is_400(pod: Pod, path: str, body: object) -> None:
    assert pod.call("POST", path, json=body).status_code == 400


def test_the_cart_adds_up(pod: Pod, shopper: str) -> None:
    answer = pod.call("POST", "/cart/items", token=shopper, json={"product_id": 7, "quantity": 1})
    items = [{"product_id": 7, "quantity": 3}, {"product_id": 8, "quantity": 2}]
    assert answer.json() == {"items": items, "count": 5}
    assert pod.call("GET", "/cart", token=shopper).json() == answer.json()


@pytest.mark.parametrize(("product_id", "quantity"), [(7, 0), (7, 100), ("7", 1), (7, True), (0, 1)])
def test_a_senseless_item_is_400(pod: Pod, shopper: str, product_id: object, quantity: object) -> None:
    body = {"product_id": product_id, "quantity": quantity}
    assert pod.call("POST", "/cart/items", token=shopper, json=body).status_code == 400


def test_only_what_is_on_sale_goes_in_the_cart(pod: Pod, shopper: str) -> None:
    body = {"product_id": 501, "quantity": 1}
    assert pod.call("POST", "/cart/items", token=shopper, json=body).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/cart"), ("POST", "/cart/items"), ("POST", "/checkout"), ("GET", "/orders")]
)
def test_without_a_session_it_is_401(pod: Pod, method: str, path: str) -> None:
    assert pod.call(method, path, token="gone", json={}).status_code == 401
    assert pod.call(method, path, json={}).status_code == 401


def test_checkout_writes_order_lines_and_payment(pod: Pod, postgres: Postgres, shopper: str) -> None:
    key = key_that(declined=False)
    answer = pod.call("POST", "/checkout", token=shopper, json={"idempotency_key": key})
    assert answer.status_code == 201
    order = answer.json()
    assert order["idempotency_key"] == key
    assert order["order_id"] > 1_000_000
    written = postgres.value(
        "SELECT (o.total_cents, sum(l.quantity * l.price_cents), p.amount_cents, p.id, o.customer_id)::text"
        " FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN payments p ON p.order_id = o.id"
        " WHERE o.id = %s GROUP BY o.id, p.id",
        order["order_id"],
    )
    total = order["total_cents"]
    assert written == f"({total},{total},{total},{order['payment_id']},11)"
    assert pod.call("GET", "/cart", token=shopper).json()["count"] == 0


def test_an_order_is_the_newest_of_the_history(pod: Pod, shopper: str) -> None:
    order = pod.call("POST", "/checkout", token=shopper, json={"idempotency_key": key_that(declined=False)})
    orders = pod.call("GET", "/orders", token=shopper).json()["orders"]
    assert orders[0]["order_id"] == order.json()["order_id"]
    assert len(orders) == 20
    assert [o["order_id"] for o in orders] == sorted((o["order_id"] for o in orders), reverse=True)


def test_the_same_key_again_is_the_same_order(
    pod: Pod, postgres: Postgres, shopper: str, pay: Running
) -> None:
    key = key_that(declined=False)
    first = pod.call("POST", "/checkout", token=shopper, json={"idempotency_key": key})
    pod.call("POST", "/cart/items", token=shopper, json={"product_id": 9, "quantity": 1})
    again = pod.call("POST", "/checkout", token=shopper, json={"idempotency_key": key})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert postgres.value(ORDERS_OF, key) == 1
    charge = httpx.get(f"http://127.0.0.1:{pay.port}/charges/{key}", trust_env=False).json()
    assert charge["amount_cents"] == first.json()["total_cents"]


def test_the_same_key_at_once_is_one_order(pod: Pod, postgres: Postgres, shopper: str) -> None:
    key, answers = key_that(declined=False), []

    def checkout() -> None:
        answers.append(pod.call("POST", "/checkout", token=shopper, json={"idempotency_key": key}))

    threads = [threading.Thread(target=checkout) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 201, 409}  # 409: the cart was empty by then
    assert [answer.status_code for answer in answers].count(201) == 1
    assert postgres.value(ORDERS_OF, key) == 1


def test_a_key_is_one_customers(pod: Pod, shopper: str) -> None:
    key = key_that(declined=False)
    pod.call("POST", "/checkout", token=shopper, json={"idempotency_key": key})
    answer = pod.call("POST", "/checkout", token=pod.token(12), json={"idempotency_key": key})
    assert (answer.status_code, answer.json()) == (409, {"error": "key_conflict"})


def test_a_declined_card_is_told_and_nothing_written(pod: Pod, postgres: Postgres, shopper: str) -> None:
    key = key_that(declined=True)
    for _ in range(2):
        answer = pod.call("POST", "/checkout", token=shopper, json={"idempotency_key": key})
        assert (answer.status_code, answer.json()) == (402, {"error": "declined"})
    assert postgres.value(ORDERS_OF, key) == 0
    assert pod.call("GET", "/cart", token=shopper).json()["count"] == 4


def test_an_empty_cart_cannot_be_checked_out(pod: Pod) -> None:
    answer = pod.call("POST", "/checkout", token=pod.token(13), json={"idempotency_key": uuid.uuid4().hex})
    assert (answer.status_code, answer.json()) == (409, {"error": "empty_cart"})


def test_a_request_that_the_database_refuses_was_one_attempt(pod: Pod, postgres: Postgres) -> None:
    """A pod that tried again for each would take slots that others need."""
    token = pod.token(15)

    def refusals() -> int:
        return postgres.running.log().count(REFUSAL)

    def refused() -> bool | None:
        before = refusals()
        pod.call("GET", "/orders", token=token)
        return refusals() > before or None

    def settled() -> int:
        """The refusals once the log is through: what is logged in the end was said after them."""
        mark = f"mark {uuid.uuid4().hex}"
        postgres.run(f"DO $$ BEGIN RAISE LOG '{mark}'; END $$")
        until(lambda: mark in postgres.running.log() or None, what="the mark is logged", timeout_s=30)
        return refusals()

    postgres.run("ALTER ROLE shop CONNECTION LIMIT 0", END_SESSIONS)
    try:
        until(refused, what="no session is left in the pool", timeout_s=30)
        before = settled()
        for _ in range(TIMES):
            assert pod.call("GET", "/orders", token=token).json() == {"error": "database"}
        until(lambda: refusals() >= before + TIMES or None, what="the refusals are logged", timeout_s=30)
        assert settled() == before + TIMES
    finally:
        postgres.run("ALTER ROLE shop CONNECTION LIMIT -1")
    assert pod.call("GET", "/orders", token=token).status_code == 200


def test_nothing_is_left_open(pod: Pod) -> None:
    assert pod.metric('shop_db_pool_checked_out{database="orders"}') == 0
    assert pod.metric('shop_db_threads_busy{database="orders"}') == 0
    assert pod.metric('shop_db_pool_size{database="orders"}') == 5


def test_every_route_is_counted(pod: Pod) -> None:
    pod.login(1)
    assert pod.metric('shop_requests_total{method="POST",release="2.3.1",route="login",status="200"}') >= 1
    assert pod.metric('shop_request_duration_seconds_count{release="2.3.1",route="login"}') >= 1


def test_a_pod_that_is_told_to_stop_finishes_what_it_has_begun(stack: Stack, postgres: Postgres) -> None:
    """A request that waits for a lock when SIGTERM comes is answered, and the pod ends well."""
    pod = stack.pod(SOUND)
    token = pod.token(14)
    with ThreadPoolExecutor(1) as pool, postgres.connect("dba") as dba:
        with dba.transaction():
            dba.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
            asked = pool.submit(pod.call, "GET", "/orders", token=token)
            until(lambda: postgres.value(WAITING) or None, what="the request waits", timeout_s=30)
            pod.running.container.kill(signal="SIGTERM")
            until(lambda: "Shutting down" in pod.running.log() or None, what="it was told", timeout_s=30)
            assert not asked.done()
        assert asked.result().status_code == 200
    assert pod.running.container.wait(timeout=60)["StatusCode"] == 0


def test_a_pod_stops_at_once_when_told(pod: Pod) -> None:
    pod.running.container.stop(timeout=30)
    pod.running.container.reload()
    assert pod.running.container.attrs["State"]["ExitCode"] == 0
    pod.running.container.start()
    wait_for_200(f"http://127.0.0.1:{pod.running.port}/health/live")
