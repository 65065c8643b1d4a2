"""--lang and the locale: Chinese texts for people, English for machines."""

import html
import json
import re
import sys
from pathlib import Path

from support import Case, main

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "autopsy"))
RECORDINGS = sorted((TESTS / "recordings").glob("*.events"))
LOGS = sorted((TESTS / "samples/logs").glob("*.log"))
COMMANDS = ("doctor", "watch", "run", "emit", "templates", "probes", "explain", "replay", "record", "why", "completion")
CHINESE = {"LC_ALL": "zh_CN.UTF-8"}
HAN = re.compile("[\u4e00-\u9fff]")
# Words of English sentences. In what is quoted (`…`, "…", '…', “…”) and in a command they may stand.
ENGLISH = re.compile(r"(?<![\w./:=-])(?:the|is|are|was|were|its|which|that|with|from|and|has|have|had|cannot|this|these|by|of|not"
                     r"|for|it|to|when|where|who|because|nothing|nobody)(?![\w./:=(-])")
QUOTED = re.compile(r"`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”|'[^'\n]*'")


COLOURS = re.compile("\033\\[[0-9;]*[mK]")


def without(quotes, text):
    """The text without what it quotes: from the first words of a quote to the end of its line, and the end of a quote."""
    lines = []
    for line in text.splitlines():
        head, _, tail = line.partition("：")
        line = head if tail and any(tail in quote for quote in quotes) else line
        for quote in quotes:
            if len(quote) > 3 and quote[:20] in line:
                line = line[:line.index(quote[:20])]
        lines.append(line)
    return "\n".join(lines)


def english_in(text):
    """The lines that have words of an English sentence. A line without a Chinese character whose words are a command's is left
    out where it is indented, as remedies are."""
    found = []
    for line in text.splitlines():
        bare = QUOTED.sub("", line)
        words = ENGLISH.findall(bare)
        is_command = line.startswith("    ") and not HAN.search(line)
        if words and not is_command:
            found.append(line)
    return found


class Languages(Case):
    def say(self, *words, environment=CHINESE, status=0):
        ended = self.run_it(*words, environment=environment)
        if status is not None:
            self.assertEqual(ended.status, status, ended)
        return ended

    def assert_chinese(self, text, name):
        self.assertRegex(text, HAN, name)
        self.assertEqual(english_in(text), [], name)


class Choice(Languages):
    def is_chinese(self, *words, **environment):
        none = {name: "" for name in ("LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG", "LANGUAGE")}
        return bool(HAN.search(self.say("--help", *words, environment={**none, **environment}).text))

    def test_by_the_locale(self):
        for environment, expected in (
            ({"LC_ALL": "zh_CN.UTF-8"}, True),
            ({"LC_ALL": "zh_CN.utf8"}, True),
            ({"LANG": "zh_CN.UTF-8"}, True),
            ({"LANG": "zh_SG.UTF-8"}, True),
            ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, True),
            ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, True),
            ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en:zh_CN"}, False),
            ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, False),
            ({"LANG": "zh_TW.UTF-8"}, False),
            ({"LANG": "zh_CN.GBK"}, False),
            ({"LANG": "zh_CN"}, False),
            ({"LANG": "C", "LANGUAGE": "zh_CN"}, False),
            ({"LANG": "de_DE.UTF-8"}, False),
            ({}, False),
        ):
            with self.subTest(environment=environment):
                self.assertEqual(self.is_chinese(**environment), expected)

    def test_by_the_option(self):
        for word, expected in (("zh_CN", True), ("zh", True), ("zh_CN.UTF-8", True), ("en", False)):
            for words in (("--lang", word), (f"--lang={word}",)):
                with self.subTest(words=words):
                    self.assertEqual(self.is_chinese(*words, LC_ALL="zh_CN.UTF-8"), expected)

    def test_asked_for_in_a_locale_without_utf8(self):
        self.assertTrue(self.is_chinese("--lang", "zh_CN", LC_ALL="C"))
        ended = self.say("replay", RECORDINGS[0], "--lang", "zh_CN", environment={"LC_ALL": "C"})
        self.assertNotIn("\\x", ended.text)

    def test_another_word(self):
        self.assert_usage(self.run_it("--lang", "xx", "doctor"), "--lang", "xx")
        self.assert_usage(self.run_it("doctor", "--lang=zh_XX"), "--lang", "zh_XX")

    def test_an_option_of_the_command_that_is_run(self):
        """What follows "--" is not ours."""
        self.assertFalse(self.is_chinese("--", "--lang", "zh_CN", LC_ALL="en_US.UTF-8"))


class Machines(Languages):
    """Streams and documents are the same in each language."""

    def assert_same(self, *words, status=0):
        chinese = self.say(*words, status=status)
        self.assertEqual(chinese.out, self.say(*words, environment={}, status=status).out, words)
        return chinese

    def test_streams_of_recordings(self):
        for recording in RECORDINGS[::4]:
            for form in ("jsonl", "json"):
                with self.subTest(recording=recording.stem, form=form):
                    self.assert_same("replay", recording, "--format", form)

    def test_the_raw_records_of_a_page(self):
        text = self.say("replay", RECORDINGS[0], "--format", "html").text
        self.assertIn('<html lang="zh-CN">', text)
        raw = re.search(r"<pre[^>]*>(.*?)</pre>", text, re.S)[1]
        for line in html.unescape(raw).strip().splitlines():
            self.assertNotRegex(json.dumps(json.loads(line), ensure_ascii=False), HAN)

    def test_documents(self):
        for words in (("explain", "137", "--format", "json"), ("templates", "--json"), ("explain", "--json", "--log", LOGS[0])):
            with self.subTest(words=words):
                self.assert_same(*words, status=None)

    def test_the_document_of_doctor(self):
        document = json.loads(self.say("doctor", "--json", "--facts", TESTS / "hosts/debian12/facts.json", status=None).out)
        self.assertNotRegex(json.dumps(document, ensure_ascii=False), HAN)


