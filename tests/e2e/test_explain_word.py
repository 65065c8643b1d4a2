"""`explain`: the meaning of an exit status, a signal or a cause."""

import json
import os
import re
import signal
from pathlib import Path

from support import BINARY, Case, Terminal, main

# docs/causes.md
CAUSES = ("exit kill tkill sigqueue pidfd self fault sigpipe timer rlimit-cpu rlimit-fsize seccomp oom-global oom-memcg "
          "cgroup-kill parent-death pidns-exit tty-signal tty-hangup tracer-exit sysrq bpf unknown").split()


class ExplainWord(Case):
    def explain(self, *words, **more):
        ended = self.run_it("explain", *words, **more)
        self.assertEqual((ended.status, ended.err), (0, b""), (words, ended))
        return ended.text

    def explained(self, word):
        explained = json.loads(self.explain(word, "--json"))
        self.assertEqual(list(explained), ["schema", "what", "exit", "signal", "cause"])
        self.assertEqual((explained["schema"], explained["what"]), ("stapkill.explain/1", word))
        return explained

    def assert_steps(self, steps):
        self.assertTrue(steps)
        for step in steps:
            self.assertEqual(list(step), ["text", "command"])
            self.assertTrue(step["text"])
            self.assertNotEqual(step["command"], "")

    # -- exit statuses

    # Every status, in parts that can run at the same time.

    def test_statuses_to_63(self):
        self.check_statuses(range(64))

    def test_statuses_to_127(self):
        self.check_statuses(range(64, 128))

    def test_statuses_to_191(self):
        self.check_statuses(range(128, 192))

    def test_statuses_to_255(self):
        self.check_statuses(range(192, 256))

    def check_statuses(self, statuses):
        for status in statuses:
            with self.subTest(status=status):
                explained = self.explained(str(status))
                self.assertEqual(explained["exit"]["status"], status)
                self.assertTrue(explained["exit"]["meanings"])
                self.assert_steps(explained["exit"]["how_to_tell"])
                self.assertIsNone(explained["cause"])
                self.assertEqual(explained["signal"] is not None, 1 <= status <= 64)
                number = status - 128 if 128 < status <= 192 else None
                self.assertEqual(explained["exit"]["signal"] and explained["exit"]["signal"]["number"], number)

    def test_137(self):
        text = self.explain("137")
        for word in ("exit status 137", "SIGKILL", "only when a shell", "plain exit(137)", "timeout", "stapkill watch",
                     "docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}'", "ContainerStatusUnknown",
                     "OOMKilled", "memory.events", "journalctl -k"):
            self.assertIn(word, text)
        self.assertNotIn("signal 137", text)

    def test_runtimes(self):
        for status in ("125", "126", "127"):
            text = self.explain(status)
            for word in ("docker run, podman run", "timeout", "xargs"):
                self.assertIn(word, text)
            self.assertNotIn("128+", text)

    def test_named_statuses(self):
        names = {64: "EX_USAGE", 78: "EX_CONFIG", 203: "EXEC", 217: "USER", 226: "NAMESPACE", 245: "BPF", 255: "ssh"}
        for status, name in names.items():
            self.assertIn(name, self.explain(str(status)))

    # -- signals

    def test_every_signal(self):
        """By number and by name, as in this machine's C library; a number is also explained as a status, after the signal."""
        for one in signal.Signals:
            if not 1 <= one < 32:
                continue
            with self.subTest(signal=one.name):
                text = self.explain(str(int(one)))
                self.assertIn(f"(signal {int(one)})", text.splitlines()[0])
                self.assertIn(f"\nexit status {int(one)}\n", text)
                for word in (one.name, one.name[3:].lower()):
                    explained = self.explained(word)
                    self.assertEqual((explained["signal"]["number"], explained["exit"]), (int(one), None))
                    self.assertEqual(explained["cause"] is not None, word == "kill")
                    self.assertTrue(set(explained["signal"]["causes"]) <= set(CAUSES))

    def test_other_ways_to_name_a_signal(self):
        for word, number in (("SigKill", 9), ("Hup", 1), ("SIGRTMIN", 34), ("RTMIN+3", 37), ("rtmax", 64), ("32", 32),
                             ("64", 64)):
            self.assertEqual(self.explained(word)["signal"]["number"], number)

    def test_sigkill(self):
        explained = self.explained("SIGKILL")["signal"]
        self.assertEqual((explained["number"], explained["shell_code"], explained["can_be_caught"]), (9, 137, False))
        self.assertTrue({"oom-memcg", "oom-global", "kill", "cgroup-kill", "pidns-exit"} <= set(explained["causes"]))
        self.assertIn("cannot be caught", self.explain("SIGKILL"))

    def test_signals_that_kill_nobody(self):
        for word in ("SIGCHLD", "SIGSTOP", "SIGCONT", "SIGWINCH"):
            self.assertEqual(self.explained(word)["signal"]["causes"], [])
            self.assertNotIn("causes of a death", self.explain(word))

    # -- causes

    def test_every_cause(self):
        for name in CAUSES:
            with self.subTest(cause=name):
                explained = self.explained(name)
                self.assertEqual(explained["cause"]["name"], name)
                self.assertIsNone(explained["exit"])
                self.assertEqual(explained["signal"] is not None, name in ("kill", "sigpipe"))
                self.assert_steps(explained["cause"]["next"])
                for field in ("because", "sender", "tell"):
                    self.assertTrue(explained["cause"][field])
                self.assertEqual(self.explain(name).splitlines()[0], name)

    def test_cause_in_capitals(self):
        self.assertEqual(self.explained("OOM-MEMCG")["cause"]["name"], "oom-memcg")

    def test_kill_is_a_cause_and_a_signal(self):
        text = self.explain("kill")
        self.assertLess(text.index("kill(2)"), text.index("(signal 9)"))
        for word in ("SIGKILL", "KILL", "SIGPIPE"):
            self.assertIsNone(self.explained(word)["cause"], word)

    # -- what it cannot explain

    def test_wrong_words(self):
        for words, *expected in ((["256"], "256", "0 to 255"), (["-1"], "-1", "0 to 255"), (["-9", "--json"], "-9"),
                                 (["--", "-9"], "-9", "0 to 255"), (["9" * 40], "0 to 255"),
                                 (["xyzzy"], "xyzzy", "SIGKILL", "oom-memcg"), ([""], "''"), (["13.5"], "13.5"),
                                 (["SIGKIL"], "SIGKIL", "SIGKILL?"), (["oom"], "oom-global or oom-memcg?"),
                                 (["OOMKilled"], "OOMKilled", "oom-memcg?"), (["oom_memcg"], "oom-memcg?"),
                                 (["SIG"], "'SIG'"), (["RTMIN+31"], "RTMIN+31"), (["x" * 100_000], "xxx")):
            with self.subTest(words=words[0][:20]):
                self.assert_usage(self.run_it("explain", *words), *expected)

    def test_hostile_word(self):
        ended = self.run_it("explain", b"\x1b[2J\xff\n\xe2\x80\xae")
        self.assert_usage(ended)
        self.assertNotIn(b"\x1b", ended.err)

    # -- what it looks like

    def test_never_wider_than_the_terminal(self):
        """Commands are to be copied: they are not folded."""
        for columns in (30, 40, 80, 132):
            for word in ("137", "9", "203", "SIGKILL", "oom-memcg", "127", "unknown"):
                terminal = Terminal(columns)
                self.assertEqual(self.run_it("explain", word, stdout=terminal.slave, environment={"NO_COLOR": "1"}).status, 0)
                lines = terminal.close().splitlines()
                explained = json.loads(self.explain(word, "--json"))
                commands = set(re.findall(r'"command": "((?:[^"\\]|\\.)*)"', json.dumps(explained)))
                for line in lines:
                    if line.strip() not in commands and "stapkill watch" not in line:
                        self.assertLessEqual(len(line), columns, line)

    def test_a_hundred_columns_where_there_is_no_terminal(self):
        for word in [*map(str, [*range(8), *range(64, 256, 6), *range(123, 130), 137]), *CAUSES]:
            for line in self.explain(word).splitlines():
                self.assertLessEqual(len(line), 100, line)
                self.assertEqual(line, line.rstrip())

    def test_plain_without_utf8(self):
        for word in ("137", "9", "oom-memcg"):
            ended = self.run_it("explain", word, environment={"LC_ALL": "C", "LANG": "C"})
            self.assertEqual(ended.status, 0)
            self.assertTrue(ended.out.isascii(), ended)

    def test_color(self):
        self.assertNotIn("\x1b", self.explain("137"))
        self.assertIn("\x1b[", self.explain("137", "--color", "always"))
        self.assertNotIn("\x1b", self.explain("137", "--json", "--color", "always"))
        plain = re.sub(r"\x1b\[[0-9;]*m", "", self.explain("9", "--color", "always"))
        self.assertEqual(plain, self.explain("9"))

    def test_terminal(self):
        for environment, colored in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
            terminal = Terminal()
            self.assertEqual(self.run_it("explain", "137", stdout=terminal.slave, environment=environment).status, 0)
            self.assertEqual("\x1b[" in terminal.close(), colored, environment)

    def test_reader_that_goes(self):
        ends = os.pipe()
        os.close(ends[0])
        ended = self.run_it("explain", "9", stdout=ends[1])
        os.close(ends[1])
        self.assertEqual((ended.status, ended.err), (0, b""))

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            ended = self.run_it("explain", "137", stdout=full)
        self.assertEqual(ended.status, 1)
        self.assertIn(os.strerror(28), ended.error)

    def test_without_root(self):
        """It needs nothing: no SystemTap, no /proc of its own, no home."""
        binary = self.root / "stapkill"
        binary.write_bytes(Path(BINARY).read_bytes())
        binary.chmod(0o755)
        more = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        ended = self.run_it("explain", "137", binary=binary, environment={"PATH": "/nowhere", "HOME": "/nowhere"}, **more)
        self.assertEqual((ended.status, ended.err), (0, b""), ended)


if __name__ == "__main__":
    main()
