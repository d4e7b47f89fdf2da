"""The one font of printed reports: it has every Chinese character, simplified and traditional, and Latin letters."""

from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn

FAMILY: Final = "Noto Sans SC"
FOLDER: Final = Path(pylopdf_fonts_zh_cn.sans_path()).parent
