#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./x test --changed`: which ctest names the changed files can break, as one pattern. Files come on standard input.

A file of a module stands for that module and every module that leans on it (DEPS of the CMakeLists.txt); texts that tests
read stand for those tests. Browser tests run when the console or the contract changed.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
READ_BY = {  # folder -> tests that read what lies in it
    "packs/": ["senses", "scenario", "rules", "sop", "house"], "tests/scenario/": ["scenario"], "templates/pack/": ["senses", "scenario"],
    "templates/connector/": ["house"], "tools/city/": ["city"], "api/": ["console", "serve_[a-z]+", "api", "system.permissions"], "tools/permissions.mjs": ["system.permissions"], "console/": ["console"],
    "docs/permissions.md": ["guard", "system.permissions"], "tools/check_layers.py": ["house"], "layers.toml": ["house"],
}


def modules() -> dict[str, tuple[str, set[str]]]:
    """folder -> (module, modules it leans on); a connector's tests carry its folder's name, the registry leans on all of them"""
    found, connectors = {}, set()
    for path in (ROOT / "src").rglob("CMakeLists.txt"):
        text, folder = path.read_text(), path.parent
        if call := re.search(r"bongsu_module\((\w+)(.*?)\)", text, re.S):
            deps = re.search(r"\bDEPS\b(.*?)(\bLIBS\b|\bDATA\b|$)", call[2], re.S)
            found[str(folder.relative_to(ROOT))] = (call[1], set(deps[1].split()) if deps else set())
        elif "bongsu_connector(" in text:
            found[str(folder.relative_to(ROOT))] = (folder.name, {"ingest", "runtime", "guard"})
            connectors.add(folder.name)
    found["src/sense"] = (found["src/sense"][0], found["src/sense"][1] | connectors)
    return found


def dependents(names: set[str], every: dict[str, tuple[str, set[str]]]) -> set[str]:
    grown = set(names)
    while True:
        more = {name for name, deps in every.values() if deps & grown} - grown
        if not more:
            return grown
        grown |= more


def main() -> int:
    files = [line.strip() for line in sys.stdin if line.strip()]
    every = modules()
    if any(re.match(r"CMake|cmake/|x$|tools/packages", name) for name in files):
        print(".")
        return 0
    touched, tests = set(), {"house"}
    for name in files:
        folder = str(pathlib.PurePosixPath(name).parent)
        while folder.startswith("src/") and folder not in every:
            folder = str(pathlib.PurePosixPath(folder).parent)  # golden/ and the like
        if folder in every:
            touched.add(every[folder][0])
            tests.add("system.smoke")
        if system := re.match(r"tests/system/(\w+)\.test\.mjs$", name):
            tests.add(f"system.{system[1]}")
        if name == "tests/system/harness.mjs":
            tests.add("system")
        for start, readers in READ_BY.items():
            if name.startswith(start):
                tests.update(readers)
    print("^(" + "|".join(sorted(tests | dependents(touched, every))) + r")(\.|$)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
