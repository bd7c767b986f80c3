"""How long a name that nobody has is looked up, wherever the lab makes a container."""

import yaml

from lab.referee.pods.containers import DNS_OPTIONS
from lab.stack.places import checkout


def test_services_give_up_on_a_name_as_soon_as_pods_do() -> None:
    services = yaml.safe_load((checkout() / "compose" / "lab.yml").read_text(encoding="utf-8"))["services"]
    others = {
        name: service.get("dns_opt")
        for name, service in services.items()
        if service.get("dns_opt") != list(DNS_OPTIONS)
    }
    assert services
    assert others == {}
