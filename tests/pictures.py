"""The smallest things that are taken for an image of each format."""

from __future__ import annotations

import struct

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR") + bytes(17)
JPEG = b"\xff\xd8\xff\xe0" + bytes(16)
WEBP = b"RIFF" + struct.pack("<I", 12) + b"WEBPVP8 " + bytes(8)
ICO = struct.pack("<HHH", 0, 1, 1) + bytes(16) + PNG
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3"/></svg>'


def svg(content: str, attributes: str = "") -> bytes:
    """An SVG with something inside."""
    opening = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{opening} {attributes}>{content}</svg>".encode()
