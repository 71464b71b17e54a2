#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs the built console into one file that is linked into the program.
Layout, little-endian: "BGFS", u32 count, then per file: u16 name length, name, u16 type length, media type, u8 gzipped, u32 size, bytes."""
import gzip
import pathlib
import struct
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".json": "application/json",
         ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".woff": "font/woff", ".txt": "text/plain; charset=utf-8",
         ".webmanifest": "application/manifest+json"}
SQUEEZE = {".html", ".js", ".mjs", ".css", ".json", ".svg", ".txt", ".webmanifest"}


def main() -> int:
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".map") if folder.is_dir() else []
    blob = bytearray(b"BGFS" + struct.pack("<I", len(files)))
    for path in files:
        body = path.read_bytes()
        squeezed = path.suffix in SQUEEZE
        if squeezed:
            body = gzip.compress(body, 9, mtime=0)
        name = path.relative_to(folder).as_posix().encode()
        kind = TYPES.get(path.suffix, "application/octet-stream").encode()
        blob += struct.pack("<H", len(name)) + name + struct.pack("<H", len(kind)) + kind + struct.pack("<BI", squeezed, len(body)) + body
    if not out.exists() or out.read_bytes() != bytes(blob):
        out.write_bytes(blob)
    return 0


if __name__ == "__main__":
    sys.exit(main())
