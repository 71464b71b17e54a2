#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./x new connector NAME` and `./x new pack NAME`: copies templates/KIND to its place, with its name put in."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACES = {"connector": "src/sense/connectors", "pack": "packs"}
NEXT = {
    "connector": """
next, all in {folder}:
  1. ./x test -R '^{name}\\.'    it builds, and its tests pass as they stand
  2. codec.cpp                 the protocol's own reading; golden/messages.json says what comes out
  3. session.cpp               the socket, or whatever brings the bytes
  4. config.hpp, manifest.yaml what can be set: the same words in both, a test compares them
  5. README.md                 what, from whom, limits, tested against what
A source with `kind: {name}` in a pack or in the server's configuration is read by it; docs/formats/mapping.md section 9.""",
    "pack": """
next, all in {folder}:
  1. ./x test -R '^(senses|scenario)\\.'    its messages, rules and scenarios pass as they stand
  2. sources.yaml, mappings/   who speaks and what it means; samples/messages.json says what comes out
                               (BONGSU_UPDATE_GOLDEN=1 writes it down; read the difference)
  3. rules/, procedures/       what needs a person, and what that person does
  4. scenarios/                when it must speak and when it must not""",
}


def filled(text: str, name: str) -> str:
    title = "".join(part.capitalize() for part in name.split("_"))
    return text.replace("@NAME@", name).replace("@TITLE@", title)


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[1] not in PLACES:
        print("usage: tools/new.py connector|pack NAME", file=sys.stderr)
        return 2
    kind, name = sys.argv[1:]
    folder = f"{PLACES[kind]}/{name}"
    if (ROOT / folder).exists():
        print(f"new: {folder} exists already", file=sys.stderr)
        return 1
    template = ROOT / "templates" / kind
    for source in sorted(template.rglob("*")):
        if source.is_dir():
            continue
        path = ROOT / folder / filled(source.relative_to(template).as_posix(), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled(source.read_text(encoding="utf-8"), name), encoding="utf-8")
        print(path.relative_to(ROOT))
    print(NEXT[kind].format(folder=folder, name=name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
