"""Who the customers are, as the shop's data were made."""

from random import Random

_GOLD = (0, 3, 7)
_STANDARD = (1, 2, 4, 5, 6, 8, 9)


def pick(dice: Random, *, gold: bool, customers: int) -> int:
    """Choose an active customer of a tier; an id's last digit tells the tier."""
    digit = dice.choice(_GOLD if gold else _STANDARD)
    ten = dice.randrange(customers // 10)
    return 10 * ten + (digit or 10)


def email(customer_id: int) -> str:
    """The address a customer signs in with."""
    return f"customer{customer_id}@shop.example"


def password(customer_id: int) -> str:
    """The password a customer signs in with."""
    return f"correct-horse-{customer_id}"
