#!/usr/bin/env python3
"""The report of --format html in a real Chromium: no word on its console, no request, no text outside its box, contrast,
keyboard, paper. Environment: STAPKILL_BINARY; STAPKILL_PICTURES, a directory for the screenshots (none: not kept)."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import made_recordings as made
from browser import PROGRAM, Browser

BINARY = os.environ.get("STAPKILL_BINARY", "stapkill")
PICTURES = os.environ.get("STAPKILL_PICTURES")
RECORDINGS = sorted((HERE.parent / "recordings").glob("*.events"))
WIDTHS = (360, 1024, 1920)
MOST_PAGES = {"a_thousand_processes": 60, "hostile_names": 60, "fork_storm": 60, "right_to_left": 14, "hostile_hosts": 60}
# Each text's box against that of the element that it is in, and against the page; what an element scrolls or cuts with an
# ellipsis may be longer.
OUTSIDE = """(() => {
  const faults = [], width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth;
  if (wide > width) faults.push('the page is wider than its window: ' + wide);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest('script, style, title, defs') || !parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    let box = parent, free = false;
    while (!(box instanceof SVGElement && box.tagName === 'svg') && getComputedStyle(box).display.startsWith('inline'))
      box = box.parentElement;
    if (parent instanceof SVGElement) box = parent.ownerSVGElement;
    for (let up = parent; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      free = free || style.overflowX === 'auto' || style.textOverflow === 'ellipsis';
    }
    const outer = box.getBoundingClientRect();
    for (const rect of range.getClientRects()) {
      const out = rect.left < outer.left - 1 || rect.right > outer.right + 1 || rect.top < outer.top - 3 ||
        rect.bottom > outer.bottom + 3;
      if ((out && !free) || (!free && rect.right > width + 1)) faults.push(node.data.trim().slice(0, 80));
    }
  }
  return faults.slice(0, 10);
})()"""
# Contrast of each text with what is behind it (WCAG 2.2, 1.4.3).
FAINT = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faults = new Set();
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest('script, style, title, defs') || !element.checkVisibility()) continue;
    let behind = element;
    while (behind && (numbers(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
    const back = light(behind ? getComputedStyle(behind).backgroundColor : 'rgb(255,255,255)');
    const style = getComputedStyle(element);
    const front = light(element instanceof SVGElement ? style.fill : style.color);
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (ratio < 4.5) faults.add(element.tagName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2));
  }
  return [...faults];
})()"""


MADE = (*made.MADE, *made.OF_HOSTS)
CHINESE = ("two_hosts", "timeout_that_ran_out", "exit_by_the_handler_of_sigterm", "oom_of_a_whole_group")


def axe():
    """The source of axe-core (MPL-2.0), which npm brings at test time; None without npm or its registry."""
    if not shutil.which("npm"):
        return None
    with tempfile.TemporaryDirectory(prefix="stapkill-axe.") as folder:
        packed = subprocess.run(["npm", "pack", "--silent", "axe-core@4"], cwd=folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120)
        if packed.returncode:
            return None
        archive = (Path(folder) / packed.stdout.decode().split()[-1]).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return files.extractfile("package/axe.min.js").read().decode()


def made_reports(folder):
    """Each report's name and files."""
    for recording in RECORDINGS:
        yield recording.stem, [recording]
    for name, scene in made.MADE.items():
        yield name, [scene().write(folder / f"{name}.events")]
    for name, scenes in made.OF_HOSTS.items():
        (folder / name).mkdir()
        yield name, made.streams(BINARY, scenes(), folder / name)


