"""Files: what they are by content, what is gone of them, what is refused, and the process in which that happens."""

import io

import pytest
from PIL import Image
from pypdf import PdfReader

from core.media import apart
from core.media.apart import clean_apart
from core.media.cleaning import clean_file
from core.media.ogg import checksum
from core.media.result import ACTIVE, BAD_TYPE, DAMAGED, HEIC_PICTURE, LOCKED, TOO_LARGE, Unfit
from core.media.sniff import media_type
from tests import media_files as made


@pytest.mark.parametrize("media", made.TAKEN)
def test_nothing_hidden_is_left(media: str) -> None:
    given = made.TAKEN[media]()
    cleaned = clean_file(given)
    assert (cleaned.media, media_type(cleaned.data)) == (media, media)
    if media != "application/pdf":
        assert made.SECRET in given
    assert made.SECRET not in cleaned.data
    assert clean_file(cleaned.data).media == media


def test_a_picture_keeps_its_points_and_stands_upright() -> None:
    picture = Image.open(io.BytesIO(clean_file(made.jpeg(64, 48, orientation=6)).data))
    assert (picture.size, dict(picture.getexif()), set(picture.info)) == (
        (48, 64),
        {},
        {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
    )
    assert max(picture.convert("RGB").getpixel((30, 20))) > 180  # the yellow field, turned


def test_a_png_keeps_what_shines_through() -> None:
    clear = Image.new("RGBA", (10, 10), (1, 2, 3, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")
    assert Image.open(io.BytesIO(clean_file(out.getvalue()).data)).getpixel((4, 4)) == (1, 2, 3, 0)


def test_a_voice_note_keeps_its_sound_on_sound_pages() -> None:
    kept = clean_file(made.ogg()).data
    assert all(packet in kept for packet in made.SOUND)
    at, places = 0, []
    while at < len(kept):
        size = 27 + kept[at + 26] + sum(kept[at + 27 : at + 27 + kept[at + 26]])
        page = kept[at : at + size]
        assert int.from_bytes(page[22:26], "little") == checksum(page)
        places.append(int.from_bytes(page[18:22], "little"))
        at += size
    assert places == list(range(len(places)))


def test_an_m4a_keeps_its_offsets_and_loses_its_time() -> None:
    given, kept = made.m4a(), clean_file(made.m4a()).data
    assert len(given) == len(kept)
    assert kept.index(made.SOUND[0]) == given.index(made.SOUND[0])
    assert b"\xe8\x75\x4f\x00" not in kept
    assert clean_file(made.mp3()).data == made.FRAMES


def test_a_pdf_keeps_its_pages() -> None:
    given = PdfReader(io.BytesIO(made.pdf()))
    assert given.metadata is not None
    assert given.metadata.author == made.SECRET.decode()
    kept = PdfReader(io.BytesIO(clean_file(made.pdf()).data))
    assert "kept" in kept.pages[0].get_contents().get_data().decode()  # type: ignore[union-attr]
    assert (kept.metadata, kept.xmp_metadata) == (None, None)
    assert "/Metadata" not in kept.pages[0]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (made.heic(), HEIC_PICTURE),
        (made.bomb(), TOO_LARGE),
        (b"MZ\x90\x00" + bytes(300), BAD_TYPE),
        (b"PK\x03\x04" + bytes(300), BAD_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", BAD_TYPE),
        (b"hello <script>alert(1)</script>", BAD_TYPE),
        ("说明".encode("gb18030"), BAD_TYPE),
        (b"", BAD_TYPE),
        (made.jpeg()[:700], DAMAGED),
        (made.png()[:90], DAMAGED),
        (made.webp()[:60], DAMAGED),
        (made.ogg()[:-40], DAMAGED),
        (made.ogg().replace(b"OpusTags", b"OpusTagz"), DAMAGED),
        (made.m4a()[:60], DAMAGED),
        (made.mp3()[:20], DAMAGED),
        (made.pdf()[:200], DAMAGED),
        (made.pdf(act="script"), ACTIVE),
        (made.pdf(act="launch"), ACTIVE),
        (made.pdf(act="attachment"), ACTIVE),
        (made.pdf(password="x"), LOCKED),
    ],
)
def test_what_is_not_taken_says_why(given: bytes, reason: str) -> None:
    with pytest.raises(Unfit) as refused:
        clean_file(given)
    assert refused.value.key == reason


@pytest.mark.parametrize("media", made.TAKEN)
def test_a_file_that_is_cut_anywhere_is_refused_or_whole(media: str) -> None:
    given = made.TAKEN[media]()
    for cut in range(0, len(given), max(len(given) // 60, 1)):
        try:
            kept = clean_file(given[:cut]).data
        except Unfit:
            continue
        assert made.SECRET not in kept or media == "audio/mpeg"  # a cut tag of MP3 is sound to it


async def test_another_process_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made.SECRET not in (await clean_apart(made.jpeg())).data
    with pytest.raises(Unfit, match=HEIC_PICTURE):
        await clean_apart(made.heic())
    monkeypatch.setattr(apart, "SECONDS", 0.001)
    with pytest.raises(Unfit, match=TOO_LARGE):
        await clean_apart(made.jpeg())
