#!/usr/bin/env python3
"""tidy.py CHECKS BUILD FILE…: runs clang-tidy on FILE…, which were built in BUILD with ninja. CHECKS are added to those of
.clang-tidy.

clang-tidy takes 10 to 70 seconds for a file. So a file that was clean is not checked again until something that it
depends on changes: the compiler's command, the checks, the file itself or a header, also of the system. The marks of
clean files are in STAPKILL_LINT_CACHE (/var/cache/stapkill-lint)."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

REPO = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("STAPKILL_LINT_CACHE", "/var/cache/stapkill-lint"))
KEPT_SECONDS = 60 * 24 * 3600
OBJECT = re.compile(r" -o (\S+\.o)\b")
TARGET = re.compile(r"^(\S.*): #deps \d+, ")


def sources_of_objects(build):
    """Object file -> the files that it was made from, as ninja recorded them."""
    deps, target = {}, None
    for line in subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        if found := TARGET.match(line):
            target = deps.setdefault(found[1], [])
        elif line.startswith("    ") and target is not None:
            target.append(build / line.strip())
    return deps


class Keys:
    """One key for all that a check of a file depends on."""

    def __init__(self, checks, build):
        version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
        self.common = checks.encode() + version
        self.deps = sources_of_objects(build)
        entries = json.loads((build / "compile_commands.json").read_text())
        self.commands = {entry["file"]: entry["command"] for entry in entries}
        self.hashes = {}

    def hash_of(self, path):
        path = os.path.realpath(path)
        if path not in self.hashes:
            self.hashes[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).digest()
        return self.hashes[path]

    def of(self, file):
        """None if ninja does not know what the file was made from: then it is checked."""
        command = self.commands.get(str(REPO / file), "")
        found = OBJECT.search(command)
        deps = self.deps.get(found[1]) if found else None
        if not deps:
            return None
        key = hashlib.sha256(self.common)
        for folder in (REPO / file).parents:  # a folder's own checks come before those of the whole
            if (folder / ".clang-tidy").exists():
                key.update((folder / ".clang-tidy").read_bytes())
            if folder == REPO:
                break
        key.update(command[command.index("/c++"):].replace(str(REPO), "").encode())  # without the launcher
        for path in deps:
            key.update(self.hash_of(path))
        return key.hexdigest()


def forget_old_marks():
    for mark in CACHE.iterdir():
        if time.time() - mark.stat().st_mtime > KEPT_SECONDS:
            mark.unlink(missing_ok=True)


def main():
    checks, build, files = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
    CACHE.mkdir(parents=True, exist_ok=True)
    forget_old_marks()
    keys = Keys(checks, build)

    def is_clean(file):
        key = keys.of(file)
        if key and (CACHE / key).exists():
            os.utime(CACHE / key)
            return True
        done = subprocess.run(["clang-tidy", "--quiet", f"--checks={checks}", "-p", str(build), file], cwd=REPO,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        sys.stdout.write(done.stdout)
        sys.stdout.flush()
        if done.returncode != 0:  # if clang-tidy itself failed, only this has its message
            sys.stderr.write(f"{file}: clang-tidy ended with {done.returncode}\n{done.stderr}")
        if done.returncode == 0 and key:
            (CACHE / key).touch()
        return done.returncode == 0

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = list(pool.map(is_clean, files))
    sys.exit(0 if all(clean) else 1)


main()
