"""Reading the papers that the console gives as files."""

from io import BytesIO

from docx import Document


def words_of(file: bytes) -> str:
    """Return every paragraph of a .docx file."""
    return "\n".join(paragraph.text for paragraph in Document(BytesIO(file)).paragraphs)
