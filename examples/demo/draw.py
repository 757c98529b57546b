"""Draws the demo's own pictures into images/ next to this file.

Needs only Pillow (10.1 or newer) and gives the same pixels on every run:
    python examples/demo/draw.py
The photographs in images/ are not made here; see images/PROVENANCE.md.
"""

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

OUT = Path(__file__).parent / "images"
SCALE = 2  # drawn twice as large, then shrunk: Pillow's shapes have no smooth edges
NAVY, TEAL, SAND, CORAL, GOLD, WHITE = "#12263f", "#1f8a8a", "#f4e9d8", "#e4572e", "#e9b44c", "#ffffff"


class Canvas:
    """A picture of width x height pixels; every shape takes final pixels."""

    def __init__(self, width, height, top, bottom=None):
        self.size = (width, height)
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), top)
        self.draw = ImageDraw.Draw(self.image)
        if bottom:
            self.fade(0, height, top, bottom)

    def fade(self, y0, y1, top, bottom):
        """Fills the rows y0..y1 with a vertical gradient."""
        a, b = Image.new("RGB", (1, 1), top).getpixel((0, 0)), Image.new("RGB", (1, 1), bottom).getpixel((0, 0))
        for y in range(y0 * SCALE, y1 * SCALE):
            t = (y / SCALE - y0) / (y1 - y0)
            color = tuple(round(p + (q - p) * t) for p, q in zip(a, b))
            self.draw.line([(0, y), (self.image.width, y)], fill=color)

    def rect(self, x, y, w, h, fill, radius=0):
        box = [v * SCALE for v in (x, y, x + w, y + h)]
        self.draw.rounded_rectangle(box, radius * SCALE, fill=fill)

    def disc(self, x, y, rx, fill, ry=None):
        ry = ry or rx
        self.draw.ellipse([v * SCALE for v in (x - rx, y - ry, x + rx, y + ry)], fill=fill)

    def poly(self, points, fill):
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def line(self, points, fill, width=2):
        self.draw.line([(x * SCALE, y * SCALE) for x, y in points], fill=fill, width=round(width * SCALE), joint="curve")

    def text(self, x, y, words, size, fill, bold=0.0, anchor="mm"):
        font = ImageFont.load_default(size * SCALE)
        self.draw.text((x * SCALE, y * SCALE), words, fill, font, anchor, stroke_width=bold * SCALE)

    def save(self, name):
        small = self.image.resize(self.size, Image.Resampling.LANCZOS)
        small.save(OUT / f"{name}.jpg", "JPEG", quality=80, optimize=True)


def wave(y, height, period, shift, width=640):
    """Points of a sine curve across the picture."""
    return [(x, y + height * math.sin((x + shift) / period)) for x in range(0, width + 1, 8)]


def draw_logo():
    c = Canvas(480, 480, SAND)
    c.disc(240, 200, 150, TEAL)
    c.line([(150, 285), (190, 180), (285, 135), (330, 205)], WHITE, 24)
    for x, y in ((150, 285), (190, 180), (285, 135), (330, 205)):
        c.disc(x, y, 20, WHITE)
        c.disc(x, y, 9, NAVY)
    c.line([(330, 225), (312, 252)], WHITE, 10)
    c.line([(330, 225), (350, 252)], WHITE, 10)
    c.line(wave(300, 7, 18, 0)[14:47], SAND, 8)
    c.text(240, 395, "HARBOUR", 46, NAVY, 1.2)
    c.text(240, 440, "ROBOTICS", 30, CORAL, 0.8)
    c.save("harbour-robotics-logo")


