"""How the trainee's verbs find the referee when they are typed on the host."""

from collections.abc import Callable

import click

from lab.cli._host import Host
from lab.cli._options import NAME_KEY
from lab.trainee.client import Client


def client_of(ctx: click.Context) -> Callable[[], Client]:
    """What makes the client of the lab that --name names, once the command line is read."""

    def make() -> Client:
        known = Host().running(str(ctx.meta[NAME_KEY]))
        return Client(known.url, known.secrets["TRAINEE_TOKEN"], known.tls_dir / "cert.pem")

    return make
