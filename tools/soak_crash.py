#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills, cuts the power of, and changes bytes under the journal until the wanted numbers are reached.

Runs tests/system/crash in chapters of 20 kills, 4 power cuts and 1 changed byte, each on new folders, and adds their
totals up in build/soak/crash.json after each one: stopped at any moment it goes on with the next chapter. Exit code 1
when anything acknowledged was ever missing or different.

With --kept the same while journal and history lose what is older than they keep (20 kills and 10 power cuts a chapter,
build/soak/crash_kept.json).
"""
import argparse
import datetime
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROOF = ROOT / "docs" / "proof" / "crash.md"
SECOND = "\n# While journal and history are cut\n"  # section of PROOF


class Crash:
    """The journal alone."""

    state = ROOT / "build" / "soak" / "crash.json"
    programs = ("crash_harness", "crash_writer")
    wanted = {"kills": 1000, "cuts": 200, "flips": 50}
    chapter = {"kills": 20, "cuts": 4, "flips": 1}
    sums = ("kills", "cuts", "flips", "refused", "reported", "harmless", "acknowledged", "wrong", "seconds")
    told = "acknowledged"

    @staticmethod
    def text(state: dict, wanted: dict, head: str) -> str:
        return f"""# Kills, power cuts and changed bytes

{head} Depends on: `src/know/journal`, `src/runtime/committer.cpp`, `src/model`, `tests/system/crash`.
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
"""


class Kept:
    """Journal, entities and their past while retention runs."""

    state = ROOT / "build" / "soak" / "crash_kept.json"
    programs = ("crash_kept_harness", "crash_kept_writer")
    wanted = {"kills": 200, "cuts": 100}
    chapter = {"kills": 20, "cuts": 10}
    sums = ("kills", "cuts", "runs", "in_run", "in_cut", "records", "trimmed", "wrong", "seconds")
    told = "records"

    @staticmethod
    def text(state: dict, wanted: dict, head: str) -> str:
        return f"""{SECOND.lstrip()}
{head} Depends on: `src/app/keeper.cpp`, `src/app/whole_state.cpp`, `src/know/store`, `src/know/history`, `src/know/journal`, `tests/system/crash/kept_*`.
A writer changes 1,200 entities through the real committer, days passing in moments, while the keeper cuts journal and history again and again at ten
days; it is killed, or the power of journal and store is cut, as above. After each, on one and the same data directory: every acknowledged record that is
to be kept is there byte for byte; the past does not begin before the journal; entities as of their cut and as of 400 random times, and every instance of
every attribute, are what a fold of all that was ever told says; before the cut nothing is told. Then the keeper runs once: journal and past begin at the
same record, nothing is half dropped, everything is compared again, and the saved entities are the fold of the journal.

| | wanted | done |
|---|---|---|
| kills (SIGKILL) | {wanted["kills"]:,} | {state["kills"]:,} |
| power cuts | {wanted["cuts"]:,} | {state["cuts"]:,} |
| of them in a run of the keeper | | {state["in_run"]:,} |
| after them a cut was half done | | {state["in_cut"]:,} |
| runs of the keeper | | {state["runs"]:,} |
| records told / left the journal | | {state["records"]:,} / {state["trimmed"]:,} |
| **wrong** | 0 | **{state["wrong"]:,}** |
| seconds | | {state["seconds"]:,.0f} |
"""


def commit_now() -> str:
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "src", "tests/system/crash"], check=False).returncode
    return commit + (" (changed)" if changed else "")


def load(part) -> dict:
    if part.state.exists():
        return json.loads(part.state.read_text())
    return {**dict.fromkeys(part.sums, 0), "chapters": 0, "bad_seeds": [], "commits": [], "begun": datetime.date.today().isoformat()}


def save(part, state: dict) -> None:
    part.state.parent.mkdir(parents=True, exist_ok=True)
    draft = part.state.with_suffix(".new")
    draft.write_text(json.dumps(state))
    draft.replace(part.state)


def chapter(part, state: dict, wanted: dict) -> dict:
    """Runs one chapter and adds it up; the harness makes one more kill for the changed bytes."""
    left = {name: max(0, wanted[name] - state[name]) for name in wanted}
    ask = {name: min(part.chapter[name], left[name]) for name in wanted}
    if ask.get("flips") and not ask["kills"]:
        ask["kills"] = 1  # bytes are changed in what a kill left behind
    words = [word for name, number in ask.items() for word in (f"--{name}", str(number))]
    harness, writer = (ROOT / "build" / "tests" / "system" / "crash" / name for name in part.programs)
    run = subprocess.run([harness, writer, "--json", *words], capture_output=True, text=True, check=False)
    sys.stderr.write(run.stderr)
    try:
        result = json.loads(run.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        sys.exit(f"soak crash: the harness ended with {run.returncode} and no result")
    for name in part.sums:
        state[name] = round(state[name] + result[name], 1)
    state["chapters"] += 1
    if run.returncode or result["wrong"]:
        state["bad_seeds"].append(result["seed"])
    return result


def record(part, state: dict, wanted: dict, command: str) -> None:
    """Writes the part's section of the proof; the other one stays as it is."""
    whole = all(state[name] >= wanted[name] for name in wanted)
    head = f"Command: `{command}`{'' if whole else ' (stopped before it was through; the same command goes on)'}. Commit: {', '.join(state['commits'])}, begun {state['begun']}."
    text = part.text(state, wanted, head)
    if state["bad_seeds"]:
        text += f"\nSeeds of chapters in which something was wrong: {state['bad_seeds']}.\n"
    first, mark, second = PROOF.read_text().partition(SECOND)
    PROOF.write_text(first + "\n" + text if part is Kept else text + mark + second)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./x soak crash", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kept", action="store_true", help="while journal and history are cut")
    for name, number in Crash.wanted.items():
        also = f", with --kept {Kept.wanted[name]}" if name in Kept.wanted else ", not with --kept"
        parser.add_argument(f"--{name}", type=int, help=f"default {number}{also}")
    parser.add_argument("--minutes", type=float, default=0, help="stop after the chapter that is running then; 0: only when through")
    parser.add_argument("--again", action="store_true", help="begin anew")
    parser.add_argument("--proof", action="store_true", help=f"write the totals to {PROOF.relative_to(ROOT)}")
    args = parser.parse_args()
    part = Kept if args.kept else Crash
    wanted = {name: number if getattr(args, name) is None else getattr(args, name) for name, number in part.wanted.items()}
    command = "./x soak crash" + (" --kept" if args.kept else "") + "".join(f" --{name} {number}" for name, number in wanted.items() if number != part.wanted[name])
    if args.again:
        part.state.unlink(missing_ok=True)
    state = load(part)
    if (commit := commit_now()) not in state["commits"]:
        state["commits"].append(commit)
    end = time.monotonic() + 60 * args.minutes if args.minutes else float("inf")
    while any(state[name] < wanted[name] for name in wanted) and time.monotonic() < end:
        chapter(part, state, wanted)
        save(part, state)
        if args.proof:
            record(part, state, wanted, command)
        done = ", ".join(f"{state[name]:,.0f}/{number:,} {name}" for name, number in wanted.items())
        print(f"{done}; {state[part.told]:,} {part.told}, {state['wrong']} wrong; {state['seconds']:,.0f} s", flush=True)
    if args.proof:
        record(part, state, wanted, command)
    return 1 if state["wrong"] or state["bad_seeds"] else 0


if __name__ == "__main__":
    sys.exit(main())
