"""A filled run through the real outbox to channels that write down what they are told."""

from dataclasses import dataclass, field

from campaigns import running
from campaigns.results import books_of, counts
from core.office import Office
from messaging import outbox
from messaging.channel import Outgoing, Result
from messaging.lanes import Lane, ensure_lane
from messaging.outbox import Sender
from models.campaign import Run
from models.org import Person
from models.states import Outcome
from tests.campaigns.story import free, started
from tests.people.sample import load_sample


@dataclass
class Recorder:
    name: str
    said: list[Outgoing] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> Result:
        self.said.append(outgoing)
        return Result(Outcome.ACCEPTED, provider_id=f"{self.name}{len(self.said)}")


async def test_everybody_reads_it_once_in_his_language(db: str, office: Office) -> None:
    await load_sample(office)
    texts = {"zh-Hans": "请核对名单。", "zh-Hant": "請核對名單。", "en": "Please check the list."}
    _, run = await started(office, free(texts=texts, ack=True))
    await Person.filter(staff_no="9021023").update(status="left")
    sms, chat = Recorder("sms"), Recorder("telegram")
    for channel in (sms, chat):
        lane = Lane(await ensure_lane(channel.name, "+15550009999", 1000), channel.name, 1000, "test", alone=True)
        while await outbox.step(office, Sender(lane, channel)):
            pass
    await running.step(office)
    run = await Run.get(id=run.id)
    now = await counts(office, run)
    assert (run.state, now.submitted, now.suppressed, now.no_address, now.by_channel) == (
        "finished",
        36,
        2,
        1,
        {"sms": 8, "telegram": 28},
    )
    assert (await books_of(run)).balance
    assert {one.text for one in sms.said} == {
        "【星澜海关】请核对名单。阅后请回“收到”。",
        "【星瀾海關】請核對名單。閱後請回“收到”。",
    }
    assert "Xinglan Customs: Please check the list. Please reply OK." in {one.text for one in chat.said}
    assert {len(one.buttons) for one in sms.said} == {0}
    assert {(row[0].label, row[0].data) for one in chat.said for row in one.buttons} == {
        ("收到", f"ack:{run.id}"),
        ("Received", f"ack:{run.id}"),
    }
    assert len({one.to for one in (*sms.said, *chat.said)}) == 36
