"""`lab start`: bring a shop up and let something go wrong in it."""

import click

from lab.cli import _brief, _drill
from lab.cli._host import Host
from lab.cli._options import drill_options, json_flag, named, with_option

PORT = click.IntRange(1, 65535)


@click.command("start")
@click.argument("scenario")
@named
@click.option("--no-wait", is_flag=True, help="Return when the services run, not when the page fires.")
@click.option(
    "--shop-port", type=PORT, help="Port of the shop on 127.0.0.1 [default: 8080 or the next free one]."
)
@click.option(
    "--prometheus-port",
    type=PORT,
    help="Port of Prometheus on 127.0.0.1 [default: 9090 or the next free one].",
)
@with_option
@drill_options
@json_flag
def start(
    scenario: str,
    name: str,
    no_wait: bool,
    shop_port: int | None,
    prometheus_port: int | None,
    more: tuple[str, ...],
    speed: float,
    calm: bool,
    seed: int | None,
    targets: str | None,
    as_json: bool,
) -> None:
    """Start SCENARIO: the shop comes up, then something goes wrong.

    Brings a Docker engine and the images where they are missing, then returns with the brief when the
    first page fires. Ctrl-C removes what was made.

    \b
      lab start max-connections
      lab start max-connections --name team-1 --shop-port 8180
      lab start max-connections --with mysql-replica,postgres-replica
    """
    host = Host()
    order = host.order(
        scenario,
        name,
        speed=speed,
        calm=calm,
        seed=seed,
        targets=targets,
        shop_port=shop_port,
        prometheus_port=prometheus_port,
        more=more,
    )
    up = _drill.start(host, order, wait=not no_wait)
    _brief.show(up, paged=not no_wait, as_json=as_json)
