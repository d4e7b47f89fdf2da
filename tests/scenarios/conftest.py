"""Assertions of the modules that check for us tell what differed, like those of tests."""

import pytest

for name in ("checks", "campaign_checks", "demo_checks", "deeds_s01", "deeds_s02", "deeds_s11", "deeds_s12", "play"):
    pytest.register_assert_rewrite(f"tests.scenarios.{name}")