def draw_poster():
    c = Canvas(480, 640, "#0b1033", "#3b2a68")
    rng = random.Random(4)
    for _ in range(70):
        c.disc(rng.uniform(0, 480), rng.uniform(0, 330), rng.uniform(0.6, 1.8), WHITE)
    c.poly([(0, 470), (110, 300), (190, 400), (290, 250), (390, 390), (480, 310), (480, 640), (0, 640)], "#1a1440")
    c.poly([(290, 250), (264, 289), (280, 283), (291, 296), (304, 281), (316, 286)], "#d9d4f0")
    for x, y, color in ((90, 200, CORAL), (170, 240, GOLD), (240, 190, TEAL), (315, 225, CORAL), (392, 185, GOLD)):
        c.line([(x, 0), (x, y - 30)], "#8a84b8", 1)
        c.disc(x, y, 27, color, 33)
        c.rect(x - 11, y - 38, 22, 8, NAVY, 2)
        c.rect(x - 11, y + 30, 22, 8, NAVY, 2)
    c.text(240, 62, "PAPER LANTERNS", 26, WHITE, 0.6)
    c.text(240, 455, "NORTHLIGHT", 62, GOLD, 1.6)
    c.text(240, 515, "FESTIVAL", 46, WHITE, 1.0)
    c.text(240, 580, "BERGEN, NORWAY", 26, SAND, 0.5)
    c.save("northlight-poster")


def draw_skyline():
    c = Canvas(640, 400, "#f6b26b", "#fde9cf")
    c.disc(470, 175, 46, "#fff4d6")
    rng = random.Random(7)
    for i in range(17):
        x, h = i * 38, rng.randint(50, 165)
        c.rect(x, 290 - h, rng.randint(28, 37), h, rng.choice(["#6d7f9c", "#52668a", "#8797b0"]))
        for wy in range(300 - h, 280, 16):
            for wx in (x + 6, x + 18):
                if rng.random() < 0.6:
                    c.rect(wx, wy, 6, 7, "#fbe3a4")
    c.rect(0, 288, 640, 112, "#2b5876")
    for y in (310, 335, 362, 388):
        c.line(wave(y, 3, 14, y * 9), "#3f7396", 2)
    c.line([(215, 290), (262, 95), (272, 95), (300, 150)], WHITE, 9)  # the bridge's one bent pylon
    for x in range(300, 600, 26):
        c.line([(268, 100), (x, 284)], WHITE, 1.4)
    c.line([(266, 98), (130, 284)], WHITE, 2)
    c.rect(90, 282, 550, 9, WHITE)
    for x, color in ((70, CORAL), (150, GOLD)):
        c.line([(x, 340), (x, 190), (x + 95, 175)], color, 8)
        c.line([(x, 190), (x - 35, 200)], color, 8)
        c.line([(x + 88, 178), (x + 88, 240)], NAVY, 2)
        c.rect(x + 76, 240, 24, 16, NAVY)
    c.poly([(20, 338), (320, 338), (296, 374), (48, 374)], NAVY)
    for i in range(9):
        c.rect(60 + i * 24, 318 - 20 * (i % 3 == 1), 22, 20 + 20 * (i % 3 == 1), (CORAL, TEAL, GOLD)[i % 3])
    c.save("rotterdam-harbour")


def draw_stadium():
    c = Canvas(640, 400, "#8ec5e8", "#dff1fb")
    c.poly([(0, 150), (120, 60), (220, 130), (350, 40), (500, 140), (640, 70), (640, 200), (0, 200)], "#6b8f71")
    c.disc(320, 235, 330, "#5d6b7a", 130)
    c.disc(320, 240, 312, "#c94a38", 116)
    rng = random.Random(11)
    for _ in range(2600):
        a, r = rng.uniform(0, 2 * math.pi), rng.uniform(0.78, 0.99)
        x, y = 320 + 312 * r * math.cos(a), 240 + 116 * r * math.sin(a)
        c.rect(x, y, 3, 3, rng.choice(["#f7e3d4", "#7d1f17", "#f4b942", "#e9745f", WHITE]))
    c.disc(320, 245, 240, "#e8e8e8", 84)
    c.poly([(175, 195), (465, 195), (520, 300), (120, 300)], "#3f9b4a")
    for i in range(0, 8, 2):
        c.poly([(175 + i * 36, 195), (211 + i * 36, 195), (170 + i * 50, 300), (120 + i * 50, 300)], "#4bab56")
    c.line([(175, 195), (465, 195), (520, 300), (120, 300), (175, 195)], WHITE, 2.4)
    c.line([(320, 195), (320, 300)], WHITE, 2)
    c.draw.ellipse([v * SCALE for v in (285, 228, 355, 262)], outline=WHITE, width=2 * SCALE)
    for x in (40, 600):
        c.line([(x, 330), (x, 60)], "#39424e", 7)
        c.rect(x - 28, 40, 56, 26, "#39424e", 3)
        for i in range(4):
            c.disc(x - 19 + i * 13, 53, 5, "#fffbe0")
    c.rect(0, 340, 640, 60, "#8c2b20")
    c.text(320, 371, "FJORD UNITED", 34, WHITE, 1.0)
    c.save("fjord-stadium")


