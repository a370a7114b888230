"""What a sandbox clip looks like: every frame, drawn from prompt, seed and given pictures.

Called by `providers.sandbox.film`. Nothing here encodes or reads a clock: the same request gives
the same frames.
"""

from __future__ import annotations

import colorsys
import hashlib
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont, ImageOps

from providers.sandbox.lettering import Font, card, fitted

FPS = 24
ROOM = 1.22
ZOOM = 0.10
FADE_FROM, FADE_TO = 0.5, 1.0
LAST_SECONDS = 1.0
TINT = (255, 236, 200)
THUMBNAILS = 4
# Above so many pixels every picture stands for two frames, to keep rendering cheap.
LARGE_PIXELS = 1_300_000


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

    `last` is the picture that it ends with. `placeholder` says what would be the first picture, had
    it been fetched. `references` are shown small, at the edge. `rate` is in frames a second.
    """

    prompt: str
    seed: int
    label: str
    width: int
    height: int
    frames: int = 1
    rate: float = FPS
    first: Image.Image | None = None
    last: Image.Image | None = None
    placeholder: str = ""
    references: Sequence[Image.Image] = ()

    def pictures(self) -> Iterator[Image.Image]:
        """Every frame, in order; of a large clip the same picture twice."""
        step = 2 if self.width * self.height > LARGE_PIXELS else 1
        for number in range(self.frames):
            if number % step == 0 or number == self.frames - 1:
                picture = self.frame(number)
            yield picture

    def frame(self, number: int) -> Image.Image:
        """The frame, counted from 0, as RGB of exactly the asked size."""
        moment = number / max(self.frames - 1, 1)
        if self._start is not None:
            image = _zoomed(self._start, moment, self._heading)
        else:
            image = self._landscape(moment)
        second = number / self.rate
        presence = 1.0 if self._start is None else (second - FADE_FROM) / (FADE_TO - FADE_FROM)
        if self._end is not None:
            left = (self.frames - 1 - number) / self.rate
            image = Image.blend(self._end, image, min(left / LAST_SECONDS, 1.0))
            presence = min(presence, left / LAST_SECONDS)
        if presence > 0:
            self._lay_over(image, min(presence, 1.0), second)
        return image

    def worked_on(self, source: Image.Image, number: int) -> Image.Image:
        """A frame of a given video, of the right size already, in warmer colours and labelled."""
        image = source.point(_WARMER)
        self._lay_over(image, 1.0, number / self.rate)
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
        for overlay in (self._band, self._corner, *self._thumbnails):
            mask = overlay.mask
            if presence < 1:
                mask = mask.point([round(level * presence) for level in range(256)])
            image.paste(overlay.image, overlay.at, mask)
        draw = ImageDraw.Draw(image)
        frame = int(second % 1 * self.rate + 0.01)
        text = f"{int(second) // 60:02d}:{int(second) % 60:02d}:{frame:02d}"
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
            return self._filling(self.first)
        return card(self.placeholder, self.width, self.height) if self.placeholder else None

    @cached_property
    def _end(self) -> Image.Image | None:
        return None if self.last is None else self._filling(self.last)

    def _filling(self, picture: Image.Image) -> Image.Image:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        return ImageOps.fit(upright, (self.width, self.height), Image.Resampling.LANCZOS)

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
    def _thumbnails(self) -> list[Overlay]:
        """References in a column at the right edge, below the time."""
        side = max(min(self.width, self.height) // 8, 8)
        left, top = self.width - self._margin - side, 4 * self._margin
        overlays = []
        for index, reference in enumerate(self.references[:THUMBNAILS]):
            small = ImageOps.fit(reference.convert("RGB"), (side, side))
            at = (left, top + index * (side + self._margin))
            overlays.append(Overlay(small, Image.new("L", small.size, 255), at))
        return overlays

    @cached_property
    def _band(self) -> Overlay:
        """The prompt in white on a dark, translucent strip at the foot of the frame."""
        font, lines, step = fitted(self.prompt, self.width - 4 * self._margin, self.height)
        height = min(step * len(lines) + 2 * self._margin, self.height)
        image = Image.new("RGB", (self.width, height))
        mask = Image.new("L", (self.width, height), 140)
        for layer, fill in ((image, (255, 255, 255)), (mask, 255)):
            draw = ImageDraw.Draw(layer)
            for index, line in enumerate(lines):
                place = (2 * self._margin, self._margin + index * step)
                draw.text(place, line, fill, font)
        return Overlay(image, mask, (0, self.height - height))


_WARMER = [min(level * part // 255, 255) for part in TINT for level in range(256)]


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
