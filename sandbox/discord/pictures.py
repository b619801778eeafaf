"""Reads the size of a picture from its first bytes."""

from __future__ import annotations

import re
import struct

_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..." rb"(....)", re.DOTALL)
"""A JPEG's marker of a frame: the segment's length, the bits of a sample, then height and width."""


def size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, JPEG or WebP; None of anything else."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return _pair(">II", content[16:24])
        if content.startswith((b"GIF87a", b"GIF89a")):
            return _pair("<HH", content[6:10])
        if content.startswith(b"\xff\xd8"):
            return _of_jpeg(content)
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return _of_webp(content)
    except struct.error:
        return None
    return None


def _of_jpeg(content: bytes) -> tuple[int, int] | None:
    """Go from segment to segment, since a thumbnail inside one of them has frames of its own."""
    place = 2
    while place < len(content):
        frame = _FRAME.match(content, place)
        if frame:
            height, width = _pair(">HH", frame[1])
            return width, height
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None


def _of_webp(content: bytes) -> tuple[int, int]:
    """https://developers.google.com/speed/webp/docs/riff_container"""
    kind = content[12:16]
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", content[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = _pair("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _pair(layout: str, content: bytes) -> tuple[int, int]:
    first, second = struct.unpack(layout, content)
    return first, second
