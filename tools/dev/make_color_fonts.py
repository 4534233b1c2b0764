#!/usr/bin/env python3
"""Makes fixtures/fonts: small fonts of our own whose glyphs have colours, by Debian's python3-fonttools.

Usage: make_color_fonts.py FOLDER. Both hold "A" and are 1000 units high:
  layers.ttf    "Cml Layers": a red square, and on its right half the text's own colour (COLR version 0)
  pictures.ttf  "Cml Pictures": a picture of 10 by 10 pixels for a size of 10, green above and blue below (CBDT)
"""
import struct
import sys
import zlib

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable


def square(left, right):
    pen = TTGlyphPen(None)
    pen.moveTo((left, 0))
    for point in ((left, 1000), (right, 1000), (right, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def font(name, shapes):
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", *shapes])
    made.setupCharacterMap({0x41: "A"})
    left_of = {glyph: shape.coordinates[0][0] for glyph, shape in shapes.items()}
    made.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **shapes})
    made.setupHorizontalMetrics({".notdef": (1000, 0), **{glyph: (1000, left_of[glyph]) for glyph in shapes}})
    made.setupHorizontalHeader(ascent=1000, descent=0)
    made.setupNameTable({"familyName": name, "styleName": "Regular"})
    made.setupOS2(usWeightClass=400)
    made.setupPost()
    return made


def png(width, height, row_of):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + row_of(y) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def raw_table(made, tag, data):
    table = newTable(tag)
    table.data = data
    table.decompile = lambda *_: None
    table.compile = lambda *_: data
    made.font[tag] = table


def main():
    folder = sys.argv[1]
    layers = font("Cml Layers", {"A": square(0, 1000), "left": square(0, 1000), "right": square(500, 1000)})
    layers.setupCOLR({"A": [("left", 0), ("right", 0xFFFF)]}, version=0)
    layers.setupCPAL([[(1.0, 0.0, 0.0, 1.0)]])
    layers.save(folder + "/layers.ttf")

    pictures = font("Cml Pictures", {"A": square(0, 1000)})
    data = png(10, 10, lambda y: (b"\0\x80\0\xff" if y < 5 else b"\0\0\xff\xff") * 10)
    # CBDT: version 3.0, then glyphs in format 17 (small metrics: height, width, bearings x and y, advance; length;
    # PNG).
    glyph = struct.pack(">BBbbB", 10, 10, 0, 10, 10) + struct.pack(">I", len(data)) + data
    raw_table(pictures, "CBDT", struct.pack(">HH", 3, 0) + glyph)
    # CBLC: one size of 10 pixels with one subtable in format 1 (offsets of 32 bits) for glyph 1.
    line = struct.pack(">bbBbbbbbbbbb", 10, 0, 10, 1, 0, 0, 0, 0, 10, 0, 0, 0)
    subtables = struct.pack(">HHI", 1, 1, 8) + struct.pack(">HHI", 1, 17, 4) + struct.pack(">II", 0, len(glyph))
    size = struct.pack(">IIII", 8 + 48, len(subtables), 1, 0) + line + line
    size += struct.pack(">HHBBBb", 1, 1, 10, 10, 32, 1)
    raw_table(pictures, "CBLC", struct.pack(">HHI", 3, 0, 1) + size + subtables)
    pictures.save(folder + "/pictures.ttf")


main()
