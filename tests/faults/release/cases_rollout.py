"""A release that keeps a database session for each gold customer who signs in."""

from faults.release.bad_release import BadRelease
from tests.faults.laws import Case
from tests.faults.release.rollout import LEAKY, Rollout, deployment
from tests.shop.stack import credentials, gold, http

ENOUGH = 100
"""More than the database has slots for."""


def gold_customers_sign_in(server: Rollout) -> str:
    """One after another, until one gets an error: of which release, and what the database says."""
    server.wait()
    with http() as client:
        for number in range(ENOUGH):
            answer = client.post(f"{server.url}/login", json=credentials(gold(number)))
            if answer.status_code != 200:
                release, error = answer.headers["X-Release"], answer.json()["error"]
                return f"{release} answers {error}: {server.database.error('SELECT 1')}"
    return ""


CASES = [
    Case(
        fault=BadRelease(release=LEAKY, cause=f"{LEAKY}: personal offers on sign-in"),
        server=deployment,
        before=Rollout.wait,
        felt=gold_customers_sign_in,
        expects=r"(?s)^2\.4\.0 answers database: connection: .*connection slots",
        by_hand=Rollout.roll_back,
        restart_ends=False,
        every_run=True,
    ),
]
