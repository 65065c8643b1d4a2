"""Compiles SystemTap's examples with stap and with stapkill; run by scripts/score-examples in the tree of a lab.

score_examples.py STAPKILL RELEASE EXAMPLES SCORE LIMIT ONLY"""

import collections
import os
import re
import shlex
import subprocess
import sys
import time

COMPILES = "compiles"
OPTIONS_WITH_VALUES = "xcGDBIEsSTmoed"

# Why an example does not compile: the first pattern that matches the errors.
REASONS = [
    ("a program or library that is not installed here", r"[Cc]annot find|[Cc]an't find|No such file or directory"),
    ("debuginfo of the kernel or a module", r"debuginfo|no DWARF|missing .*(kernel|module)|no match.*similar function"),
    ("a probe point or function that this kernel no longer has", r"no match|probe point mismatch|unable to find|unresolved"),
    ("the translator's C code does not compile", r"\.[ch]:\d+:\d+: error: |kbuild exited"),
    ("guru mode", r"need stap -g|unless -g"),
    ("its arguments", r"command line argument"),
    ("the script itself", r"parse error|semantic error"),
]


def compiled(words, limit, folder):
    """Whether the command succeeded, and its standard error."""
    try:
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return False, f"took longer than {limit} s"
    return done.returncode == 0, done.stderr.decode(errors="replace")


def reason(text):
    errors = "\n".join(line for line in text.splitlines() if "rror" in line or "longer than" in line) or text
    for name, pattern in REASONS:
        if re.search(pattern, errors):
            return name
    return errors.strip().splitlines()[-1][:160] if errors.strip() else "no output"


def checked(meta, script):
    """The words of the test_check of the example that compiles this script, without "stap" and the script's name."""
    text = open(meta, errors="replace").read() if os.path.exists(meta) else ""
    for line in re.findall(r"^test_check: *(.*)$", text, re.M):
        for command in re.split(r"&&|\|\||;", line):
            try:
                words = shlex.split(command)
            except ValueError:
                continue
            if words[:1] == ["stap"] and script in words:
                words.remove(script)
                return words[1:]
    return []


def arguments_of(words):
    """stap's options, except those that choose a pass, and the script's own arguments: stap accepts options anywhere."""
    options, rest, own = [], [word.replace("$$", str(os.getppid())) for word in words], []
    while rest:
        word = re.sub(r"^(-[a-z]*)p\d$", r"\1", rest.pop(0))
        if not word.startswith("-"):
            own.append(word)
        elif word not in ("-", "-v"):
            # An option's value may be a separate word.
            options.append([word] + ([rest.pop(0)] if len(word) == 2 and word[1] in OPTIONS_WITH_VALUES and rest else []))
    return options, own


def for_stapkill(options):
    """The same options for stapkill run: it has some itself, the others are passed on."""
    words = []
    for option in options:
        own = option[0][:2] in ("-c", "-x", "-G")
        words += option if own else [f"--stap-arg={word}" for word in option]
    return words


def main():
    stapkill, release, examples, score, limit, only = sys.argv[1:]
    limit = float(limit)
    known = dict(line.rstrip("\n").split("\t", 1) for line in open(score))
    paths = sorted(os.path.relpath(os.path.join(folder, name), examples)
                   for folder, _, names in os.walk(examples) for name in names if name.endswith(".stp"))
    paths = [path for path in paths if only in path and "/tapset/" not in path]
    for path in paths:
        if path not in known:
            folder, script = os.path.split(os.path.join(examples, path))
            options, words = arguments_of(checked(os.path.join(folder, script[:-4] + ".meta"), script))
            begun = time.monotonic()
            stap = ["stap", "-p4", "-r", release, *(word for option in options for word in option), "--", script, *words]
            stock, _ = compiled(stap, limit, folder)
            middle = time.monotonic()
            run = [stapkill, "--quiet", "run", "--prepare", *for_stapkill(options), script, "--", *words]
            ours, text = compiled(run, limit, folder)
            fields = [COMPILES if stock else "fails", COMPILES if ours else "fails", "" if ours else reason(text),
                      f"{middle - begun:.1f}", f"{time.monotonic() - middle:.1f}"]
            known[path] = "\t".join(fields)
            with open(score, "a", encoding="utf-8") as file:
                file.write(f"{path}\t{known[path]}\n")
        stock, ours, why, took, own = known[path].split("\t")
        print(f"{path:60} {stock:8} {took:>7} s   {ours:8} {own:>7} s   {why}", flush=True)
    rows = [known[path].split("\t") for path in paths]
    print(f"\n{len(rows)} examples: stap alone compiles {sum(row[0] == COMPILES for row in rows)}, "
          f"stapkill run {sum(row[1] == COMPILES for row in rows)}")
    for why, count in collections.Counter(row[2] for row in rows if row[2]).most_common():
        print(f"{count:5}  {why}")


if __name__ == "__main__":
    main()
