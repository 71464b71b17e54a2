#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills, cuts the power of, and changes bytes under the journal until the wanted numbers are reached.

Runs tests/system/crash in chapters of 20 kills, 4 power cuts and 1 changed byte, each on new folders, and adds their
totals up in build/soak/crash.json after each one: stopped at any moment it goes on with the next chapter. Exit code 1
when anything acknowledged was ever missing or different.
"""
import argparse
import datetime
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STATE = ROOT / "build" / "soak" / "crash.json"
PROOF = ROOT / "docs" / "proof" / "crash.md"
WANTED = {"kills": 1000, "cuts": 200, "flips": 50}
CHAPTER = {"kills": 20, "cuts": 4, "flips": 1}
SUMS = ("kills", "cuts", "flips", "refused", "reported", "harmless", "acknowledged", "wrong", "seconds")


def commit_now() -> str:
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "src", "tests/system/crash"], check=False).returncode
    return commit + (" (changed)" if changed else "")


def load() -> dict:
    if STATE.exists():
        return json.loads(STATE.read_text())
    return {**dict.fromkeys(SUMS, 0), "chapters": 0, "bad_seeds": [], "commits": [], "begun": datetime.date.today().isoformat()}


def save(state: dict) -> None:
    STATE.parent.mkdir(parents=True, exist_ok=True)
    draft = STATE.with_suffix(".new")
    draft.write_text(json.dumps(state))
    draft.replace(STATE)


def chapter(state: dict, wanted: dict) -> dict:
    """Runs one chapter and adds it up; the harness makes one more kill for the changed bytes."""
    left = {name: max(0, wanted[name] - state[name]) for name in wanted}
    ask = {name: min(CHAPTER[name], left[name]) for name in wanted}
    if ask["flips"] and not ask["kills"]:
        ask["kills"] = 1  # bytes are changed in what a kill left behind
    words = [word for name, number in ask.items() for word in (f"--{name}", str(number))]
    programs = ROOT / "build" / "tests" / "system" / "crash"
    run = subprocess.run([programs / "crash_harness", programs / "crash_writer", "--json", *words], capture_output=True, text=True, check=False)
    sys.stderr.write(run.stderr)
    try:
        result = json.loads(run.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        sys.exit(f"soak crash: the harness ended with {run.returncode} and no result")
    for name in SUMS:
        state[name] = round(state[name] + result[name], 1)
    state["chapters"] += 1
    if run.returncode or result["wrong"]:
        state["bad_seeds"].append(result["seed"])
    return result


def record(state: dict, wanted: dict, command: str) -> None:
    whole = all(state[name] >= wanted[name] for name in wanted)
    PROOF.write_text(f"""# Kills, power cuts and changed bytes

Command: `{command}`{'' if whole else ' (stopped before it was through; `./x soak crash` goes on)'}. Commit: {", ".join(state["commits"])}, begun {state["begun"]}. Depends on: `src/know/journal`, `src/runtime/committer.cpp`, `src/model`, `tests/system/crash`.
A writer appends through the real committer as fast as the disk takes it and prints every acknowledged record; it is killed with SIGKILL at a random
moment, or its power is cut (what was not synced is gone, up to a random torn part; a new file whose folder was not synced is gone altogether). After
each, everything ever acknowledged must be there byte for byte and `journal verify` must find no problem. A changed bit in a log or table
file must be refused at opening, reported by verification, or harm nothing.

| | wanted | done |
|---|---|---|
| kills (SIGKILL) | {wanted["kills"]:,} | {state["kills"]:,} |
| power cuts | {wanted["cuts"]:,} | {state["cuts"]:,} |
| changed bits | {wanted["flips"]:,} | {state["flips"]:,}: refused {state["refused"]}, reported {state["reported"]}, harmless {state["harmless"]} |
| acknowledged records | | {state["acknowledged"]:,} |
| **of them lost or changed** | 0 | **{state["wrong"]:,}** |
| seconds | | {state["seconds"]:,.0f} |
""" + (f"\nSeeds of chapters in which something was wrong: {state['bad_seeds']}.\n" if state["bad_seeds"] else ""))


def main() -> int:
    parser = argparse.ArgumentParser(prog="./x soak crash", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in WANTED.items():
        parser.add_argument(f"--{name}", type=int, default=number, help=f"default {number}")
    parser.add_argument("--minutes", type=float, default=0, help="stop after the chapter that is running then; 0: only when through")
    parser.add_argument("--again", action="store_true", help="begin anew")
    parser.add_argument("--proof", action="store_true", help=f"write the totals to {PROOF.relative_to(ROOT)}")
    args = parser.parse_args()
    wanted = {name: getattr(args, name) for name in WANTED}
    command = "./x soak crash" + "".join(f" --{name} {number}" for name, number in wanted.items() if number != WANTED[name])
    if args.again:
        STATE.unlink(missing_ok=True)
    state = load()
    if (commit := commit_now()) not in state["commits"]:
        state["commits"].append(commit)
    end = time.monotonic() + 60 * args.minutes if args.minutes else float("inf")
    while any(state[name] < wanted[name] for name in wanted) and time.monotonic() < end:
        chapter(state, wanted)
        save(state)
        if args.proof:
            record(state, wanted, command)
        done = ", ".join(f"{state[name]:,.0f}/{number:,} {name}" for name, number in wanted.items())
        print(f"{done}; {state['acknowledged']:,} acknowledged, {state['wrong']} lost or changed; {state['seconds']:,.0f} s", flush=True)
    if args.proof:
        record(state, wanted, command)
    return 1 if state["wrong"] or state["bad_seeds"] else 0


if __name__ == "__main__":
    sys.exit(main())
