"""stapkill probes, with a stap that is played."""

import json
import signal
import time

from support import Case, main, until


class Probes(Case):
    def ask(self, *words, **more):
        return self.run_it("--quiet", "probes", *words, **more)

    def assert_told(self, ended, *words):
        self.assertEqual((ended.status, ended.out), (1, b""))
        for word in ("stapkill probes: ", *words):
            self.assertIn(word, ended.error)

    def points(self):
        """What stap was asked to list."""
        calls = [entry["argv"] for entry in self.calls("stap")]
        return [argv[argv.index("-L") + 1] for argv in calls if "-L" in argv]

    def test_json(self):
        ended = self.ask("--json", "/srv/x.so")
        self.assertEqual((ended.status, ended.err), (0, b""))
        answer = json.loads(ended.out)
        self.assertEqual(answer["schema"], "stapkill.probes/1")
        self.assertEqual(answer["listed"], 'process("/srv/x.so").function("*")')
        self.assertEqual(len(answer["probes"]), 3)
        first = answer["probes"][0]
        self.assertEqual(first["source"], {"file": "/src/x.c", "line": 12})
        self.assertEqual(first["variables"][2], {"name": "$x", "type": "struct foo*"})
        self.assertIsNone(answer["no_match"])
        self.assertEqual(self.points(), [answer["listed"]])

    def test_table(self):
        ended = self.ask("/srv/x.so")
        self.assertEqual(ended.status, 0)
        lines = ended.text.splitlines()
        self.assertIn("nd_syscall  1 probe point", lines)
        self.assertIn("  /src/x.c", lines)
        self.assertRegex(ended.text, r'(?m)^ +12  \.function\("main"\) +\$argc:int  \$argv:char\*\*')
        self.assertNotIn("\x1b", ended.text)
        self.assertIn(r"\x1b[31m", ended.text)

    def test_color(self):
        self.assertIn("\x1b[", self.ask("--color", "always", "/srv/x.so").text)
        self.assert_usage(self.ask("--color", "some", "/srv/x.so"), "some")

    def test_nothing(self):
        ended = self.ask("syscall.none")
        self.assertEqual((ended.status, ended.out), (1, b""))
        for word in ("nothing matches syscall.none", "near: one, two"):
            self.assertIn(word, ended.error)
        answer = json.loads(self.ask("--json", "syscall.none").out)
        self.assertEqual(answer["probes"], [])
        self.assertEqual(answer["no_match"]["near"], ["one", "two"])

    def test_bare_name_is_a_probe_point_first(self):
        self.ask("--json", "begin")
        self.assertEqual(self.points(), ["begin"])
        self.assertEqual(json.loads(self.ask("--json", "none_x").out)["listed"], 'kernel.function("none_x")')
        self.assertEqual(self.points()[1:], ["none_x", 'kernel.function("none_x")'])

    def test_wrong_patterns_do_not_reach_stap(self):
        for word in ("", "begin { } probe end", "a,b", "x(\n)", "-e", "--version=1", "/bin/x:", 'kernel.function("x'):
            with self.subTest(word=word):
                self.assert_usage(self.ask("--", word))
        self.assert_usage(self.ask())
        self.assert_usage(self.ask("one", "two"), "two")
        self.assert_usage(self.ask("--timeout", "0", "begin"), "--timeout")
        self.assert_usage(self.ask("--kernel", "../x", "begin"), "../x")
        self.assertEqual(self.calls("stap"), [])

    def test_what_stap_is_given(self):
        self.ask("begin")
        (call,) = self.logged("stap", "argv")
        self.assertEqual(call["argv"][-2:], ["-L", "begin"])
        self.assertEqual(call["env"]["LC_ALL"], "C")
        self.assertTrue(call["env"]["SYSTEMTAP_DIR"].endswith("/listings"), call["env"])

    def test_without_stap(self):
        ended = self.ask("begin", environment={"STAPKILL_STAP": str(self.root / "none")})
        self.assert_told(ended, "SystemTap is not installed")

    def test_more_than_is_kept(self):
        ended = self.ask("--json", "/srv/many")
        self.assertEqual(ended.status, 0)
        self.assertIn("narrow the pattern", ended.error)
        answer = json.loads(ended.out)
        self.assertFalse(answer["complete"])
        self.assertTrue(all(len(probe["name"]) == 1000 for probe in answer["probes"]))

    def test_interrupted(self):
        self.environment["FAKE_STAP_SCENARIO"] = "hang"
        running = self.start("--quiet", "probes", "begin")
        until(lambda: self.logged("stap", "at"))
        running.signal(signal.SIGINT)
        ended = running.end()
        self.assert_told(ended, "interrupted")
        until(lambda: self.logged("stap", "exit"))
        self.assertEqual(self.signals("stap"), [signal.SIGINT])

    def test_timeout(self):
        self.environment["FAKE_STAP_SCENARIO"] = "hang"
        begun = time.monotonic()
        self.assert_told(self.ask("--timeout", "1", "begin"), "did not end within 1 s", "--timeout")
        self.assertLess(time.monotonic() - begun, 20)

    def test_killed(self):
        """A stapkill that is killed takes stap along."""
        self.environment["FAKE_STAP_SCENARIO"] = "hang"
        running = self.start("--quiet", "probes", "begin")
        until(lambda: self.logged("stap", "at"))
        running.signal(signal.SIGKILL)
        until(lambda: self.signals("stap"))
        self.assertEqual(self.signals("stap"), [signal.SIGTERM])


if __name__ == "__main__":
    main()