def draw_patch():
    c = Canvas(480, 480, "#20242c")
    c.disc(240, 240, 220, GOLD)
    c.disc(240, 240, 208, NAVY)
    rng = random.Random(21)
    for _ in range(60):
        a, r = rng.uniform(0, 6.283), rng.uniform(60, 190)
        c.disc(240 + r * math.cos(a), 235 + 0.65 * r * math.sin(a), rng.uniform(0.8, 2), WHITE)
    band = [(70 + i * 3.4, 270 + 30 * math.sin(i / 12)) for i in range(101)]
    for step, color in enumerate(("#1f6f6b", "#2fa88f", "#7fe0b0")):
        c.line([(x, y + step * 17) for x, y in band], color, 17)
    c.poly([(240, 105), (268, 175), (268, 290), (212, 290), (212, 175)], WHITE)
    c.poly([(212, 240), (180, 300), (212, 290)], CORAL)
    c.poly([(268, 240), (300, 300), (268, 290)], CORAL)
    c.disc(240, 190, 15, TEAL)
    c.poly([(222, 292), (258, 292), (240, 345)], GOLD)
    c.text(240, 82, "AURORA ONE", 30, GOLD, 0.9)
    c.text(240, 392, "POLARIS SPACE AGENCY", 18, WHITE, 0.4)
    c.save("aurora-one-patch")


def draw_map():
    c = Canvas(640, 480, "#cfe5ef")
    land, edge = "#efe6cf", "#b9a983"
    shapes = [
        [(430, 20), (470, 60), (455, 130), (480, 170), (530, 150), (560, 60), (600, 0), (450, 0)],
        [(330, 305), (395, 268), (440, 262), (455, 225), (478, 262), (560, 255), (640, 270), (640, 480), (300, 480),
         (262, 452), (215, 450), (215, 480), (60, 480), (70, 410), (190, 408), (240, 380), (225, 340), (290, 335)],
        [(205, 150), (240, 118), (262, 125), (250, 160), (275, 178), (282, 222), (318, 262), (306, 296), (250, 305),
         (208, 322), (236, 288), (214, 276), (236, 240), (238, 205), (216, 190)],
        [(130, 230), (180, 215), (190, 260), (160, 295), (118, 285)],
    ]
    for shape in shapes:
        c.poly(shape, land)
        c.line([*shape, shape[0]], edge, 1.5)
    towns = {"Bergen": (464, 68, "rm"), "Rotterdam": (392, 282, "lm"), "Lisbon": (82, 462, "lm"),
             "Hamburg": (478, 275, "lm"), "Galway": (132, 258, "rm")}
    for pair in (("Bergen", "Rotterdam"), ("Rotterdam", "Lisbon"), ("Rotterdam", "Hamburg"), ("Galway", "Bergen")):
        (x0, y0, _), (x1, y1, _) = towns[pair[0]], towns[pair[1]]
        for i in range(0, 40, 2):
            a, b = i / 40, (i + 1) / 40
            c.line([(x0 + (x1 - x0) * a, y0 + (y1 - y0) * a), (x0 + (x1 - x0) * b, y0 + (y1 - y0) * b)], CORAL, 2.4)
    for name, (x, y, anchor) in towns.items():
        c.disc(x, y, 7, NAVY)
        c.disc(x, y, 3, WHITE)
        c.text(x + (12 if anchor == "lm" else -12), y + 14 * (name == "Rotterdam"), name, 20, NAVY, 0.5, anchor)
    c.text(24, 34, "Aurora One partners", 24, NAVY, 0.6, "lm")
    c.save("partner-map")


