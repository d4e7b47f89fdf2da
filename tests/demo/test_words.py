"""Every word that the tour and the round use is there, in both languages."""

import re
from pathlib import Path

from service.demo.tour import WEB, words

HERE = Path(__file__).parents[2] / "service" / "demo"


def test_every_key_that_is_used_exists() -> None:
    used = set(re.findall(r't\("?\'?([a-z_.]+)\'?"?\)', (WEB / "tour.html").read_text()))
    used |= set(re.findall(r'"(said\.[a-z_]+|tour\.[a-z_]+)"', (HERE / "round.py").read_text()))
    assert "tour.title" in used
    assert [key for key in used if key not in words() and not key.endswith((".", "."))] == []


def test_every_step_is_told_and_every_role_named() -> None:
    from service.demo.cast import ROLES
    from service.demo.round import Round

    steps = re.findall(r'^            "(\w+)": self\.', Path(HERE / "round.py").read_text(), re.MULTILINE)
    assert len(steps) == 9
    assert Round is not None
    for step in steps:
        for key in (f"step.{step}", f"step.{step}.tell", f"step.{step}.hand"):
            assert key in words(), key
    assert [role for role, _ in ROLES if f"role.{role}" not in words()] == []
