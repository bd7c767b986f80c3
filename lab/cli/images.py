"""`lab images`: build what is missing, ahead of the first start."""

import json

import click

from lab import catalog
from lab.cli._host import Host
from lab.cli._options import json_flag
from lab.stack.extras import CHOICES
from lab.stack.images import ACTOR, image_set
from lab.stack.places import checkout


@click.command("images")
@json_flag
def images(as_json: bool) -> None:
    """Bring a Docker engine where none answers, and build what images are missing, of optional services too.

    `lab start` does the same; this is for doing it ahead.

    \b
      lab images
    """
    host = Host()
    releases = {release for scenario in catalog.everything() for release in catalog.releases_of(scenario)}
    wanted = image_set(releases, (*CHOICES, ACTOR.name)).as_of_now(checkout())
    host.launcher.images(wanted, host.launcher.engine())
    tags = [image.tag(checkout()) for image in wanted.all()]
    click.echo(json.dumps(tags, indent=1) if as_json else "\n".join(tags))
