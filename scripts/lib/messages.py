#!/usr/bin/env python3
"""messages.py [--update] [ROOT]: checks that each text for people has a translation.

Messages are the first arguments of phrase(), tr() and msgid() below src/ (src/base/phrase.h; xgettext finds them), and what
{{#t}}…{{/t}} holds in templates/report/page.html, and what the headers of templates say for users (docs/templates.md). Each
src/po/LANGUAGE.po must translate all of them, with the same holes, and nothing else. Prints a line for each fault; exit
status 1 when there is one.

With --update the .po files get what is new (without a translation) and lose what is gone."""
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

KEYWORDS = ["phrase", "tr", "msgid"]
HOLE = re.compile(r"\{\{[^{}]*\}\}|\{\d?\}")
PAGE = "templates/report/page.html"
IN_PAGE = re.compile(r"\{\{#t\}\}(.*?)\{\{/t\}\}", re.S)
IN_TEMPLATE = re.compile(r"^%! (?:(?:summary|needs):|parameter: \S+ \S+ (?:\"[^\"]*\"|\S+)) (.*)$", re.M)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "r": "\r"}


def unescaped(text):
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


Entry = collections.namedtuple("Entry", "message text flags where")


def entries_of(text):
    """The entries of a .po file, without its header. Obsolete ones ("#~") are comments."""
    for block in re.split(r"\n\s*\n", text):
        parts, flags, where, key = {"msgid": [], "msgstr": []}, "", [], None
        for line in block.splitlines():
            if line.startswith("#,"):
                flags += line[2:]
            if line.startswith("#:"):
                where += line[2:].split()
            if line.startswith("#"):
                continue
            word = line.split(" ", 1)[0]
            key = word if word in parts else key
            found = STRING.search(line)
            if key and found:
                parts[key].append(unescaped(found[1]))
        message = "".join(parts["msgid"])
        if message:
            yield Entry(message, "".join(parts["msgstr"]), flags, where)


def template(root):
    """All messages as a .pot."""
    sources = sorted(str(path.relative_to(root)) for path in (root / "src").rglob("*") if path.suffix in {".cpp", ".h"})
    words = ["xgettext", "--language=C++", "--from-code=UTF-8", "--sort-by-file", "--add-location=file", "-k", "-o", "-"]
    made = subprocess.run(words + ["-k" + word for word in KEYWORDS] + sources, cwd=root, stdout=subprocess.PIPE, check=True)
    text = made.stdout.decode().replace("charset=CHARSET", "charset=UTF-8")
    known = {entry.message for entry in entries_of(text)}
    others = {f"templates/{path.name}": IN_TEMPLATE for path in sorted((root / "templates").glob("*.stp"))}
    for place, pattern in {PAGE: IN_PAGE, **others}.items():
        for message in dict.fromkeys(pattern.findall((root / place).read_text())):
            if message not in known:
                known.add(message)
                text += f"\n#: {place}\nmsgid {quoted(message)}\nmsgstr \"\"\n"
    return text


def holes(text):
    """Which values a text shows: "{}" counts up, as "{0}", "{1}" would."""
    found = [hole for hole in HOLE.findall(text.replace("{{}}", ""))]
    numbers = iter(range(len(found)))
    return sorted(f"{{{next(numbers)}}}" if hole == "{}" else hole for hole in found)


def faults(root, pot):
    messages = list(entries_of(pot))
    for file in sorted((root / "src/po").glob("*.po")):
        name = file.relative_to(root)
        done = {entry.message: entry for entry in entries_of(file.read_text())}
        for message in messages:
            entry = done.pop(message.message, None)
            place = f"{name}: {quoted(message.message)} ({', '.join(message.where)})"
            if entry is None or not entry.text:
                yield f"{place} has no translation"
            elif "fuzzy" in entry.flags:
                yield f"{place} has a translation that is marked fuzzy"
            elif holes(entry.text) != holes(message.message):
                yield f"{place}: the translation has other holes: {quoted(entry.text)}"
            elif message.message.endswith("\n") != entry.text.endswith("\n"):
                yield f"{place}: only one of both ends with a newline"
        for message in done:
            yield f"{name}: {quoted(message)} is no message of the program"


def update(root, pot):
    with tempfile.NamedTemporaryFile("w", suffix=".pot") as file:
        file.write(pot)
        file.flush()
        for catalogue in sorted((root / "src/po").glob("*.po")):
            subprocess.run(["msgmerge", "--quiet", "--no-fuzzy-matching", "--add-location=file", "--update",
                            "--backup=none", catalogue, file.name], check=True)
            subprocess.run(["msgattrib", "--no-obsolete", "--add-location=file", "-o", catalogue, catalogue], check=True)


def main(words):
    updates = "--update" in words
    words = [word for word in words if word != "--update"]
    root = pathlib.Path(words[0] if words else ".").resolve()
    pot = template(root)
    if updates:
        update(root, pot)
    found = list(faults(root, pot))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