class Texts(Languages):
    """No English sentence is left."""

    def test_help(self):
        self.assert_chinese(self.say("--help").text, "--help")
        self.assert_chinese(self.say("--version").text, "--version")
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assert_chinese(self.say(command, "--help").text, command)

    def test_reports_of_recordings(self):
        for recording in RECORDINGS:
            for form in ("text", "markdown"):
                with self.subTest(recording=recording.stem, form=form):
                    text = self.say("replay", recording, "--format", form, "-v").text
                    self.assert_chinese(text, recording.stem)

    def test_pages_of_recordings(self):
        for recording in RECORDINGS[::4]:
            with self.subTest(recording=recording.stem):
                text = self.say("replay", recording, "--format", "html").text
                body = re.sub(r"<(style|script|pre|code|bdi)\b.*?</\1>|<[^>]*>", " ", text[text.index("<body"):], flags=re.S)
                self.assert_chinese(html.unescape(body), recording.stem)

    def test_streams_are_read_in_another_language(self):
        """A stream that was written in English says in Chinese what its recording says."""
        for recording in RECORDINGS[::3]:
            with self.subTest(recording=recording.stem):
                stream = self.root / "stream.jsonl"
                stream.write_bytes(self.say("replay", recording, "--format", "jsonl", environment={}).out)
                for form in ("text", "markdown"):
                    self.assertEqual(self.say("replay", stream, "--format", form).text,
                                     self.say("replay", recording, "--format", form).text)

    def test_a_stream_whose_texts_were_changed(self):
        """What people read is what the stream says in English."""
        lines = []
        for line in self.say("replay", RECORDINGS[0], "--format", "jsonl").text.splitlines():
            record = json.loads(line)
            if record["type"] == "death":
                record["verdict"]["summary"] = "another sentence"
            lines.append(json.dumps(record))
        stream = self.root / "stream.jsonl"
        stream.write_text("\n".join(lines) + "\n")
        self.assertIn("another sentence", self.say("replay", stream).text)

    def test_explain(self):
        for word in ("137", "143", "1", "0", "126", "127", "130", "255", "SIGKILL", "SIGTERM", "SIGSEGV", "SIGPIPE", "SIGHUP",
                     "oom-memcg", "cgroup-kill", "kill", "self", "exit", "unknown", "tty-hangup", "seccomp", "sysrq"):
            with self.subTest(word=word):
                self.assert_chinese(self.say("explain", word).text, word)

    def test_logs_of_systemtap(self):
        """The log's own lines are quoted as they are."""
        for log in LOGS[::5]:
            with self.subTest(log=log.stem):
                ended = self.say("explain", "--log", log, status=None)
                quotes = [line.strip() for line in COLOURS.sub("", log.read_text(errors="replace")).splitlines()]
                self.assertEqual(english_in(without(quotes, ended.text)), [], log)

    def test_doctor(self):
        for host in sorted((TESTS / "hosts").iterdir()):
            if not host.is_dir():
                continue
            with self.subTest(host=host.name):
                self.assert_chinese(self.say("doctor", "--facts", host / "facts.json", status=None).text, host.name)
                self.assert_chinese(self.say("doctor", "--facts", host / "facts.json", "-v", status=None).text, host.name)

    def test_errors(self):
        for words in (("watch",), ("watch", "--pid", "x"), ("replay", "/no/such/file"), ("emit", "nothing"), ("wach",),
                      ("watch", "--pid", "1", "--format", "xml"), ("explain", "nonsense"), ("run",), ("why", "--since", "soon"),
                      ("watch", "--no-such-option"), ("watch", "--pid"), ("run", "/no/such.stp"),
                      ("why", "--root", "/no/such/root"),
                      ("templates", "nothing"), ("probes", "nonsense("), ("record", "--max-size", "1K"),
                      ("completion", "tcsh")):
            with self.subTest(words=words):
                ended = self.say(*words, status=None)
                self.assertIn(ended.status, (1, 2), ended)
                self.assert_chinese(ended.error, words)


class Why(Languages):
    """The captured cases of tests/autopsy in Chinese."""

    def test_cases(self):
        import check
        folders = sorted(path for path in check.CASES.iterdir() if (path / "case.json").exists())
        for folder in folders[::6]:
            with self.subTest(case=folder.name):
                with check.Host(folder.name) as host:
                    _, text, _ = host.why("--lang", "zh_CN")
                    _, document, _ = host.why("--format", "json")
                quotes = [one["text"].partition(": ")[2] for death in json.loads(document or "{}").get("deaths", [])
                          for one in death["time_line"]]
                self.assertEqual(english_in(without(quotes, text)), [], folder.name)
                self.assertRegex(text, HAN)


if __name__ == "__main__":
    main()
