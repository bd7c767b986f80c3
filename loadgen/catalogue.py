"""What the shop sells, and what of it is popular."""

from random import Random

PRODUCTS = 500
PAGES = 25


def popular_product(dice: Random) -> int:
    """Choose a product id; a tenth of them gets half of the visits."""
    return 1 + int(PRODUCTS * dice.random() ** 3.3)


def popular_page(dice: Random) -> int:
    """Choose a page; most people see the first few."""
    return 1 + int(PAGES * dice.random() ** 3.3)