@unittest.skipUnless(PROGRAM, "needs chromium")
class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stapkill-reports.")
        cls.addClassCleanup(cls.folder.cleanup)
        folder = Path(cls.folder.name)
        cls.reports = {}
        for name, files in made_reports(folder):
            cls.reports[name] = folder / f"{name}.html"
            words = [BINARY, "replay", *files, "--format", "html", "--output", cls.reports[name]]
            subprocess.run(words, check=True, timeout=120)
            if name in CHINESE:
                cls.reports[f"{name}.zh"] = folder / f"{name}.zh.html"
                subprocess.run([*words[:-1], cls.reports[f"{name}.zh"], "--lang", "zh_CN"], check=True, timeout=120)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.pictures = Path(PICTURES) if PICTURES else None
        if cls.pictures:
            cls.pictures.mkdir(parents=True, exist_ok=True)

    def open(self, name):
        self.browser.open(self.reports[name])
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(self.browser.requests(), [self.reports[name].as_uri()])

    def test_every_report_is_quiet_and_keeps_its_text_in_boxes(self):
        for name in self.reports:
            with self.subTest(name):
                for width in WIDTHS:
                    self.browser.size(width)
                    self.open(name)
                    self.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                    self.assertEqual(self.browser.run(OUTSIDE), [], width)

    def test_made_reports_have_contrast_in_light_and_dark(self):
        for dark in (False, True):
            self.browser.size(1024, dark=dark)
            for name in MADE:
                with self.subTest(name):
                    self.open(name)
                    self.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                    self.assertEqual(self.browser.run(FAINT), [], "dark" if dark else "light")

    def test_nothing_bars_a_screen_reader(self):
        """axe-core's rules of WCAG 2.2, A and AA."""
        source = axe()
        if source is None:
            self.skipTest("npm does not bring axe-core")
        options = json.dumps({"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
                              "resultTypes": ["violations"]})
        for dark in (False, True):
            self.browser.size(1024, dark=dark)
            for name in [*CHINESE, *(f"{name}.zh" for name in CHINESE), "one_death", "only_losses", "no_deaths",
                         "hostile_names", "right_to_left", *made.OF_HOSTS]:
                with self.subTest(name, dark=dark):
                    self.open(name)
                    self.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                    self.browser.run(source + "; 1")
                    found = self.browser.run(f"axe.run(document, {options}).then((all) => all.violations.map((one) =>"
                                             "one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html).join(' ')))")
                    self.assertEqual(found, [])

    def test_pictures(self):
        if not self.pictures:
            self.skipTest("STAPKILL_PICTURES names no directory")
        for name in [*MADE, "timeout_that_ran_out", "exit_by_the_handler_of_sigterm", "oom_of_a_whole_group",
                     *(f"{name}.zh" for name in CHINESE)]:
            with self.subTest(name):
                for width in WIDTHS:
                    for dark in (False, True):
                        self.browser.size(width, dark=dark)
                        self.open(name)
                        long = name in MOST_PAGES
                        self.browser.picture(self.pictures / f"{name}-{width}-{'dark' if dark else 'light'}.png", whole=not long)

    def test_paper(self):
        self.browser.size(1024)
        for name in self.reports:
            with self.subTest(name):
                self.open(name)
                data = self.browser.pdf()
                pages = len(re.findall(rb"/Type\s*/Page\b", data))
                self.assertGreaterEqual(pages, 1)
                self.assertLessEqual(pages, MOST_PAGES.get(name, 5))
                if self.pictures and name in MADE:
                    (self.pictures / f"{name}.pdf").write_bytes(data)

    def test_without_javascript_it_is_whole(self):
        self.browser.script(False)
        self.addCleanup(self.browser.script, True)
        self.browser.size(1024)
        for name in ["one_death", "only_losses", "hostile_names"]:
            with self.subTest(name):
                self.open(name)
                self.assertTrue(self.browser.run("[...document.querySelectorAll('.tools')].every((one) => one.hidden)"))
                self.assertGreater(self.browser.run("document.querySelectorAll('#moving > *').length"), 0)
                self.assertEqual(self.browser.run(OUTSIDE), [])

    def test_waits_and_lanes_of_hosts(self):
        self.browser.size(1024)
        self.open("two_hosts")
        titles = self.browser.run("[...document.querySelectorAll('.wait title')].map((one) => one.textContent)")
        self.assertEqual(len(titles), 1)
        self.assertRegex(titles[0], r"db1: postgres\(5000\): waited 10\.0 s after SIGTERM$")
        # It is on the lane of the process that ends, and wider than it is high.
        wait = self.browser.run("(({x, y, width, height}) => ({x, y, width, height}))"
                                "(document.querySelector('.wait').getBoundingClientRect())")
        self.assertGreater(wait["width"], 100)
        names = self.browser.run("[...document.querySelectorAll('.names li')].map((one) => one.title.split(':')[0])")
        self.assertEqual(names, sorted(names))
        loss = self.browser.run("document.querySelector('.loss').getBoundingClientRect().height")
        self.assertEqual(loss, 28 * names.count("db1"))
        self.assertIn("#waiting", self.browser.run("getComputedStyle(document.querySelector('.wait')).fill"))

    def test_zoom_and_pan(self):
        self.browser.size(1024)
        self.open("a_thousand_processes")
        place = "parseFloat(document.querySelector('#moving > .sent').getAttribute('x'))"
        first = self.browser.run(place)
        self.browser.run("document.getElementById('in').click()")
        zoomed = self.browser.run(place)
        self.assertAlmostEqual(zoomed, (first - 25) * 2, places=3)
        key = "document.getElementById('plot').dispatchEvent(new KeyboardEvent('keydown', {key: '%s', cancelable: true}))"
        self.browser.run(key % "ArrowLeft")
        self.assertAlmostEqual(self.browser.run(place), zoomed + 25, places=3)
        self.browser.run(key % "0")
        self.assertAlmostEqual(self.browser.run(place), first, places=3)
        for _ in range(60):
            self.browser.run(key % "+")
        self.assertEqual(self.browser.run("document.querySelector('.tick').textContent.includes('NaN')"), False)
        self.assertEqual(self.browser.complaints(), [])

    def test_the_keyboard_reaches_everything(self):
        self.browser.size(1024)
        self.open("timeout_that_ran_out")
        reached = []
        for _ in range(60):
            for kind in ("rawKeyDown", "keyUp"):
                self.browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
            where = self.browser.run("document.activeElement.id || document.activeElement.tagName.toLowerCase()")
            if where == "body":
                break
            reached.append(where)
        for wanted in ("in", "out", "left", "right", "whole", "plot", "a", "summary", "div"):
            self.assertIn(wanted, reached)

    def test_names_are_shown_as_they_are(self):
        self.browser.size(1024)
        self.open("hostile_names")
        text = self.browser.run("document.body.textContent").replace("\u200e", "")
        for at, name in enumerate(made.hostile_names()):
            self.assertIn(f"{made.printable(name)}({6000 + at})", text)

    def test_policy(self):
        """A report into which somebody writes a script, a style or a picture does nothing."""
        path = Path(self.folder.name) / "changed.html"
        added = ('<script>document.title = "run"</script><img src="https://example.invalid/x.png">'
                 '<p id="new" style="color: red">x</p></main>')
        path.write_text(self.reports["one_death"].read_text().replace("</main>", added))
        self.browser.open(path)
        self.assertNotEqual(self.browser.run("document.title"), "run")
        self.assertNotEqual(self.browser.run("getComputedStyle(document.getElementById('new')).color"), "rgb(255, 0, 0)")
        self.assertTrue(self.browser.complaints())
        self.assertFalse([url for url in self.browser.requests() if url.startswith("http")
                          and not any(one.get("method") == "Network.loadingFailed" for one in self.browser.events)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
