#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./x new connector NAME`: copies templates/connector to src/sense/connectors/NAME, with its name put in."""
import pathlib
import sys


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[1] != "connector":
        print("usage: tools/new.py connector NAME", file=sys.stderr)
        return 2
    name = sys.argv[2]
    root = pathlib.Path(__file__).resolve().parent.parent
    target = root / "src/sense/connectors" / name
    if target.exists():
        print(f"new: {target.relative_to(root)} exists already", file=sys.stderr)
        return 1
    title = "".join(part.capitalize() for part in name.split("_"))
    for source in sorted((root / "templates/connector").rglob("*")):
        if source.is_dir():
            continue
        path = target / source.relative_to(root / "templates/connector")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.read_text().replace("@NAME@", name).replace("@TITLE@", title))
        print(path.relative_to(root))
    print(f"""
next:
  1. ./x test {name}.          the new folder builds and its golden message is read
  2. codec.cpp                the protocol's own reading; golden/messages.json says what comes out
  3. connector.cpp            the socket, or whatever brings the bytes
  4. src/sense/senses.cpp     a member of Senses::Parts, its Start, Stop and Describe
  5. src/sense/ingest/source.cpp   "{name}" among the kinds of a source""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
