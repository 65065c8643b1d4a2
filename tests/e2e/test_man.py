"""The manual pages: they have what the tables have, and mandoc and groff find no fault in them."""

import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from support import BINARY, Case, main

PAGES = Path(shutil.which(BINARY) or BINARY).resolve().parent / "man"
RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"there is no {program} here")


def plain(text):
    """The text without bold, joined into one line, with ASCII dashes."""
    text = re.sub(r".\x08|\x1b\[[0-9;]*m", "", text)
    return re.sub(r"\s+", " ", text.replace("\u2010", "-").replace("\u2212", "-"))


@unittest.skipUnless(PAGES.is_dir(), "the pages are not built here")
class Man(Case):
    def pages(self):
        pages = sorted(PAGES.glob("stapkill*.[15]"))
        self.assertGreaterEqual(len(pages), 10)
        return pages

    def commands(self):
        listed = self.run_it("--help").text.partition("commands:\n")[2].partition("\n\n")[0]
        return re.findall(r"^  ([a-z]+) ", listed, re.M)

    def options(self, help_text, heading):
        """What --help lists below a heading: (names and argument, help)."""
        section = help_text.partition(f"\n{heading}:\n")[2].partition("\n\n")[0]
        section = re.sub(r"\n {28}", " ", section)
        rows = re.findall(r"^  (?:(-\S), |    )(--\S+)(?: (\S+))? +(.+)$", section, re.M)
        return [(letter, name, argument, plain(help_text)) for letter, name, argument, help_text in rows]

    def page(self, name):
        path = PAGES / name
        self.assertTrue(path.is_file(), path)
        return plain(subprocess.run(["mandoc", "-T", "utf8", "-O", "width=100", str(path)], capture_output=True, text=True,
                                    check=True).stdout)

    def listed(self, name):
        """The long options in the page's source, in order."""
        source = (PAGES / name).read_text().partition(".Sh OPTIONS")[2]
        items = re.findall(r"^\.It (?:Fl \S(?: Ar \S+)? , )?Fl \\-(\S+)", source, re.M)
        return ["--" + item.replace("\\-", "-") for item in items]

    def assert_options(self, page, options):
        section = page.partition(" OPTIONS ")[2].partition(" EXIT STATUS ")[0]
        for letter, name, argument, help_text in options:
            head = f"{name} {argument}".strip()
            if letter:
                head = f"{letter} {argument}".strip() + f", {head}"
            self.assertIn(f" {head} {help_text}.", " " + section)
        return section

    @needs("mandoc")
    def test_options_of_each_command(self):
        for command in self.commands():
            with self.subTest(command=command):
                help_text = self.run_it(command, "--help").text
                page = self.page(f"stapkill-{command}.1")
                own = self.options(help_text, "options")
                self.assertIn(f"stapkill {command}", page)
                section = self.assert_options(page, own) if own else ""
                self.assertEqual(self.listed(f"stapkill-{command}.1"), [name for _, name, _, _ in own], section)

    @needs("mandoc")
    def test_options_of_every_command(self):
        help_text = self.run_it("--help").text
        page = self.page("stapkill.1")
        options = self.options(help_text, "options of every command")
        self.assertEqual(self.listed("stapkill.1"), [name for _, name, _, _ in options])
        self.assert_options(page, options)
        for command in self.commands():
            self.assertIn(f"stapkill-{command}(1)", page)

    @needs("mandoc")
    def test_stream_has_every_field(self):
        """The page names each key of the records that the recordings make."""
        page = self.page("stapkill-stream.5")
        keys, values = set(), set()

        def gather(value):
            if isinstance(value, dict):
                keys.update(value)
                for each in value.values():
                    gather(each)
            elif isinstance(value, list):
                for each in value:
                    gather(each)
        for recording in sorted(RECORDINGS.glob("*.events")):
            for record in map(json.loads, self.run_it("replay", "--format", "jsonl", recording).text.splitlines()):
                values.add(record["type"])
                if record["type"] == "session":
                    record["targets"] = {}
                gather(record)
                if record["type"] == "death":
                    values.add(record["verdict"]["cause"])
        self.assertGreater(len(keys), 40)
        for word in sorted(keys | values):
            with self.subTest(word=word):
                self.assertRegex(page, rf"(?<![\w-]){re.escape(word)}(?![\w-])")

    @needs("mandoc")
    def test_mandoc(self):
        for page in self.pages():
            ended = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True,
                                   check=False)
            self.assertEqual((ended.returncode, ended.stdout + ended.stderr), (0, ""), page)

    @needs("groff")
    def test_groff(self):
        for page in self.pages():
            ended = subprocess.run(["groff", "-ww", "-mdoc", "-Kutf8", "-Tutf8", "-z", str(page)], capture_output=True, text=True,
                                   check=False)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""), page)


if __name__ == "__main__":
    main()
