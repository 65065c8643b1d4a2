"""`explain --log`: the meaning of a saved log of stap."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from support import BINARY, PATIENCE, Case, Ended, Terminal, main

SAMPLES = Path(__file__).resolve().parent.parent / "samples/messages.tsv"
LOGS = SAMPLES.parent / "logs"

PASS_4 = """\
Pass 1: parsed user script and 484 library scripts using 106892virt/96716res/7076shr/89560data kb, in 80usr/60sys/131real ms.
WARNING: Kernel function symbol table missing [man warning::symbols]
Pass 2: analyzed script: 1 probe, 1 function, 0 embeds, 0 globals in 10usr/0sys/7real ms.
/usr/share/systemtap/runtime/stp_task_work.c:107:40: error: passing argument 2 of ‘f’ from incompatible pointer type
make[1]: *** [/usr/src/linux-headers/scripts/Makefile.build:255: /tmp/stapX/stap_1_src.o] Error 1
WARNING: kbuild exited with status: 2
Pass 4: compiled C into "stap_1.ko" in 10320usr/2940sys/7421real ms.
Pass 4: compilation failed.  [man error::pass4]
"""

MAXACTION = "ERROR: MAXACTION exceeded near operator '->' at x.stp:84:30\n"


def samples():
    lines = [line.split("\t", 2) for line in SAMPLES.read_text().splitlines() if not line.startswith("#")]
    return [(id, line) for id, _, line in lines]


class Explain(Case):
    def log_of(self, text):
        path = self.root / "stap.log"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def explain(self, text, *words, **more):
        return self.run_it("explain", "--log", self.log_of(text), *words, **more)

    def explained(self, text, *words, **more):
        """The JSON of a log with known messages."""
        ended = self.explain(text, "--json", *words, **more)
        self.assertEqual((ended.status, ended.err), (0, b""), ended)
        return json.loads(ended.text)

    def assert_nothing(self, ended, *expected):
        self.assertEqual((ended.status, ended.out), (1, b""), ended)
        for word in expected:
            self.assertIn(word, ended.error)

    def fed(self, pieces, *words):
        """Standard input that is made while it is read."""
        process = subprocess.Popen([BINARY, "explain", "--log", "-", *words], stdin=subprocess.PIPE, env=self.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.root)
        self.addCleanup(self.put_down, process)

        def feed():
            with process.stdin as stdin:
                for piece in pieces:
                    stdin.write(piece)

        thread = threading.Thread(target=feed, daemon=True)
        thread.start()
        out, err = process.stdout.read(), process.stderr.read()
        status = process.wait(PATIENCE)
        thread.join(PATIENCE)
        process.stdout.close()
        process.stderr.close()
        return Ended(status, out, err)

    # -- what it says

    def test_cause_first(self):
        ended = self.explain(PASS_4)
        self.assertEqual((ended.status, ended.err), (0, b""), ended)
        self.assertIn("pass 4", ended.text)
        self.assertLess(ended.text.index("line 4"), ended.text.index("line 2"))
        self.assertIn("stapkill doctor --only stap.runtime", ended.text)
        self.assertIn("✖", ended.text)
        self.assertIn("▲", ended.text)
        self.assertNotIn("Error 1", ended.text)

    def test_json(self):
        report = self.explained(PASS_4 + MAXACTION + MAXACTION)
        self.assertEqual((report["schema"], report["failed_pass"]), ("stapkill.explain/1", 4))
        self.assertEqual([(one["id"], one["line"], one["count"], one["level"], one["check"]) for one in report["recognised"]],
                         [("runtime.task-work-cancel", 4, 1, "error", "stap.runtime"),
                          ("stap.maxaction", 9, 2, "error", None),
                          ("kernel.symbols", 2, 1, "warning", "kernel.symbols")])
        for one in report["recognised"]:
            self.assertEqual(list(one), ["line", "count", "text", "id", "level", "cause", "remedy", "check", "options",
                                         "source", "follows_from"])
            self.assertIsNone(one["follows_from"])
        self.assertEqual(report["recognised"][1]["options"], ["-DMAXACTION=102400"])
        self.assertEqual(report["recognised"][1]["text"], MAXACTION[:-1])

    def test_what_follows_from_the_cause(self):
        log = LOGS / "kernel-debuginfo-debian.log"
        ended = self.run_it("explain", "--log", log)
        self.assertEqual((ended.status, ended.err), (0, b""), ended)
        self.assertLess(ended.text.index("cannot find module kernel debuginfo"), ended.text.index("no match"))
        self.assertIn("line 10, follows from line 3: semantic error: no match", ended.text)
        report = json.loads(self.run_it("explain", "--json", "--log", log).text)["recognised"]
        self.assertEqual([(one["id"], one["follows_from"]) for one in report],
                         [("kernel.debuginfo.warning", None), ("stap.no-match.kernel", "kernel.debuginfo.warning"),
                          ("kernel.symbols", None)])

    def test_option_is_named(self):
        ended = self.explain(MAXACTION)
        self.assertIn("-DMAXACTION=102400", ended.text)
        self.assertNotIn("--stap-arg", ended.text)
        self.assertNotIn("failed in pass", ended.text)

    def test_error_that_is_not_known(self):
        """The line that may say why is printed with a line that only says that something failed."""
        ended = self.explain("new.h:1:1: error: nobody knows this\nWARNING: kbuild exited with status: 2\n")
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("line 1 is not known: new.h:1:1: error: nobody knows this", ended.text)
        self.assertNotIn("not known", self.explain(PASS_4).text)

    def test_all_samples_in_one_log(self):
        report = self.explained("".join(line + "\n" for _, line in samples()))
        only_context = {"stap.pass2", "stap.error", *(id for id, _ in samples() if id.startswith("context."))}
        self.assertEqual({one["id"] for one in report["recognised"]}, {id for id, _ in samples()} - {"-"} - only_context)
        self.assertEqual(report["recognised"][0]["level"], "error")

    def test_harmless_lines(self):
        ended = self.explain("".join(line + "\n" for id, line in samples() if id == "-"))
        self.assert_nothing(ended, "no known message", str(self.root / "stap.log"))

    # -- what people paste

    # In parts, so that each takes seconds also with the sanitizers. No message is missed, and the cause comes first.

    def test_logs_forms(self):
        self.assert_all_right("form-")

    def test_logs_in_chinese(self):
        self.assert_all_right("chinese-")

    def test_logs_until_k(self):
        self.assert_all_right(*"abdeghijk", "co", "fl")

    def test_logs_from_l(self):
        self.assert_all_right(*"lmnopqrstuvwxyz")

    def test_each_log_is_scored(self):
        """The parts above cover all names."""
        for log in LOGS.glob("*.log"):
            self.assertRegex(log.name, r"^(form-|chinese-|co|fl|[abdeg-z])")
        self.assertGreater(len(list(LOGS.glob("*.log"))), 100)
        self.assertEqual({log.stem for log in LOGS.glob("*.log")}, {path.stem for path in LOGS.glob("*.expect")})

    def assert_all_right(self, *beginnings):
        logs = [log for log in LOGS.glob("*.log") if log.name.startswith(beginnings)]
        self.assertGreater(len(logs), 5)
        ended = self.score(*logs)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertRegex(ended.stdout, rf"^{len(logs)} logs: \d+ recognised, {len(logs)} right, 0 misleading, 0 missed\n$")

    def test_score_names_what_is_wrong(self):
        folder = self.root / "logs"
        folder.mkdir()
        for name, text, expect in (("right", MAXACTION, "stap.maxaction"), ("empty", "hello\n", "# nothing\n-"),
                                   ("late", PASS_4 + MAXACTION, "stap.maxaction\nkernel.symbols"),
                                   ("noise", MAXACTION, "-"), ("other", MAXACTION, "stap.maxskipped"),
                                   ("silent", "hello\n", "stap.maxaction")):
            (folder / f"{name}.log").write_text(text)
            (folder / f"{name}.expect").write_text(expect + "\n")
        ended = self.score(folder)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertEqual([line.split(":")[0].split() for line in ended.stdout.splitlines()[:-1]],
                         [["misleading", "late.log"], ["misleading", "noise.log"], ["missed", "other.log"],
                          ["missed", "silent.log"]])
        self.assertEqual(ended.stdout.splitlines()[-1], "6 logs: 4 recognised, 2 right, 2 misleading, 2 missed")

    def test_score_usage(self):
        self.assertEqual(self.score().returncode, 2)
        self.assertNotEqual(self.score(self.root / "nosuch").returncode, 0)
        (self.root / "alone.log").write_text("x\n")
        self.assertIn("alone.expect is missing", self.score(self.root).stderr)

    def score(self, *folders):
        script = SAMPLES.parent.parent.parent / "scripts/score-logs"
        return subprocess.run([sys.executable, "-B", script, *folders], capture_output=True, text=True,
                              env={**os.environ, "STAPKILL_BINARY": BINARY})

    def test_shown_without_what_stands_around(self):
        """The line is shown without colours, stamps and entities; a Chinese line stays Chinese."""
        for line, shown in ((b"\x1b[01;31m\x1b[KERROR:\x1b[m\x1b[K MAXACTION exceeded near x\r",
                             "ERROR: MAXACTION exceeded near x"),
                            (b"Nov 28 12:00:00 h stap[1]: ERROR: MAXACTION exceeded near &lt;x&gt;",
                             "ERROR: MAXACTION exceeded near <x>"),
                            ("bash: stap: 未找到命令".encode(), "bash: stap: 未找到命令")):
            report = self.explained(line + b"\n")["recognised"]
            self.assertEqual([one["text"] for one in report], [shown])
            self.assertIn(shown, self.explain(line + b"\n").text)
            self.assertNotIn("\\x1b", self.explain(line + b"\n").text)

    def test_utf16_in_small_pieces(self):
        data = ("x" * 300 + "\r\n" + "ERROR: Couldn't insert module 'a.ko': 文件已存在\r\n").encode("utf-16")
        ended = self.fed([data[at:at + 1] for at in range(len(data))], "--json")
        self.assertEqual((ended.status, ended.err), (0, b""))
        self.assertEqual([(one["id"], one["line"]) for one in json.loads(ended.text)["recognised"]], [("insert.exists", 2)])

    # -- where it comes from

    def test_standard_input(self):
        for words in ([], ["--json"]):
            self.assertIn(b"MAXACTION exceeded", self.fed([MAXACTION.encode()], *words).out)

    def test_empty(self):
        self.assert_nothing(self.explain(""), "empty")
        ended = self.fed([])
        self.assert_nothing(ended, "standard input", "empty")

    def test_nothing_known(self):
        ended = self.explain("hello\nfoo.c:1:1: error: nobody knows this\n")
        self.assert_nothing(ended, "no known message", "line 2", "nobody knows this", "stapkill doctor")

    def test_nothing_known_as_json(self):
        ended = self.explain("hello\n", "--json")
        self.assertEqual(ended.status, 1)
        self.assertEqual(json.loads(ended.text),
                         {"schema": "stapkill.explain/1", "recognised": [], "findings": [], "failed_pass": None})
        self.assertIn("no known message", ended.error)

    def test_lines_about_deaths(self):
        """Whatever logged them; with what they prove and what they leave open."""
        log = ("Nov 30 18:21:20 web1 sshd[1]: hello\n"
               "Nov 30 18:21:21 web1 kernel: [   12.300000] Memory cgroup out of memory: Killed process 4711 (java) "
               "total-vm:36kB, anon-rss:5kB, file-rss:1kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n"
               "Nov 30 18:21:22 web1 systemd[1]: nginx.service: Main process exited, code=killed, status=9/KILL\n")
        ended = self.explain(log)
        self.assertEqual(ended.status, 0, ended)
        self.assertRegex(ended.text, r"(?s)line 2: Memory cgroup.*proves that the kernel's out-of-memory killer.*"
                                     r"line 3: nginx.service: Main.*open: who sent a signal.*stapkill why --source FILE")
        found = json.loads(self.explain(log, "--json").text)["findings"]
        self.assertEqual([(one["line"], one["kind"]) for one in found], [(2, "oom-kill"), (3, "unit-process")])

    def test_cannot_be_read(self):
        for path, expected in ((self.root / "nosuch", os.strerror(2)), (self.root, os.strerror(21)),
                               (self.log_of("x") / "y", os.strerror(20))):
            for words in ([], ["--json"]):
                ended = self.run_it("explain", "--log", path, *words)
                self.assert_nothing(ended, str(path), expected)

    def test_pipe(self):
        path = self.root / "pipe"
        os.mkfifo(path)
        thread = threading.Thread(target=lambda: path.write_text(MAXACTION), daemon=True)
        thread.start()
        self.assertEqual(self.run_it("explain", "--log", path).status, 0)
        thread.join(PATIENCE)

    def test_binary_junk(self):
        junk = bytes(range(256)) * 5000
        self.assert_nothing(self.explain(junk), "no known message")
        for words in ([], ["--verbose"]):
            ended = self.explain(junk + b"\n\xff\x00\x1b]0;x\x07ERROR: MAXACTION exceeded near \xe2\x80\n", *words)
            self.assertEqual(ended.status, 0, ended)
            self.assertNotRegex(ended.text, r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.explained(b"\xff\xfe" + MAXACTION.encode())

    def test_name_that_is_hostile(self):
        path = self.root / "a\x1b[2Jb\nc"
        path.write_text("x\n")
        ended = self.run_it("explain", "--log", path)
        self.assert_nothing(ended, "no known message")
        self.assertNotIn("\x1b", ended.error)

    def test_endless_line(self):
        """200 MB without a newline are read in pieces, and the text after them is found."""
        pieces = [b"x" * (1 << 20)] * 200
        ended = self.fed([*pieces, b"\n", MAXACTION.encode()], "--json")
        self.assertEqual((ended.status, ended.err), (0, b""))
        self.assertEqual([one["line"] for one in json.loads(ended.text)["recognised"]], [2])
        self.assertLess(len(ended.out), 10_000)

    def test_endless_line_that_is_known(self):
        ended = self.fed([b"ERROR: MAXACTION exceeded near ", *[b"x" * (1 << 20)] * 20])
        self.assertEqual(ended.status, 0, ended)
        self.assertLess(len(ended.out), 2000)

    # -- what it looks like

    def test_plain_without_utf8(self):
        ended = self.explain(PASS_4, environment={"LC_ALL": "C", "LANG": "C"})
        self.assertEqual(ended.status, 0)
        self.assertTrue(ended.out.isascii(), ended)
        self.assertIn("ERROR", ended.text)

    def test_color(self):
        self.assertNotIn(b"\x1b", self.explain(PASS_4).out)
        self.assertIn(b"\x1b[", self.explain(PASS_4, "--color", "always").out)
        self.assertNotIn(b"\x1b", self.explain(PASS_4, "--json", "--color", "always").out)

    def test_terminal(self):
        for environment, colored in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
            terminal = Terminal()
            ended = self.explain(PASS_4, stdout=terminal.slave, environment=environment)
            self.assertEqual(ended.status, 0)
            self.assertEqual("\x1b[" in terminal.close(), colored, environment)

    def test_reader_that_goes(self):
        ends = os.pipe()
        os.close(ends[0])
        ended = self.explain(PASS_4, stdout=ends[1])
        os.close(ends[1])
        self.assertEqual((ended.status, ended.err), (0, b""))

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            ended = self.explain(PASS_4, stdout=full)
        self.assertEqual(ended.status, 1)
        self.assertIn(os.strerror(28), ended.error)

    # -- usage

    def test_usage(self):
        log = self.log_of(MAXACTION)
        for words, *expected in (([], "--log", "137"), (["--json"], "--log"), (["--log", log, "137"], "137", "not both"),
                                 (["--log", log, "--", "137"], "137", "not both"), (["--log"], "--log"),
                                 (["--log", ""], "--log"), (["--log", log, "--log", log], "--log"),
                                 (["1", "2"], "2"), (["1", "--", "2"], "2"), (["--log", log, "--", "x"], "x"),
                                 (["--log", log, "--json=x"], "--json"), (["--log", log, "--color", "maybe"], "maybe"),
                                 (["137", "--color", "maybe"], "maybe"), (["137", "--no-such"], "--no-such")):
            with self.subTest(words=words):
                self.assert_usage(self.run_it("explain", *words), *expected)


if __name__ == "__main__":
    main()
