"""The reports that are not rows of counts: each is one function that `rows` of its definition names."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from oversight.appraisals import appraisals
from oversight.custody import custody_ledger
from oversight.ledger_audit import ledger_audit
from oversight.making import Body, Making
from oversight.survey_ranking import survey_ranking
from oversight.transfers import transfers

FUNCTIONS: Final[Mapping[str, Callable[[Making], Awaitable[Body]]]] = {
    each.__name__: each for each in (appraisals, custody_ledger, ledger_audit, survey_ranking, transfers)
}
