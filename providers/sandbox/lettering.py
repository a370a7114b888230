"""Words on the pictures of the sandbox: type that fits, and cards that stand for what is not here.

Called by `providers.sandbox.picture`. Pure.
"""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def card(words: str, width: int, height: int) -> Image.Image:
    """A card that says what would be here."""
    image = Image.new("RGB", (width, height), (38, 41, 48))
    draw = ImageDraw.Draw(image)
    inset = min(width, height) // 12
    box = (inset, inset, width - inset, height - inset)
    draw.rectangle(box, outline=(120, 126, 140), width=max(inset // 20, 1))
    font = ImageFont.load_default(size=max(min(width, height) // 22, 10))
    middle = (width / 2, height / 2)
    draw.multiline_text(middle, words, (226, 229, 236), font, anchor="mm", align="center")
    return image


def fitted(text: str, width: int, height: int) -> tuple[Font, list[str], int]:
    """The largest type that keeps the text below 40 % of the height, its lines, the line height."""
    font: Font
    for part in (18, 22, 27, 33, 40, 48):
        size = max(height // part, 10)
        font = ImageFont.load_default(size=size)
        lines, step = _wrapped(text, font, width), round(size * 1.3)
        if len(lines) * step <= height * 0.4:
            return font, lines, step
    most = max(int(height * 0.4 / step), 1)
    return font, [*lines[: most - 1], lines[most - 1] + " …"], step


def _wrapped(text: str, font: Font, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        for piece in _pieces(word, font, width):
            longer = f"{lines[-1]} {piece}".strip()
            if font.getlength(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    return [line for line in lines if line] or [""]


def _pieces(word: str, font: Font, width: int) -> list[str]:
    """A word, cut where it alone is wider than a line."""
    if font.getlength(word) <= width:
        return [word]
    count = max(int(len(word) * width / font.getlength(word) * 0.9), 1)
    return [word[start : start + count] for start in range(0, len(word), count)]
