"""What a sandbox clip looks like: every frame, drawn from prompt, seed and first picture.

Called by `providers.sandbox.render`. Nothing here encodes or reads a clock: the same request gives
the same frames.
"""

from __future__ import annotations

import colorsys
import hashlib
import math
import random
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont, ImageOps

FPS = 24
ROOM = 1.22
ZOOM = 0.10
FADE_FROM, FADE_TO = 0.5, 1.0

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Overlay(NamedTuple):
    """A layer that is laid over each frame at a fixed place. `mask` is how opaque it is."""

    image: Image.Image
    mask: Image.Image
    at: tuple[int, int]


class Glow(NamedTuple):
    """A soft light on its way across the frame; `speed` in turns per clip."""

    colour: tuple[int, int, int]
    mask: Image.Image
    phase: float
    speed: tuple[float, float]


@dataclass
class Scene:
    """One clip or picture. `first` is the picture that it starts with, None to invent one.

    `placeholder` names a host whose picture would have been used, had it been fetched.
    """

    prompt: str
    seed: int
    label: str
    width: int
    height: int
    frames: int = 1
    first: Image.Image | None = None
    placeholder: str = ""

    def frame(self, number: int) -> Image.Image:
        """The frame, counted from 0, as RGB of exactly the asked size."""
        moment = number / max(self.frames - 1, 1)
        if self._start is not None:
            image = _zoomed(self._start, moment, self._heading)
        else:
            image = self._landscape(moment)
        second = number / FPS
        presence = 1.0 if self._start is None else (second - FADE_FROM) / (FADE_TO - FADE_FROM)
        if presence > 0:
            self._lay_over(image, min(presence, 1.0), second)
        return image

    def _landscape(self, moment: float) -> Image.Image:
        room = (self._canvas.width - self.width, self._canvas.height - self.height)
        angle = self._heading + moment * math.tau / 3
        left = round(room[0] * (0.5 + 0.5 * math.cos(angle)))
        top = round(room[1] * (0.5 + 0.5 * math.sin(angle)))
        image = self._canvas.crop((left, top, left + self.width, top + self.height))
        for glow in self._glows:
            turn = math.tau * (glow.phase + moment * glow.speed[0])
            rise = math.tau * (glow.phase + moment * glow.speed[1])
            x = self.width * (0.5 + 0.42 * math.cos(turn)) - glow.mask.width / 2
            y = self.height * (0.42 + 0.36 * math.sin(rise)) - glow.mask.height / 2
            image.paste(glow.colour, (round(x), round(y)), glow.mask)
        return image

    def _lay_over(self, image: Image.Image, presence: float, second: float) -> None:
        for overlay in (self._band, self._corner):
            mask = overlay.mask
            if presence < 1:
                mask = mask.point([round(level * presence) for level in range(256)])
            image.paste(overlay.image, overlay.at, mask)
        draw = ImageDraw.Draw(image)
        text = f"{int(second) // 60:02d}:{int(second) % 60:02d}:{round(second * FPS) % FPS:02d}"
        edge = self._margin
        draw.text((self.width - edge, edge), text, (255, 255, 255), self._small, anchor="ra")

    @cached_property
    def _dice(self) -> random.Random:
        digest = hashlib.sha256(f"{self.seed}\n{self.prompt}".encode()).digest()
        return random.Random(digest)  # noqa: S311 - a picture, not a secret

    @cached_property
    def _heading(self) -> float:
        return self._dice.uniform(0, math.tau)

    @cached_property
    def _start(self) -> Image.Image | None:
        if self.first is not None:
            picture = ImageOps.exif_transpose(self.first).convert("RGB")
            return ImageOps.fit(picture, (self.width, self.height), Image.Resampling.LANCZOS)
        if self.placeholder:
            return _placeholder(self.placeholder, self.width, self.height)
        return None

    @cached_property
    def _hue(self) -> float:
        return self._dice.random()

    @cached_property
    def _canvas(self) -> Image.Image:
        """A large, smooth field of a few related colours, of which each frame shows a part."""
        coarse = Image.new("RGB", (5, 4))
        for x in range(coarse.width):
            for y in range(coarse.height):
                depth = 0.62 - 0.14 * y + self._dice.uniform(-0.08, 0.08)
                hue = self._hue + self._dice.choice((0, 0.04, 0.09, 0.46))
                coarse.putpixel((x, y), _colour(hue, self._dice.uniform(0.45, 0.75), depth))
        size = (round(self.width * ROOM), round(self.height * ROOM))
        return coarse.resize(size, Image.Resampling.BICUBIC)

    @cached_property
    def _glows(self) -> list[Glow]:
        light = Image.eval(Image.radial_gradient("L"), _falloff)
        return [self._glow(light, share) for share in (1.1, 0.7, 0.45)]

    def _glow(self, light: Image.Image, share: float) -> Glow:
        side = max(round(min(self.width, self.height) * share), 2)
        colour = _colour(self._hue + self._dice.choice((0.05, 0.1, 0.5)), 0.4, 1.0)
        speed = (self._dice.choice((-1, 1)) * 0.5, self._dice.uniform(0.3, 0.8))
        return Glow(colour, light.resize((side, side)), self._dice.random(), speed)

    @property
    def _margin(self) -> int:
        return max(min(self.width, self.height) // 40, 4)

    @cached_property
    def _small(self) -> Font:
        return ImageFont.load_default(size=max(min(self.width, self.height) // 40, 9))

    @cached_property
    def _corner(self) -> Overlay:
        width = max(self.width * 3 // 4, 1)
        mask = Image.new("L", (width, self._margin * 2))
        ImageDraw.Draw(mask).text((0, 0), self.label, 255, self._small)
        white = Image.new("RGB", mask.size, (255, 255, 255))
        return Overlay(white, mask, (self._margin, self._margin))

    @cached_property
    def _band(self) -> Overlay:
        """The prompt in white on a dark, translucent strip at the foot of the frame."""
        font, lines, step = _fitted(self.prompt, self.width - 4 * self._margin, self.height)
        height = min(step * len(lines) + 2 * self._margin, self.height)
        image = Image.new("RGB", (self.width, height))
        mask = Image.new("L", (self.width, height), 140)
        for layer, fill in ((image, (255, 255, 255)), (mask, 255)):
            draw = ImageDraw.Draw(layer)
            for index, line in enumerate(lines):
                place = (2 * self._margin, self._margin + index * step)
                draw.text(place, line, fill, font)
        return Overlay(image, mask, (0, self.height - height))


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, min(max(value, 0), 1))
    return round(red * 255), round(green * 255), round(blue * 255)


def _falloff(level: int) -> int:
    return round(150 * max(0.0, 1 - level / 181) ** 2)


def _zoomed(image: Image.Image, moment: float, heading: float) -> Image.Image:
    """The picture itself at moment 0, then a slow push into it."""
    if moment == 0:
        return image.copy()
    cut = ZOOM * moment
    left = image.width * cut * (0.5 + 0.3 * math.cos(heading))
    top = image.height * cut * (0.5 + 0.3 * math.sin(heading))
    box = (left, top, left + image.width * (1 - cut), top + image.height * (1 - cut))
    return image.resize(image.size, Image.Resampling.BILINEAR, box)


def _placeholder(host: str, width: int, height: int) -> Image.Image:
    """A card that says which picture would be here; the sandbox fetches nothing."""
    image = Image.new("RGB", (width, height), (38, 41, 48))
    draw = ImageDraw.Draw(image)
    inset = min(width, height) // 12
    box = (inset, inset, width - inset, height - inset)
    draw.rectangle(box, outline=(120, 126, 140), width=max(inset // 20, 1))
    font = ImageFont.load_default(size=max(min(width, height) // 22, 10))
    words = f"Image from\n{host[:60]}\n(not fetched)"
    middle = (width / 2, height / 2)
    draw.multiline_text(middle, words, (226, 229, 236), font, anchor="mm", align="center")
    return image


def _fitted(text: str, width: int, height: int) -> tuple[Font, list[str], int]:
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
