"""The sample organisation, for every test that needs people."""

from pathlib import Path

from core.office import Office
from people.access import Actor, actor_of
from people.importing import Report, import_people
from people.persons import find_by_staff_no

FOLDER = Path(__file__).parents[2] / "service" / "demo" / "sample"
UNITS = (FOLDER / "org_units.csv").read_bytes()
STAFF = (FOLDER / "staff.csv").read_bytes()
COMPANIES = (FOLDER / "companies.csv").read_bytes()


async def load_sample(office: Office) -> Report:
    report = await import_people(office, units=UNITS, staff=STAFF, companies=COMPANIES, phones="possible")
    assert report.written, [problem.say(office.texts, "en") for problem in report.problems]
    return report


async def actor(office: Office, staff_no: int) -> Actor:
    person = await find_by_staff_no(str(staff_no))
    assert person is not None
    return await actor_of(office, person.id)
