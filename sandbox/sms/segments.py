"""How many SMS a text takes (3GPP TS 23.038): GSM-7 160 or 153 each, else UCS-2 70 or 67."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


def count_segments(text: str) -> int:
    """Return the number of SMS, at least 1. A character of two units is never split over two SMS."""
    gsm = all(c in _BASIC or c in _EXTENDED for c in text)
    widths = [2 if (c in _EXTENDED if gsm else ord(c) > 0xFFFF) else 1 for c in text]
    alone, joined = (160, 153) if gsm else (70, 67)
    if sum(widths) <= alone:
        return 1
    segments, room = 1, joined
    for width in widths:
        if width > room:
            segments, room = segments + 1, joined
        room -= width
    return segments
