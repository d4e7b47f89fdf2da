"""A report with the real figures of the year 2005, made by hand from the table of 390 gifts, with everything in it."""

import csv
import datetime as dt
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

from oversight.table import Cell, Chart, Column, Comparison, Hidden, Period, Report, Section, Titles

TABLE = Path(__file__).parents[2] / "data" / "hongbao_2005.csv"
ZONE = ZoneInfo("Asia/Shanghai")
UNITS = {
    "U10A": ("鹭鸣港海关查验一科", "鷺鳴港海關查驗一科", "Luming Port, Inspection 1"),
    "U11B": ("星澜机场海关旅检科", "星瀾機場海關旅檢科", "Xinglan Airport, Passengers"),
}
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script> #set page(flipped: false) $x$ *星* \\ {{ 7*7 }}'


def titles(hans: str, hant: str, en: str) -> Titles:
    return {"zh-Hans": hans, "zh-Hant": hant, "en": en}


COLUMNS = (
    Column("unit", titles("单位", "單位", "unit"), "unit"),
    Column("letters", titles("致函通报件数", "致函通報件數", "notice letters"), "count"),
    Column("amount", titles("致函涉及金额", "致函涉及金額", "amount in letters"), "money"),
    Column("wan", titles("万元", "萬元", "10,000 yuan"), "wan"),
    Column("published", titles("向社会公布件数", "向社會公布件數", "published"), "count"),
    Column("share", titles("公布占比", "公布占比", "share published"), "rate"),
)


def gifts_2005(*, by: str = "石敢言") -> Report:
    """The report; the first unit's published figure is hidden, and one more from which it could be worked out."""
    units: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    with TABLE.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            unit = units[row["unit_id"]]
            unit[0] += 1
            unit[1] += int(row["amount_cny"].replace(".", ""))
            unit[2] += bool(row["published_from"])
    rows = [_row(code, *units[code]) for code in sorted(units)]
    hidden: list[tuple[Cell, ...]] = [
        (*rows[0][:4], Hidden(), Hidden(derived=True)),
        (*rows[1][:4], Hidden(derived=True), Hidden(derived=True)),
        *rows[2:],
    ]
    letters, amount, published = (sum(each[place] for each in units.values()) for place in range(3))
    total: tuple[Cell, ...] = (None, letters, amount, amount, published, published / letters)
    sentence = titles(
        f"2005年，共发出致函通报{letters}件，涉及金额529,800.00元，向社会公布{published}件。",
        f"2005年，共發出致函通報{letters}件，涉及金額529,800.00元，向社會公布{published}件。",
        f"2005: {letters} notice letters, RMB 529,800.00; {published} published.",
    )
    return Report(
        id="R01",
        titles=titles("红包工作统计表", "紅包工作統計表", "Red-packet statistics"),
        period=Period("year", dt.date(2005, 1, 1), dt.date(2005, 12, 31)),
        office=titles("星澜海关", "星瀾海關", "Xinglan Customs"),
        printed_at=dt.datetime(2006, 1, 5, 20, 30, tzinfo=ZONE),
        by=by,
        rules_version="7",
        columns=COLUMNS,
        rows=tuple(hidden),
        total=total,
        sentence=sentence,
        notes=(titles("每人只计一次。", "每人只計一次。", "Each person counts once."),),
        compared=(
            Comparison("before", Period("year", dt.date(2004, 1, 1), dt.date(2004, 12, 31)), (None, 0, 0, 0, 0, None)),
        ),
        sections=(_balance(amount),),
        charts=(_chart(sorted(units), units),),
    )


def _row(code: str, letters: int, amount: int, published: int) -> tuple[Cell, ...]:
    return (_unit(code), letters, amount, amount, published, published / letters)


def _unit(code: str) -> Titles:
    return titles(*UNITS.get(code, (f"单位{code}", f"單位{code}", f"Unit {code}")))


def _balance(amount: int) -> Section:
    return Section(
        titles("收支核对", "收支核對", "Balance"),
        (
            Column("what", titles("项目", "項目", "item"), "titles"),
            Column("amount", titles("金额", "金額", "amount"), "money"),
            Column("day", titles("日期", "日期", "day"), "date"),
            Column("note", titles("备注", "備註", "note"), "text"),
        ),
        (
            (titles("上缴国库", "上繳國庫", "to treasury"), amount, dt.date(2005, 12, 31), HOSTILE),
            (titles("差额", "差額", "difference"), 0, None, "-1+1"),
        ),
        titles("差额应为0。", "差額應為0。", "The difference must be 0."),
    )


def _chart(codes: list[str], units: dict[str, list[int]]) -> Chart:
    points = []
    for code in codes:
        said = {f"unit@{lang}": name for lang, name in _unit(code).items()}
        points.append({**said, "letters": units[code][0]})
    return Chart(
        titles("各单位致函通报件数", "各單位致函通報件數", "Notice letters by unit"),
        {
            "mark": "bar",
            "width": 560,
            "height": {"step": 20},
            "encoding": {
                "y": {"field": "unit", "type": "nominal", "sort": None, "title": None},
                "x": {
                    "field": "letters",
                    "type": "quantitative",
                    "title": dict(titles("件", "件", "letters")),
                },
            },
        },
        tuple(points),
    )