def draw_trophy():
    c = Canvas(480, 480, "#24304a", "#5b3f5f")
    rng = random.Random(2)
    for _ in range(90):
        x, y, s = rng.uniform(0, 480), rng.uniform(0, 400), rng.uniform(4, 9)
        c.poly([(x, y), (x + s, y + 3), (x + s - 2, y + s), (x - 2, y + s - 2)], rng.choice([CORAL, GOLD, TEAL, WHITE]))
    for x in (152, 328):
        c.disc(x, 170, 52, GOLD, 58)
        c.disc(x, 170, 34, "#3d3653", 40)
    c.poly([(140, 95), (340, 95), (322, 210), (280, 268), (200, 268), (158, 210)], GOLD)
    c.disc(240, 95, 100, "#f7d98b", 17)
    c.disc(240, 95, 88, "#b98424", 12)
    c.poly([(165, 118), (190, 120), (200, 225), (180, 205)], "#f7d98b")
    c.poly([(222, 265), (258, 265), (266, 335), (214, 335)], "#cf9a35")
    c.rect(180, 330, 120, 26, GOLD, 5)
    c.rect(155, 354, 170, 62, "#2a1d22", 6)
    c.rect(190, 372, 100, 26, "#f7d98b", 3)
    star = [(240 + (34 if i % 2 == 0 else 14) * math.sin(i * math.pi / 5), 180 - (34 if i % 2 == 0 else 14) * math.cos(i * math.pi / 5))
            for i in range(10)]
    c.poly(star, "#fff3cf")
    c.save("trophy")


