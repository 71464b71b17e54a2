#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./x fuzz`: runs the fuzz targets side by side, each from the seeds of its folder and the corpus of earlier runs."""
import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-asan"
PROOF = ROOT / "docs/proof/fuzz.md"
# Well-formed input beside the golden/ files of a target's own folder: a parser of packs starts from the packs.
SEEDS = {
    "base_yaml_fuzz": "packs/*/*/*.yaml", "base_json_fuzz": "src/sense/golden/*", "rules_rule_reader_fuzz": "packs/*/rules/*.yaml",
    "sop_procedure_fuzz": "packs/*/procedures/*.yaml", "ingest_mapping_fuzz": "packs/*/mappings/*.yaml", "ingest_decode_fuzz": "src/sense/golden/*",
    "scenario_script_fuzz": "tests/scenario/*.city", "ingest_zone_fuzz": "/usr/share/zoneinfo/Asia/S*",
}


def targets(names: list[str]) -> list[pathlib.Path]:
    found = sorted(p for p in BUILD.glob("src/**/*_fuzz") if p.is_file())
    unknown = [n for n in names if n not in {p.name for p in found}]
    if unknown:
        sys.exit(f"fuzz: no target named '{unknown[0]}'; there are: {' '.join(p.name for p in found)}")
    return [p for p in found if not names or p.name in names]


def seed_folder(target: pathlib.Path) -> pathlib.Path:
    folder = BUILD / "fuzz/seeds" / target.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    own = ROOT / target.parent.relative_to(BUILD) / "golden"
    pattern = SEEDS.get(target.name, "")
    base = pathlib.Path("/") if pattern.startswith("/") else ROOT
    seeds = list(own.glob("*")) + (list(base.glob(pattern.lstrip("/"))) if pattern else [])
    for number, path in enumerate(p for p in seeds if p.is_file()):
        shutil.copy(path, folder / f"{number}-{path.name}")
    return folder


def run(target: pathlib.Path, seconds: int) -> dict:
    corpus = BUILD / "fuzz/corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    log = BUILD / "fuzz" / f"{target.name}.log"
    started = time.monotonic()
    with log.open("wb") as out:
        code = subprocess.run(
            [target, f"-max_total_time={seconds}", "-max_len=65536", "-rss_limit_mb=2048", "-timeout=30", "-print_final_stats=1",
             f"-artifact_prefix={BUILD}/fuzz/{target.name}-", corpus, seed_folder(target)],
            stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    text = log.read_text(errors="replace")
    runs = re.search(r"stat::number_of_executed_units: *(\d+)", text)
    return {"name": target.name, "ok": code == 0, "seconds": round(time.monotonic() - started), "runs": int(runs.group(1)) if runs else 0,
            "corpus": sum(1 for _ in corpus.iterdir()), "log": log}


def commit_now() -> str:
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    if subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "src"], check=False).returncode:
        commit += " (changed)"
    return commit


def record(results: list[dict], commit: str) -> None:
    """Puts the rows of these targets into the proof; the others stay as they were."""
    rows = {}
    if PROOF.exists():
        rows = {m.group(1): m.group(0) for m in re.finditer(r"^\| (\w+_fuzz) \|.*$", PROOF.read_text(), re.M)}
    for r in results:
        rows[r["name"]] = f"| {r['name']} | {r['seconds']} | {r['runs']:,} | {r['corpus']:,} | {'clean' if r['ok'] else 'FAILED'} | {commit} |"
    head = """# Fuzzing

`./x fuzz 600 --proof` writes this page: libFuzzer with ASan and UBSan, each target for the seconds named (wall clock), several side by side on two cores, at the lowest
priority beside other work: the number of executions says what was really tried.
A row holds until the folder of its target changes.

| target | seconds | executions | inputs kept | result | commit |
|---|---|---|---|---|---|
"""
    PROOF.write_text(head + "\n".join(rows[name] for name in sorted(rows)) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./x fuzz", description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=60, help="for each target (default 60)")
    parser.add_argument("names", nargs="*", metavar="TARGET", help="all when none is named")
    parser.add_argument("--jobs", type=int, default=1, help="targets side by side")
    parser.add_argument("--proof", action="store_true", help=f"write the figures to {PROOF.relative_to(ROOT)}")
    args = parser.parse_args()
    chosen = targets(args.names)
    commit = commit_now()  # of what was built; work may go on meanwhile
    results = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run, t, args.seconds) for t in chosen]):
            results.append(r := done.result())
            print(f"{len(results):3}/{len(chosen)} {r['name']:<32} {r['seconds']:5} s {r['runs']:>12,} runs {r['corpus']:>7,} kept  {'clean' if r['ok'] else 'FAILED: ' + str(r['log'].relative_to(ROOT))}", flush=True)
            if args.proof:
                record(results, commit)
    bad = [r for r in results if not r["ok"]]
    for r in bad:
        print(f"\n{r['name']}:\n" + "\n".join(r["log"].read_text(errors="replace").splitlines()[-40:]), file=sys.stderr)
    print(f"{len(results) - len(bad)} passed, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
