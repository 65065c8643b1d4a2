#!/usr/bin/env python3
"""The documents: links lead to files, and a page's Chinese version says what the page says."""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")


def pages():
    names = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    return [ROOT / name for name in names.decode().split("\0") if name]


def commands(text):
    """The command lines of code blocks, without comments."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    begins = re.compile(r"(\$ )?(sudo |stapkill |apt-get |cmake |systemctl )")
    return {re.sub(r"\s+#.*", "", line) for line in lines if begins.match(line)}


class Documents(unittest.TestCase):
    def test_links_lead_to_files(self):
        self.assertGreater(len(pages()), 20)
        for page in pages():
            for link in LINK.findall(page.read_text()):
                if "://" not in link and not link.startswith("mailto:"):
                    with self.subTest(page=page.name, link=link):
                        self.assertTrue((page.parent / link).exists())

    def test_chinese_pages_have_what_their_originals_have(self):
        chinese = [page for page in pages() if page.name.endswith(".zh.md") and page.name != "glossary.zh.md"]
        self.assertGreaterEqual(len(chinese), 2)
        for page in chinese:
            original = page.with_name(page.name.replace(".zh.md", ".md"))
            with self.subTest(page=page.name):
                text, english = page.read_text(), original.read_text()
                self.assertIn(page.name, english)
                self.assertIn(original.name, text)
                self.assertEqual(commands(english) - commands(text), set())
                options = {word for word in CODE.findall(english) if word.startswith("-")}
                self.assertEqual(options - set(CODE.findall(text)), set())


if __name__ == "__main__":
    unittest.main()
