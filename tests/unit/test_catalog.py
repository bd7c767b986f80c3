"""The catalogue: every file is a scenario, its name is its id."""

import pytest

from lab import catalog
from lab.errors import UnknownScenario


def test_the_file_name_is_the_id() -> None:
    assert "max-connections" in catalog.ids()
    assert all(
        scenario.id == scenario_id
        for scenario, scenario_id in zip(catalog.everything(), catalog.ids(), strict=True)
    )


@pytest.mark.parametrize("typed", ["max_connections", "max-conections", "maxconnections", "connections"])
def test_the_nearest_is_suggested(typed: str) -> None:
    with pytest.raises(UnknownScenario, match=r"did you mean max-connections\?") as caught:
        catalog.find(typed)
    assert caught.value.hint == "lab start max-connections"


def test_no_path_leads_out_of_the_catalogue() -> None:
    for typed in ("", ".", "..", "../errors", "__init__", "a.b"):
        with pytest.raises(UnknownScenario):
            catalog.find(typed)


def test_a_scenario_needs_its_sound_release_and_those_it_rolls_out() -> None:
    assert catalog.releases_of(catalog.find("max-connections")) == {"2.3.1", "2.4.0"}
