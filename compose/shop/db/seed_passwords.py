"""Write the active customers' password hashes as CSV (id,hash) to stdout; the same bytes at every build."""

import csv
import hashlib
import sys
from concurrent.futures import ProcessPoolExecutor

from shopapi.passwords import hash_password

ACTIVE_CUSTOMERS = 20_000


def row(customer_id: int) -> tuple[int, str]:
    """The hash of one customer's password, salted by the id so that builds agree."""
    salt = hashlib.sha256(f"customer {customer_id}".encode()).digest()[:16]
    return customer_id, hash_password(f"correct-horse-{customer_id}", salt)


if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        csv.writer(sys.stdout).writerows(pool.map(row, range(1, ACTIVE_CUSTOMERS + 1), chunksize=500))
