"""A chart of a report drawn by Vega-Lite, as SVG without anything active, or as PNG for documents.

The renderer (a JavaScript engine) is loaded when the first chart is drawn and may load nothing from outside. Colours
are told apart by colour-blind people (Okabe and Ito's palette); the page gives the same figures as a table.
"""

import copy
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from xml.etree import ElementTree

from oversight.printing.fonts import FAMILY, FOLDER
from oversight.printing.paper import Picture

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000")
PNG_SCALE: Final = 2.0
_SVG: Final = "http://www.w3.org/2000/svg"
_ELEMENTS: Final = frozenset(
    {
        "svg",
        "g",
        "path",
        "rect",
        "line",
        "text",
        "tspan",
        "circle",
        "title",
        "defs",
        "clipPath",
        "linearGradient",
        "stop",
    }
)
_DROPPED: Final = re.compile(r"on|aria-|role$|style$|\{.*\}href$|href$", re.IGNORECASE)
_LANGUAGES: Final = frozenset({"zh-Hans", "zh-Hant", "en"})
_CONFIG: Final[Mapping[str, Any]] = {
    "font": FAMILY,
    "background": "white",
    "mark": {"color": COLOURS[0]},
    "range": {"category": list(COLOURS)},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 260},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
    "title": {"fontSize": 14, "fontWeight": "normal"},
}


def svg_of(picture: Picture) -> str:
    """Return a chart as an SVG element that may stand in a page: no script, no style, no link, named by its `alt`.

    Raises ValueError where the chart's specification cannot be drawn. Slow the first time: call it off the loop.
    """
    import vl_convert  # a JavaScript engine: seconds and memory that only a process that draws pays for

    _register_fonts()
    drawn = vl_convert.vegalite_to_svg(specification(picture), allowed_base_urls=[])
    root = ElementTree.fromstring(drawn)
    _clean(root)
    root.set("role", "img")
    root.set("aria-label", picture.alt)
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def png_of(picture: Picture) -> bytes:
    """Return a chart as a PNG, twice as large as on screen. Raises ValueError as `svg_of`."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg_of(picture), scale=PNG_SCALE))


def specification(picture: Picture) -> dict[str, Any]:
    """Return the whole Vega-Lite specification: the chart's in one language, with its points and our look."""
    chart, lang = picture.chart, picture.lang
    spec: dict[str, Any] = _in_language(copy.deepcopy(dict(chart.spec)), lang)
    spec["data"] = {"values": [_point(point, lang) for point in chart.points]}
    spec["config"] = {**_CONFIG, **spec.get("config", {})}
    spec.setdefault("$schema", "https://vega.github.io/schema/vega-lite/v5.json")
    return spec


def _in_language(node: Any, lang: str) -> Any:
    """Replace every text by language with that of one."""
    if isinstance(node, Mapping):
        if node.keys() == _LANGUAGES:
            return node[lang]
        return {name: _in_language(each, lang) for name, each in node.items()}
    return [_in_language(each, lang) for each in node] if isinstance(node, list | tuple) else node


def _point(point: Mapping[str, int | float | str], lang: str) -> dict[str, int | float | str]:
    shown = {}
    for name, value in point.items():
        plain, _, of = name.partition("@")
        if of in ("", lang):
            shown[plain] = value
    return shown


def _clean(element: ElementTree.Element) -> None:
    for name in [name for name in element.attrib if _DROPPED.match(name)]:
        del element.attrib[name]
    for child in list(element):
        if child.tag.removeprefix(f"{{{_SVG}}}") in _ELEMENTS:
            _clean(child)
        else:
            element.remove(child)


@cache
def _register_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(FOLDER))
