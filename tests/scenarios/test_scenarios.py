"""Plays the days of tests/data/scenarios.yaml on both databases, and keeps the list of what is not played yet true."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scenarios.checks import CHECKS, is_checked
from tests.scenarios.days import DEEDS, GIVEN
from tests.scenarios.people import settle_in
from tests.scenarios.play import Play
from tests.scenarios.plot import Scenario, Step, scenarios
from tests.scenarios.stage import Stage

NOT_COVERED = Path(__file__).parent / "not_covered.yaml"
FOLDER = Path(__file__).parents[2]


def is_played(scenario: Scenario, step: Step) -> bool:
    """Whether somebody does this step: a phone by what it sends, anybody else by a deed of ours."""
    if scenario.id not in DEEDS:
        return False
    return step.name in DEEDS[scenario.id] or bool(step.sends and step.by in ("sms", "chat"))


def unchecked(step: Step) -> list[str]:
    """The expectations of a step that nobody checks."""
    return sorted(key for key, wanted in step.expect.items() if not is_checked(key, wanted))


def what_is_missing(scenario: Scenario) -> Any:
    """`all`, or for each step that is not fully covered `step` or the expectations that nobody checks."""
    if scenario.id not in DEEDS:
        return "all"
    missing = {
        step.name: unchecked(step) if is_played(scenario, step) else "step"
        for step in scenario.steps
        if not is_played(scenario, step) or unchecked(step)
    }
    return missing or "nothing"


def test_the_list_of_what_is_not_covered_is_true(record_property: Any) -> None:
    """Whoever covers a step strikes it out of not_covered.yaml; what other tests show names the file that does."""
    kept = yaml.safe_load(NOT_COVERED.read_text(encoding="utf-8"))
    actual = {each.id: what_is_missing(each) for each in scenarios().values()}
    listed = yaml.safe_dump(actual, allow_unicode=True, sort_keys=False, default_flow_style=None)
    print(f"\nNot covered yet:\n{listed}")
    record_property("not_covered", listed)
    assert {name: kept["missing"].get(name) for name in actual} == actual
    assert kept["missing"].keys() == actual.keys()
    for place in kept["elsewhere"].values():
        assert (FOLDER / place).exists(), place


async def play_step(play: Play, step: Step) -> None:
    """Do one step and look at everything that is expected of it."""
    await play.begin(step)
    if deed := DEEDS[play.scenario.id].get(step.name):
        await deed(play)
    for text in step.sends:
        await play.say(step.who, step.by, text)
    for key, wanted in step.expect.items():
        if key in CHECKS and is_checked(key, wanted):
            try:
                await CHECKS[key](play, wanted)
            except Exception as error:
                error.add_note(f"{play.scenario.id} step {step.name}, expectation {key}: {wanted}")
                raise


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [each for each in scenarios() if each in DEEDS])
async def test_a_day(name: str, stage: Stage) -> None:
    scenario = scenarios()[name]
    play = Play(stage, scenario, scenario.steps[0])
    stage.clock.move_to(scenario.start)
    try:
        await settle_in(stage)
        await GIVEN[name](play)
        await play.listen()
        for step in scenario.steps:
            if is_played(scenario, step):
                await play_step(play, step)
    finally:
        await play.close()
