"""Captured cases of `why` without a recorder: check.py [--update] [CASE…], all without a word.

cases/NAME/ holds case.json, what the host kept (root/, a tree for --root, or files/, for --source), and answer.txt, what
`why` prints. In root/ and files/:
  NAME.journal-export   becomes a journal file NAME.journal (systemd-journal-remote(8))
  NAME.gz.plain         becomes NAME.gz; so do .xz, .zst and .bz2
  NAME.hex              becomes NAME, from hexadecimal digits
case.json: "host" (what it stands for), "ask" (words for why), "truth" (by hand, before `why` was run: "cause", "confidence",
and what else of "pid", "signal", "status", "killer", "initiator", "contradiction" is true; "cause": null: no death is found),
"mtime" (RFC 3339: of every file), "mtimes" ({"path": time}), "zone" (TZ; UTC). {files} in "ask" is the folder.
"""

import bz2
import gzip
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
PACKERS = {".gz": lambda data: gzip.compress(data, mtime=0), ".xz": lzma.compress, ".bz2": bz2.compress}
REMOTE = "/lib/systemd/systemd-journal-remote"
CONFIDENCE = ["unknown", "likely", "certain"]


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def packed(data, kind):
    if kind == ".zst":
        return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return PACKERS[kind](data)


def unfold(path):
    """Makes the file that a path of a case stands for."""
    data = path.read_bytes()
    if path.suffix == ".journal-export":
        subprocess.run([REMOTE, "-o", str(path.with_suffix(".journal")), str(path)], check=True, timeout=60,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elif path.suffix == ".plain":
        made = path.with_suffix("")
        made.write_bytes(packed(data, made.suffix))
    elif path.suffix == ".hex":
        path.with_suffix("").write_bytes(bytes.fromhex(re.sub(r"#.*", "", data.decode())))
    else:
        return
    path.unlink()


def set_times(folder, case):
    usual = case.get("mtime")
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink() or not path.is_file():
            continue
        own = case.get("mtimes", {}).get(str(path.relative_to(folder)), usual)
        if own:
            os.utime(path, (seconds(own), seconds(own)))


class Host:
    """A case in a folder of its own, as its files were on the host."""

    def __init__(self, name):
        self.case = json.loads((CASES / name / "case.json").read_text())
        self.folder = Path(tempfile.mkdtemp(prefix="stapkill-autopsy-"))
        for part in "root", "files":
            if (CASES / name / part).exists():
                shutil.copytree(CASES / name / part, self.folder / part, symlinks=True)
                for path in sorted((self.folder / part).rglob("*")):
                    if not path.is_symlink() and path.is_file():
                        unfold(path)
                set_times(self.folder / part, self.case)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def why(self, *words):
        root = ["--root", str(self.folder / "root")] if (self.folder / "root").exists() else []
        ask = [word.replace("{files}", str(self.folder / "files")) for word in self.case["ask"]]
        ended = subprocess.run([os.environ["STAPKILL_BINARY"], "why", *root, *ask, *words], stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=120,
                               env={"PATH": os.environ["PATH"], "TZ": self.case.get("zone", "UTC"), "LC_ALL": "C.UTF-8"})
        return ended.returncode, self.general(ended.stdout), self.general(ended.stderr)

    def general(self, text):
        return text.decode().replace(str(self.folder), "CASE")


def answer_of(host):
    """All that a person sees."""
    status, out, error = host.why()
    return f"{out}{error}exit {status}\n"


def named(process):
    return None if process is None else f"{process['comm'] or ''}({process['pid'] or ''})"


def found_of(death):
    verdict, ended = death["verdict"], death["exit"] or {}
    return {"cause": verdict["cause"], "confidence": verdict["confidence"], "pid": death["process"]["pid"],
            "signal": ended.get("signal"), "status": ended.get("status"), "killer": named(verdict["killer"]),
            "initiator": named(verdict["initiator"]), "contradiction": bool(death["contradictions"])}


def faults_of(host):
    """What is wrong about the verdict, a line each."""
    status, out, error = host.why("--format", "json")
    truth = host.case["truth"]
    if truth["cause"] is None:
        return [] if status == 1 and not json.loads(out or "{}").get("deaths") else [f"a death was found: {out}"]
    deaths = json.loads(out or "{}").get("deaths")
    if not deaths:
        return [f"no death was found: {error}"]
    death = deaths[0]
    found = found_of(death)
    wrong = [f"{name}: {found[name]!r}, in truth {value!r}" for name, value in truth.items() if found[name] != value]
    if found["confidence"] == "certain" and found["cause"] != truth["cause"]:
        wrong.append("a wrong verdict is called certain")
    if (status == 0) != (found["cause"] != "unknown"):
        wrong.append(f"exit status {status}")
    return wrong


def check(name, update):
    with Host(name) as host:
        wrong = faults_of(host)
        answer = answer_of(host)
    golden = CASES / name / "answer.txt"
    if update:
        golden.write_text(answer)
    elif not golden.exists() or golden.read_text() != answer:
        wrong.append(f"answer.txt differs; now:\n{answer}")
    for line in wrong:
        print(f"{name}: {line}")
    return not wrong


def main():
    words = sys.argv[1:]
    update = "--update" in words
    names = [word for word in words if word != "--update"] or sorted(path.name for path in CASES.iterdir())
    results = [check(name, update) for name in names]
    print(f"{sum(results)} of {len(results)} cases right")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
