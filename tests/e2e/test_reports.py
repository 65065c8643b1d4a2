"""Reports for people: --format html and markdown, of recordings and of made ones with hostile names, read by real parsers."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import unittest
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import made_recordings as made
from support import Case, main

try:
    import html5lib
except ImportError:
    html5lib = None
RECORDINGS = sorted((Path(__file__).resolve().parent.parent / "recordings").glob("*.events"))
MOST_HTML, MOST_MARKDOWN = 300 * 1024, 60_000
VOID = {"meta", "path", "line", "use", "circle", "rect", "br", "hr"}
CLOSED_BY_NEXT = {"td", "th"}


class Page(HTMLParser):
    """The elements of a page, and the text outside style and script. A tag that is not closed in order is a fault."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.open, self.faults, self.parts, self.inline = Counter(), [], [], [], [], {}
        self.feed(text)
        self.close()
        self.text = "".join(self.parts).replace("\u200e", "")
        self.faults += [f"{tag} is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag in CLOSED_BY_NEXT and self.open and self.open[-1] in CLOSED_BY_NEXT:
            self.open.pop()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_endtag(self, tag):
        if tag == "tr" and self.open and self.open[-1] in CLOSED_BY_NEXT:
            self.open.pop()
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            self.inline[self.open[-1]] = data
        else:
            self.parts.append(data)

    def values(self, name):
        return [value for _, other, value in self.attributes if other == name]


def without_texts(value):
    """A record as a page has it: without the messages and values of which its sentences are made."""
    if isinstance(value, list):
        return [without_texts(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: without_texts(one) for key, one in value.items() if key != "texts" and not key.endswith("_text")}


class Reports(Case):
    def render(self, recording, form, *words):
        ended = self.run_it("replay", recording, "--format", form, *words)
        self.assertEqual((ended.status, ended.err), (0, b""), recording)
        return ended.out.decode()

    def made(self, scene):
        return scene.write(self.root / "events")

    def page(self, recording):
        text = self.render(recording, "html")
        self.assertLessEqual(len(text.encode()), MOST_HTML)
        page = Page(text)
        self.assertEqual(page.faults, [])
        return page

    def assert_inert(self, page):
        """Nothing in the page loads, links elsewhere or runs, but the one script."""
        self.assertEqual((page.tags["script"], page.tags["style"], page.tags["link"], page.tags["img"], page.tags["iframe"]),
                         (1, 1, 0, 0, 0))
        for tag, name, value in page.attributes:
            self.assertFalse(name.startswith("on") or name in ("src", "style", "srcset", "action", "ping"), (tag, name))
            if name == "href":
                self.assertRegex(value, "^#[a-z0-9]+$")
        policy = next(value for value in page.values("content") if value.startswith("default-src"))
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        for name in ("style", "script"):
            sum = base64.b64encode(hashlib.sha256(page.inline[name].encode()).digest()).decode()
            self.assertIn(f"{name}-src 'sha256-{sum}'", policy)

    def assert_sound(self, page):
        self.assert_inert(page)
        self.assertIn("en", page.values("lang"))
        ids = page.values("id")
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual({value[1:] for value in page.values("href")}, set(ids))
        self.assertLessEqual(set(" ".join(page.values("aria-labelledby")).split()), set(ids))


class Html(Reports):
    def test_html_of_every_recording(self):
        self.assertGreater(len(RECORDINGS), 40)
        for recording in RECORDINGS:
            with self.subTest(recording=recording.stem):
                page = self.page(recording)
                self.assert_sound(page)
                for line in self.run_it("replay", recording, "--verbose").text.splitlines():
                    if line.startswith("✖ "):
                        self.assertIn(line[2:].removesuffix(" (likely)"), page.text)

    def test_html_of_made_ones(self):
        for name, scene in made.MADE.items():
            with self.subTest(name):
                self.assert_sound(self.page(self.made(scene())))

    def test_a_thousand_processes_are_all_in_the_page(self):
        page = self.page(self.made(made.MADE["a_thousand_processes"]()))
        for pid in range(5000, 6000):
            self.assertIn(f"worker-process({pid})", page.text)

    def test_names_in_html(self):
        plain = self.page(self.made(made.killed(b"web")))
        for name in made.hostile_names():
            with self.subTest(name):
                page = self.page(self.made(made.killed(name)))
                self.assert_inert(page)
                for tag in plain.tags:
                    if tag not in ("span", "code", "li"):  # flags of suspicious names
                        self.assertEqual(page.tags[tag], plain.tags[tag], tag)
                self.assertLessEqual(set(page.tags), set(plain.tags))
                self.assertIn(f"{made.printable(name)}(5000)", page.text)
                self.assertIn(f"{made.printable(name)}(4000)", page.text)

    def test_raw_records_can_be_read_again(self):
        recording = self.made(made.MADE["hostile_names"]())
        stream = self.run_it("replay", recording, "--format", "jsonl").text.split("\n")[:-1]
        stream = {repr(without_texts(json.loads(line))) for line in stream}
        raw = self.page(recording).text.split("As the stream has them")[1]
        lines = [line for line in raw.splitlines() if line.startswith("{")]
        self.assertGreater(len(lines), 3)
        for line in lines:
            self.assertIn(repr(json.loads(line)), stream)

    @unittest.skipUnless(html5lib, "needs python3-html5lib")
    def test_a_strict_parser_finds_the_same(self):
        for name in [b"web", *made.hostile_names()]:
            with self.subTest(name):
                text = self.render(self.made(made.killed(name)), "html")
                parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
                tree = parser.parse(text)
                self.assertEqual(Counter(one.tag.split("}")[-1] for one in tree.iter() if isinstance(one.tag, str))["script"], 1)

    def test_no_output_file_but_the_named(self):
        path = self.root / "out.html"
        ended = self.run_it("replay", RECORDINGS[0], "--format", "html", "--output", path)
        self.assertEqual((ended.status, ended.out), (0, b""))
        self.assertTrue(path.read_text().endswith("</html>\n"))


@unittest.skipUnless(shutil.which("cmark-gfm"), "needs cmark-gfm")
class Markdown(Reports):
    def html_of(self, text):
        """What a host of GitHub's flavour makes of it."""
        words = ["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist"]
        ended = subprocess.run(words, input=text.encode(), stdout=subprocess.PIPE, timeout=60, check=True)
        page = Page(ended.stdout.decode())
        self.assertEqual(page.faults, [])
        return page

    def document(self, *recordings):
        ended = self.run_it("replay", *recordings, "--format", "markdown")
        self.assertEqual((ended.status, ended.err), (0, b""), recordings)
        text = ended.out.decode()
        self.assertLessEqual(len(text.encode()), MOST_MARKDOWN)
        page = self.html_of(text)
        allowed = set("h3 p ul ol li code blockquote details summary table thead tbody tr th td".split())
        self.assertLessEqual(set(page.tags), allowed)
        self.assertEqual(page.tags["td"], 7 * (page.tags["tr"] - page.tags["table"]))
        return page

    def test_markdown_of_every_recording(self):
        for recording in RECORDINGS:
            with self.subTest(recording=recording.stem):
                page = self.document(recording)
                deaths = [line for line in self.run_it("replay", recording).text.splitlines() if line.startswith("✖ ")]
                shown = page.text.replace("`", "")
                for line in deaths:
                    self.assertIn(line[2:].removesuffix(" (likely)").replace("`", ""), shown)

    def test_markdown_of_made_ones(self):
        for name, scene in made.MADE.items():
            with self.subTest(name):
                self.document(self.made(scene()))

    def test_markdown_of_hosts(self):
        for name, scenes in made.OF_HOSTS.items():
            with self.subTest(name):
                self.document(*made.streams(os.environ["STAPKILL_BINARY"], scenes(), self.root))

    def test_names_in_markdown(self):
        plain = self.document(self.made(made.killed(b"web")))
        for name in made.hostile_names():
            with self.subTest(name):
                page = self.document(self.made(made.killed(name)))
                for tag in plain.tags:
                    if tag not in ("code", "li", "ul"):  # flags of suspicious names
                        self.assertEqual(page.tags[tag], plain.tags[tag], tag)
                self.assertIn(f"{made.printable(name)}(5000)", page.text)
                self.assertIn(made.printable(name).replace("|", "\\x7c") + "(5000)", page.text)


class OfHosts(Reports):
    """Several streams as one report: hosts with the same pids, starts, times and numbers of signals."""

    def streams(self, *scenes):
        return made.streams(os.environ["STAPKILL_BINARY"], scenes, self.root)

    def render_all(self, files, form, *words, status=0):
        ended = self.run_it("replay", *files, "--format", form, *words)
        self.assertEqual(ended.status, status, ended)
        text = ended.out.decode()
        self.assertLessEqual(len(text.encode()), MOST_HTML if form == "html" else MOST_MARKDOWN)
        return text

    def page_of(self, files, *words, status=0):
        page = Page(self.render_all(files, "html", *words, status=status))
        self.assertEqual(page.faults, [])
        self.assert_sound(page)
        return page

    def two(self):
        return self.streams(("db1", made.killed(b"nginx")), ("web1", made.killed(b"nginx")))

    def test_two_hosts_stay_apart(self):
        page = self.page_of(self.two())
        self.assertEqual(page.tags["article"], 2)
        for text in ("2 hosts", "2 signals · 2 deaths", "only as good as the clocks", "As the stream has them",
                     "db1: nginx(5000): SIGKILL and 1 more death"):
            self.assertIn(text, page.text)
        for host in ("db1", "web1"):
            self.assertIn(f"{host}: nginx(5000)", page.text)
            self.assertIn(f"{host}: nginx(4000)", page.text)
            self.assertIn(f"on {host}\n", page.text)
            self.assertEqual(page.values("title").count(f"{host}: nginx(5000)"), 1)
        self.assertNotIn("of its siblings", page.text)
        text = self.render_all(self.two(), "markdown")
        for part in ("### stapkill: 2 deaths on 2 hosts: `db1`, `web1`\n", "> Certain, on `web1`: nginx(5000) was killed",
                     "| `db1: nginx(5000)` |", "- Host: `db1`", "- Host: `web1`", "only as good as the clocks",
                     "2 signals, 2 deaths, 0 events lost"):
            self.assertIn(part, text)

    def test_a_cascade_is_of_one_host(self):
        text = self.render_all(self.streams(("db1", made.killed(b"nginx", 3, 0.1)), ("web1", made.killed(b"nginx", 5, 0.1))),
                               "markdown")
        self.assertEqual([line.split(" ended")[0] for line in text.splitlines() if line.startswith("- With it")],
                         ["- With it: 2 of its siblings", "- With it: 4 of its siblings"])

    def test_each_record_says_its_host(self):
        files = self.two()
        stream = {repr(without_texts(json.loads(line))) for line in self.render_all(files, "jsonl").split("\n")[:-1]}
        raw = self.page_of(files).text.split("As the stream has them")[1]
        lines = [json.loads(line) for line in raw.splitlines() if line.startswith("{")]
        self.assertEqual([one["host"] for one in lines if one["type"] == "signal"], ["db1", "web1"])
        for line in lines:
            self.assertIn(repr(line), stream)

    def test_losses_and_hosts_of_their_own(self):
        files = self.streams(("db1", made.killed(b"nginx").loss(3)), ("web1", made.killed(b"nginx")))
        page = self.page_of(files)
        self.assertRegex(page.text, r"db1: [0-9:.]+ UTC: 3 events lost: a ring that was full")
        self.assertNotIn("web1: 0", page.text)
        for at in range(2):
            self.assertEqual(page.text.count(f"00000000-0000-4000-8000-{at:012}\n"), 1)
        for label in ("Kernel", "Boot", "Program", "Backend", "Began"):
            self.assertEqual(page.text.count(f"\n{label}"), 2, label)

    def test_a_wait_is_shaded(self):
        page = self.page(self.made(made.stopped()))
        self.assertEqual(page.values("class").count("wait"), 1)
        self.assertIn("web(5000): waited 10.0 s after SIGTERM", page.text)

    def test_one_host_in_two_files(self):
        one, two = self.streams(("db1", made.killed(b"nginx")), ("db1", made.Scene().process(4000).process(7000, b"web", 4000)
                                .begun().later(5000).kill(4000, 7000, b"worker", b"web").end(7000, 9, b"web")))
        two.write_text(two.read_text().replace("000000000001\"", "000000000000\""))
        page = self.page_of([one, two])
        self.assertIn("2 signals · 2 deaths", page.text)
        self.assertIn("nginx(5000)", page.text)
        self.assertIn("web(7000)", page.text)
        for part in ("db1: ", " hosts", "clocks"):
            self.assertNotIn(part, page.text)

    def test_a_host_that_was_started_again(self):
        page = self.page_of(self.streams(("db1", made.killed(b"nginx")), ("db1", made.killed(b"nginx"))))
        for part in ("db1: nginx(5000)", "db1 (2): nginx(5000)"):
            self.assertIn(part, page.text)

    def test_a_file_that_is_cut(self):
        one, two = self.two()
        lines = two.read_text().splitlines(keepends=True)
        two.write_text("".join(lines[:-2]) + lines[-2][:100])
        ended = self.run_it("replay", one, two, "--format", "markdown")
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("cut off", ended.error)
        self.assertIn("### stapkill: 1 death on 2 hosts: `db1`, `web1`", ended.text)
        self.assertIn("2 signals, 1 death, ", ended.text)
        alone = self.run_it("replay", two, "--format", "html")
        self.assertEqual((alone.status, Page(alone.out.decode()).faults), (0, []))

    def test_a_file_without_a_session_has_its_own_name(self):
        one, two = self.two()
        two.write_text("".join(two.read_text().splitlines(keepends=True)[1:]))
        self.assertIn("host1.jsonl: nginx(5000)", self.page_of([one, two]).text)
        self.assertNotIn("host1.jsonl", self.page_of([two]).text)

    def test_what_was_put_together_before(self):
        merged = self.root / "merged.jsonl"
        files = self.two()
        merged.write_bytes(self.run_it("replay", *files, "--format", "jsonl").out)
        for form in ("html", "markdown"):
            self.assertEqual(self.render_all([merged], form), self.render_all(files, form))

    def test_filters(self):
        files = self.two()
        page = self.page_of(files, "--name", "nobody")
        self.assertIn("0 signals · 0 deaths", page.text)
        self.assertIn("No watched process ended.", page.text)
        self.assertIn("2 hosts", page.text)

    def test_hostile_names_of_hosts(self):
        plain = self.page_of(self.two())
        for name in made.hostile_names():
            host = name.decode("utf-8", "replace")
            with self.subTest(name):
                files = self.streams((host, made.killed(b"nginx")), ("web1", made.killed(b"nginx")))
                page = self.page_of(files)
                self.assertEqual(page.tags, plain.tags)
                self.assertIn(f"{made.printable(host.encode()) if host.strip() else '?'}: nginx(5000)", page.text)
                self.render_all(files, "markdown")

    def test_a_thousand_deaths_of_two_hosts(self):
        files = self.streams(*((host, made.killed(b"nginx", 500)) for host in ("db1", "web1")))
        page = self.page_of(files)
        for host in ("db1", "web1"):
            for pid in range(5000, 5500):
                self.assertIn(f"{host}: nginx({pid})", page.text)
        self.render_all(files, "markdown")


class Usage(Reports):
    def test_another_format(self):
        ended = self.run_it("replay", RECORDINGS[0], "--format", "pdf")
        self.assert_usage(ended, "pdf")


if __name__ == "__main__":
    main()