def draw_fjord():
    c = Canvas(640, 400, "#071127", "#123a4d")
    rng = random.Random(9)
    for _ in range(120):
        c.disc(rng.uniform(0, 640), rng.uniform(0, 220), rng.uniform(0.5, 1.5), "#dfe9f5")
    glow = Image.new("RGBA", c.image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(glow)
    for color, base, shift in (((70, 220, 150), 150, 0), ((120, 240, 190), 110, 160), ((140, 110, 220), 90, 330)):
        for x in range(0, 640 * SCALE):
            u = x / SCALE
            foot = base + 34 * math.sin((u + shift) / 95) + 11 * math.sin((u + shift) / 31)
            tall = 80 + 26 * math.sin((u + shift) / 17) + 14 * math.sin(u / 7)
            for k in range(-6, 24):
                y0, y1 = foot - tall * (k + 1) / 24, foot - tall * k / 24
                strength = (k + 7) / 7 if k < 0 else (1 - k / 24) ** 1.4
                pen.line([(x, y0 * SCALE), (x, y1 * SCALE - 1)], fill=(*color, round(105 * strength)))
        c.image.paste(glow, (0, 0), glow)
        pen.rectangle([0, 0, *glow.size], fill=(0, 0, 0, 0))
    c.poly([(0, 190), (90, 110), (190, 215), (290, 300), (0, 300)], "#0b1d2c")
    c.poly([(640, 150), (540, 100), (430, 220), (330, 300), (640, 300)], "#0d2233")
    c.poly([(90, 110), (66, 132), (86, 138), (104, 130)], "#b9cfdb")
    c.poly([(540, 100), (512, 130), (538, 140), (566, 113)], "#b9cfdb")
    c.fade(298, 400, "#14434f", "#071b2b")
    for i in range(16):
        x, tint = 20 + i * 39, ("#b23a2f", "#d8913b", "#e8e2d2", "#36657c")[i % 4]
        c.rect(x, 272, 32, 30, tint)
        c.poly([(x - 3, 272), (x + 16, 254), (x + 35, 272)], "#1c1f26")
        c.rect(x + 6, 280, 7, 9, "#ffd97a")
        c.rect(x + 19, 280, 7, 9, "#ffd97a")
        c.line([(x + 16, 308), (x + 16, 330 + 10 * (i % 3))], "#c9a355", 2)
    c.save("bergen-lights")


def draw_stage():
    c = Canvas(640, 400, "#120a2a", "#2b1150")
    for x, reach, color in ((90, 60, "#43307f"), (210, 160, "#6b2f6e"), (330, 330, "#2f5d86"), (450, 500, "#7a4a2d"), (560, 600, "#43307f")):
        c.poly([(x - 8, 40), (x + 8, 40), (reach + 70, 300), (reach - 70, 300)], color)
    c.rect(30, 30, 580, 12, "#3a3a46")
    for x in range(40, 610, 24):
        c.line([(x, 42), (x + 12, 30), (x + 24, 42)], "#565664", 1.5)
    for x in (90, 210, 330, 450, 560):
        c.rect(x - 10, 38, 20, 16, "#d9d9e6", 3)
    c.rect(60, 292, 520, 34, "#0a0616")
    for x in (62, 530):
        c.rect(x, 190, 48, 104, "#0a0616", 3)
        for y in (215, 260):
            c.disc(x + 24, y, 17, "#2a2340")
    shadow = "#05030c"
    for x, tall in ((300, 100), (420, 92), (200, 90)):
        c.disc(x, 292 - tall, 12, shadow)
        c.poly([(x - 15, 306 - tall), (x + 15, 306 - tall), (x + 19, 294), (x - 19, 294)], shadow)
    c.line([(300, 225), (322, 205), (316, 195)], shadow, 6)
    c.line([(322, 205), (322, 294)], "#8d8d9d", 2)
    c.disc(404, 213, 13, "#a4552a", 7)
    c.line([(392, 216), (366, 206)], "#a4552a", 3)
    c.line([(384, 184), (426, 236)], "#e8dcc0", 2)
    c.poly([(178, 250), (222, 236), (226, 248), (182, 262)], CORAL)
    rng = random.Random(5)
    for i in range(46):
        x, y = i * 14 + rng.uniform(-4, 4), 348 + rng.uniform(-10, 12)
        c.disc(x, y, 13, shadow)
        c.rect(x - 15, y + 8, 30, 60, shadow, 8)
        if i % 3 == 0:
            c.line([(x + 8, y + 12), (x + rng.uniform(2, 18), y - 34)], shadow, 6)
    c.text(320, 80, "NORTHLIGHT", 36, GOLD, 1.0)
    c.save("festival-stage")


def draw_chart():
    c = Canvas(640, 400, WHITE)
    c.text(40, 40, "Harbour Robotics: orders per quarter", 24, NAVY, 0.6, "lm")
    for i in range(6):
        y = 330 - i * 48
        c.line([(70, y), (610, y)], "#dde3ea", 1)
        c.text(58, y, str(i * 20), 15, "#6b7888", 0, "rm")
    for i, value in enumerate((31, 34, 38, 41, 47, 63, 82, 97)):
        x, h = 88 + i * 65, value * 2.4
        c.rect(x, 330 - h, 42, h, CORAL if i >= 5 else TEAL, 3)
        c.text(x + 21, 318 - h, str(value), 15, NAVY)
        c.text(x + 21, 350, f"Q{i % 4 + 1}", 15, "#6b7888")
    c.line([(70, 330), (610, 330)], NAVY, 2)
    for x, color, words in ((90, TEAL, "before the Tern Crane"), (300, CORAL, "with the Tern Crane")):
        c.rect(x, 372, 14, 14, color, 2)
        c.text(x + 22, 379, words, 15, NAVY, 0, "lm")
    c.save("orders-chart")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for step in (draw_logo, draw_poster, draw_skyline, draw_stadium, draw_patch, draw_map, draw_trophy, draw_fjord, draw_stage, draw_chart):
        step()
