"""Look at a page of the catalogue, or at one product."""

from loadgen.answers import Body, is_amount, is_id, is_text, judge, objects
from loadgen.catalogue import popular_page, popular_product
from loadgen.schedule import Arrival
from loadgen.shop import Shop
from loadgen.words import Outcome

_PAGES_RATIO = 0.4


def browse(shop: Shop, arrival: Arrival) -> Outcome:
    """Look at something popular; what others bought of it a while ago must be gone."""
    dice = arrival.dice()
    if dice.random() < _PAGES_RATIO:
        page = popular_page(dice)
        answer = shop.client.call("GET", f"/products?page={page}")
        return judge(answer, good=(200,), holds=lambda body: _is_page(body, page))
    product = popular_product(dice)
    at_most = shop.shelves.at_most(product)
    answer = shop.client.call("GET", f"/products/{product}")
    return judge(
        answer, good=(200,), holds=lambda body: _is_product(body, product) and _shows(body["stock"], at_most)
    )


def _is_page(body: Body, page: int) -> bool:
    products = objects(body, "products")
    if not products or body.get("page") != page or not all(_is_priced(p) for p in products):
        return False
    return len({p["id"] for p in products}) == len(products)


def _is_product(body: Body, product: int) -> bool:
    return _is_priced(body) and body["id"] == product and is_amount(body.get("stock"))


def _shows(stock: int, at_most: int | None) -> bool:
    """Whether no more is shown than was left of it a while ago: nothing is delivered during a drill."""
    return at_most is None or stock <= at_most


def _is_priced(item: Body) -> bool:
    return is_id(item.get("id")) and is_text(item.get("name")) and is_amount(item.get("price_cents"))
