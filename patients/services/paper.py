"""How does a record read on paper? A PDF of plain pages: a heading for each section, a block for each entry.

Scripts: Latin, Greek and Cyrillic (Noto Sans), Devanagari and Arabic, shaped by HarfBuzz and from right to left where they run
so. What no font of ours has (Han, Tamil, Thai …) is printed as its Unicode numbers, so that nothing is lost in silence.
"""

import datetime as dt
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

FONTS = {  # family: package and file
    "sans": ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf"),
    "devanagari": ("fontpkg_noto_sans_devanagari", "NotoSansDevanagari[wdth,wght].ttf"),
    "arabic": ("fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf"),
}
LEFT_OUT = {"id", "entry", "visit_id", "appointment_id", "guardian_id", "row_id", "is_primary", "sha256"}
NOTHING = (None, "", [], {})


class FontMissing(RuntimeError):
    """The package of a font is not installed."""


class Page(FPDF):
    """A page with the person's record number and its own number at the foot."""

    foot = ""

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("sans", size=8)
        self.cell(0, 6, f"{self.foot} · {self.page_no()}/{{nb}}", align="C")


def as_pdf(record: dict[str, Any]) -> bytes:
    """The record of `exporting.export` as a PDF."""
    page = Page(format="A4")
    known = _fonts(page)
    page.set_title("Health record")
    page.set_lang("en")
    page.foot = f"{record['record']['mrn']} · {record['made_at'][:16].replace('T', ' ')} UTC"
    page.set_auto_page_break(True, margin=18)
    page.add_page()
    _line(page, known, f"Health record · {record['clinic']['name']}", size=16)
    for name, value in record.items():
        rows = [value] if name == "record" else value
        if isinstance(rows, list) and rows and name != "clinic":
            _line(page, known, _words(name), size=13, above=4)
            for row in rows:
                _block(page, known, row)
    _line(page, known, f"Who saw this record: {record['who_saw_it']}", size=9, above=6)
    return bytes(page.output())


def _block(page: Page, known: set[int], row: dict[str, Any]) -> None:
    for name, value in row.items():
        if name not in LEFT_OUT and value not in NOTHING:
            _line(page, known, f"{_words(name)}: {_said(value)}")
    page.ln(2)


def _line(page: Page, known: set[int], text: str, *, size: int = 10, above: int = 0) -> None:
    page.ln(above)
    page.set_font("sans", size=size)
    page.multi_cell(0, size * 0.5, _printable(text, known), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_words(name)} {_said(one)}" for name, one in value.items() if one not in NOTHING)
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _instant(str(value))


def _instant(text: str) -> str:
    """An instant without its split seconds; other text as it is."""
    try:
        at = dt.datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        at = None
    return at.strftime("%Y-%m-%d %H:%M %Z") if at else text


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _printable(text: str, known: set[int]) -> str:
    return "".join(sign if ord(sign) in known or sign in "\n\u200c\u200d" else f"[U+{ord(sign):04X}]" for sign in text)


def _fonts(page: Page) -> set[int]:
    """Load the fonts; answers the signs they have between them."""
    for family in FONTS:
        page.add_font(family, fname=str(_file(*FONTS[family])))
    page.set_fallback_fonts([family for family in FONTS if family != "sans"])
    page.set_text_shaping(True)
    return {sign for font in page.fonts.values() for sign in font.cmap}  # type: ignore[union-attr]


def _file(package: str, name: str) -> Path:
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise FontMissing(package)
    return Path(folders[0]) / "files" / name
