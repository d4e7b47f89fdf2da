"""The scenarios that are played: what is done in their steps, and what is there before the first."""

from tests.scenarios import deeds_s01, deeds_s02, deeds_s04, deeds_s05, deeds_s11, deeds_s12

PLAYED = {"S01": deeds_s01, "S02": deeds_s02, "S04": deeds_s04, "S05": deeds_s05, "S11": deeds_s11, "S12": deeds_s12}
DEEDS = {name: day.DEEDS for name, day in PLAYED.items()}
GIVEN = {name: day.given for name, day in PLAYED.items()}
