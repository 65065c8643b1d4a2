#!/usr/bin/env python3
"""scripts/lib/messages.py on small trees."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/lib/messages.py"
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
SOURCE = """
constexpr Row kRows[] = {{msgid("a row")}};
auto one = phrase("{} killed "
                  "{}", killer, victim);
auto other = tr("with \\"quotes\\"\\n");
auto none = fail("not a message");
"""
PAGE = "<h1>{{#t}}Time line{{/t}}</h1>{{#t}}{{count}} more{{/t}}"
ALL = {"a row": "一行", "{} killed {}": "{1} 被 {0} 杀死", 'with \\"quotes\\"\\n': "带引号\\n", "Time line": "时间线",
       "{{count}} more": "还有 {{count}} 个"}


class Messages(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.root = pathlib.Path(made.name)
        for folder in ("src/po", "templates/report"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "src/one.cpp").write_text(SOURCE)
        (self.root / "templates/report/page.html").write_text(PAGE)

    def translate(self, texts, extra=""):
        entries = "".join(f'\nmsgid "{message}"\nmsgstr "{text}"\n' for message, text in texts.items())
        (self.root / "src/po/zh_CN.po").write_text(HEADER + entries + extra)

    def check(self, *words):
        return subprocess.run([sys.executable, "-B", SCRIPT, *words, self.root], capture_output=True, text=True)

    def assert_fault(self, *parts):
        done = self.check()
        self.assertEqual(done.returncode, 1, done)
        for part in parts:
            self.assertIn(part, done.stdout)

    def test_all_are_translated(self):
        self.translate(ALL)
        done = self.check()
        self.assertEqual((done.returncode, done.stdout), (0, ""), done)

    def test_each_message_is_looked_for(self):
        for message in ALL:
            with self.subTest(message=message):
                self.translate({other: text for other, text in ALL.items() if other != message})
                self.assert_fault(message, "has no translation")

    def test_an_empty_translation_is_none(self):
        self.translate(ALL | {"a row": ""})
        self.assert_fault('"a row" (src/one.cpp) has no translation')

    def test_other_holes(self):
        for text in ("{} 被杀死", "{0} 被 {0} 杀死", "{1} 被 {2} 杀死", "被杀死"):
            with self.subTest(text=text):
                self.translate(ALL | {"{} killed {}": text})
                self.assert_fault("other holes")

    def test_other_holes_of_the_page(self):
        self.translate(ALL | {"{{count}} more": "还有 {{counts}} 个"})
        self.assert_fault("other holes")

    def test_a_lost_newline(self):
        self.translate(ALL | {'with \\"quotes\\"\\n': "带引号"})
        self.assert_fault("newline")

    def test_a_fuzzy_one(self):
        self.translate({message: text for message, text in ALL.items() if message != "a row"},
                       '\n#, fuzzy\nmsgid "a row"\nmsgstr "一行"\n')
        self.assert_fault("fuzzy")

    def test_what_the_program_no_longer_says(self):
        self.translate(ALL | {"gone": "没有了"})
        self.assert_fault('"gone" is no message')

    def test_an_update_adds_and_removes(self):
        self.translate({message: text for message, text in ALL.items() if message != "a row"} | {"gone": "没有了"})
        done = self.check("--update")
        self.assertEqual(done.returncode, 1, done)
        text = (self.root / "src/po/zh_CN.po").read_text()
        self.assertIn('msgid "a row"\nmsgstr ""', text)
        self.assertNotIn("gone", text)
        self.assertIn("时间线", text)


if __name__ == "__main__":
    unittest.main()
