#!/usr/bin/env python3
"""pictures.py: makes the pictures of docs/reports.md from a recording (STAPKILL_BINARY; needs chromium)."""

import base64
import functools
import os
import struct
import subprocess
import tempfile
import zlib
from collections import Counter
from pathlib import Path

from browser import Browser

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("STAPKILL_BINARY", "stapkill")
RECORDING = "exit_by_the_handler_of_sigterm"
# File, width, dark, language, the parts of the page that it shows.
PICTURES = [("report.png", 1000, False, "en", "header, article, section:has(#plot)"),
            ("report-phone.png", 360, True, "en", "header, article"),
            ("report-chinese.png", 720, False, "zh_CN", "header, article")]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pixels(png):
    """The rows of an 8-bit PNG without interlace, unfiltered (PNG 9.2), and its bytes a pixel."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    size, data, at = {2: 3, 6: 4}[colour], b"", 8
    assert depth == 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        data += png[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    data, rows, above = zlib.decompress(data), [], bytes(width * size)
    for number in range(height):
        start = number * (width * size + 1)
        form, row = data[start], bytearray(data[start + 1:start + 1 + width * size])
        for at in range(len(row) if form else 0):
            left, up = row[at - size] if at >= size else 0, above[at]
            corner = above[at - size] if at >= size else 0
            guess = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
            row[at] = (row[at] + (0, left, up, (left + up) // 2, guess)[form]) & 255
        rows.append(row)
        above = row
    return width, rows, size


def small(png, most=128):
    """The picture with its `most` commonest colours."""
    width, rows, size = pixels(png)
    rows = [[bytes(row[at:at + 3]) for at in range(0, len(row), size)] for row in rows]
    palette = [colour for colour, _ in Counter(colour for row in rows for colour in row).most_common(most)]
    nearest = functools.cache(lambda colour: min(range(len(palette)), key=lambda at: sum(
        (one - other) ** 2 for one, other in zip(colour, palette[at]))))
    data = b"".join(b"\0" + bytes(map(nearest, row)) for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, 3, 0, 0, 0)) +
            chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def main():
    browser = Browser()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        recording = ROOT / "tests" / "recordings" / f"{RECORDING}.events"
        for name, width, dark, language, parts in PICTURES:
            subprocess.run([BINARY, "replay", recording, "--format", "html", "--lang", language, "--output", page], check=True)
            browser.size(width, dark=dark)
            browser.open(page)
            browser.run("document.querySelectorAll('article > details').forEach((one, at) => { one.open = at === 0; })")
            bottom = browser.run(f"Math.max(...[...document.querySelectorAll('{parts}')]"
                                 ".slice(0, 3).map((one) => one.getBoundingClientRect().bottom))")
            clip = {"x": 0, "y": 0, "width": width, "height": bottom + 12, "scale": 1}
            data = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
            path = ROOT / "docs" / "pictures" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(small(base64.b64decode(data)))
    browser.close()


if __name__ == "__main__":
    main()
