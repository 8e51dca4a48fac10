"""The stand-alone verifier on a whole log of a million events, beside raw hashing of their bytes.

The events are like those of a rehearsed year: about 600 bytes, one in twelve with Chinese text,
three to a stream, in rounds over 300 streams (as a block's households are visited). The verifier
runs as the auditor runs it, in a process of its own, whose peak of memory is printed.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bench.table import heading, table
from ledger.log.merkle import Frontier, leaf_hash
from ledger.log.note import Checkpoint, Signer, signed

ORIGIN = "bench.example/siwen"
SIGNER = Signer.of(ORIGIN, bytes(range(32)))
START = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 3
ROUND = 300
"""Streams that are gone through three times before the next ones."""


def data_of(number: int) -> tuple[str, dict[str, Any]]:
    """Return type and data of an event: the kinds and sizes of a year's block renovation."""
    scan = f"sha256:{number:064x}"
    match number % 12:
        case 0:
            return "log_opened", {
                "basis": None,
                "cites": None,
                "key": str(SIGNER.verifier()),
                "origin": ORIGIN,
            }
        case 1 | 2 | 3:
            return "household_visited", {"outcome": "met" if number % 5 else "absent"}
        case 4 | 5:
            return "ballot_weighed", {"area": 6000 + number % 9000, "owners": 1 + number % 3}
        case 6 | 7:
            answers = {"HOW": "satisfied", "RESULT": "neutral", "WHAT": "very_satisfied"}
            path = [f"{number + n:064x}" for n in range(number % 8)]
            return "ballot_cast", {
                "answers": answers,
                "aware": number % 3 == 0,
                "form": "web",
                "needs": [],
                "path": path,
                "scan": None,
                "signed": False,
            }
        case 8:
            return "private_works_agreed", {"agreed": True, "scan": scan, "work": "gas"}
        case 9:
            yes = {"area": number, "heads": number % 40}
            part = {"no": {"area": 12627, "heads": 2}, "passed": True, "quorate": True, "yes": yes}
            outcome = {
                "answered": 16,
                "parts": {"all": part},
                "rates": {},
                "turnout": number % 9999,
            }
            return "reported", {
                "leaf_hash": f"{number:064x}",
                "outcome": outcome,
                "stream": f"bench-2026/block-{number % 250}/poll/1",
                "version_then": 1 + number % 30,
            }
        case 10:
            places = ["临河里", "柳浦东路"]
            return "measured", {"by": "社区", "metres": number % 500, "places": places}
    return "posted", {"channel": "website", "proof": scan, "text": "sd:" + "t" * 43}


def event(stream: str, version: int, number: int, prev: bytes | None) -> bytes:
    """Return an event's body."""
    at = (START + timedelta(milliseconds=number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    type_, data = data_of(number)
    actor = {"id": f"gw-{number % 250}", "organisation": None, "role": "grid_worker"}
    body: dict[str, Any] = {
        "actor": actor,
        "command_id": f"bench-{number:032x}",
        "correlation_id": None,
        "data": data,
        "evidence": [],
        "id": f"{number:08x}-0000-5000-8000-000000000000",
        "occurred_at": at,
        "prev": prev.hex() if prev else None,
        "reason": None,
        "recorded_at": at,
        "schema": 1,
        "source": None,
        "stream": stream,
        "type": type_ if number == 0 or type_ != "log_opened" else "household_opened",
        "version": version,
        "via": "console",
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def make(folder: Path, events: int) -> None:
    """Write a bundle of a whole log."""
    last: dict[int, tuple[int, bytes]] = {}
    tree = Frontier()
    with (folder / "events.jsonl").open("wb") as lines, (folder / "leaves").open("wb") as leaves:
        for number in range(events):
            place = number // (3 * ROUND) * ROUND + number % ROUND
            version, prev = last.get(place, (0, None)) if number else (0, None)
            name = (
                f"bench-2026/block-{place % 250}/household/h{place}" if number else "ledger/log-1"
            )
            body = event(name, version + 1, number, prev)
            hash_ = leaf_hash(body)
            if number:
                last[place] = (version + 1, hash_)
            tree.append(hash_)
            lines.write(body + b"\n")
            leaves.write(hash_)
    note = signed(Checkpoint(ORIGIN, events, tree.root()), SIGNER)
    manifest = {
        "below": None,
        "disclosures": False,
        "events": events,
        "evidence": False,
        "exported_at": "2026-01-01T00:00:00.000000Z",
        "format": "siwen-bundle/1",
        "origin": ORIGIN,
        "size": events,
    }
    (folder / "checkpoint").write_text(str(note))
    (folder / "cover").write_text(f"events {events}\n")
    (folder / "README.txt").write_text("bench\n")
    (folder / "bundle.json").write_bytes(orjson.dumps(manifest) + b"\n")
    names = sorted(p.name for p in folder.iterdir())
    sums = []
    for name in names:
        with (folder / name).open("rb") as file:
            sums.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(sums))


def raw_hashing(path: Path) -> tuple[float, float]:
    """Hash the same lines as leaves, which nobody can do faster here: seconds and CPU seconds."""
    took = []
    for _ in range(ROUNDS):
        start, cpu = time.perf_counter(), time.process_time()
        with path.open("rb") as file:
            for line in file:
                hashlib.sha256(b"\x00" + line[:-1]).digest()
        took.append((time.perf_counter() - start, time.process_time() - cpu))
    return min(took)


def verifying(bundle: Path, policy: Path, jobs: int) -> tuple[float, float, float]:
    """Return seconds, CPU seconds and the peak of memory in MB of one verification."""
    script = Path(__file__).parents[1] / "ledger" / "verify.py"
    command = [sys.executable, "-I", str(script), str(bundle), "--policy", str(policy)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen([*command, "--jobs", str(jobs)], stdout=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(0.02)
    took = time.perf_counter() - start
    assert process.stdout is not None
    if process.returncode:
        raise RuntimeError(process.stdout.read().decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, cpu, peak / 1024


def _resident(pid: int) -> int:
    """Return the peak of a process's resident memory so far, in kB; 0 where it is not told."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM")), 0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, min(os.cpu_count() or 1, 4)])
    given = parser.parse_args()
    print(heading(f"verify: {given.events:,} events, best of {ROUNDS}"))
    with tempfile.TemporaryDirectory(prefix="siwen-bench-") as folder:
        bundle, policy = Path(folder) / "bundle", Path(folder) / "policy"
        bundle.mkdir()
        policy.write_text(f"log {SIGNER.verifier()}\nquorum none\n")
        make(bundle, given.events)
        size = (bundle / "events.jsonl").stat().st_size / given.events
        raw, raw_cpu = raw_hashing(bundle / "events.jsonl")
        alone = [f"{given.events / raw:,.0f}", f"{given.events / raw_cpu:,.0f}"]
        rows = [["hashlib alone", *alone, "1.00", ""]]
        for jobs in dict.fromkeys(given.jobs):
            took, cpu, peak = min(verifying(bundle, policy, jobs) for _ in range(ROUNDS))
            rate = given.events / took
            rows.append(
                [
                    f"verify.py --jobs {jobs}",
                    f"{rate:,.0f}",
                    f"{given.events / cpu:,.0f}",
                    f"{raw / took:.2f}",
                    f"{peak:.0f}",
                ]
            )
    print(f"{size:.0f} bytes an event\n")
    print(table(["", "events/s", "events/CPU s", "of hashlib", "peak MB (parent)"], rows))


if __name__ == "__main__":
    main()
