"""stapkill probes, with a fake stap."""

import json
import os
import signal
import time
from pathlib import Path

from support import Case, main, until


class Probes(Case):
    def ask(self, *words, **more):
        return self.run_it("--quiet", "probes", *words, **more)

    def assert_reported(self, ended, *words):
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
        # Its own while it runs.
        self.assertTrue(call["env"]["SYSTEMTAP_DIR"].startswith(call["env"]["TMPDIR"] + "/"), call["env"])
        self.assertFalse(os.path.exists(call["env"]["TMPDIR"]))

    def test_without_stap(self):
        ended = self.ask("begin", environment={"STAPKILL_STAP": str(self.root / "none")})
        self.assert_reported(ended, "SystemTap is not installed")

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
        self.assert_reported(ended, "interrupted")
        until(lambda: self.logged("stap", "exit"))
        self.assertEqual(self.signals("stap"), [signal.SIGINT])

    def test_timeout(self):
        self.environment["FAKE_STAP_SCENARIO"] = "hang"
        begun = time.monotonic()
        self.assert_reported(self.ask("--timeout", "1", "begin"), "did not end within 1 s", "--timeout")
        self.assertLess(time.monotonic() - begun, 20)

    def kept(self):
        """The files of stap's own cache that the next stap will find."""
        return sorted(path.name for path in Path(self.environment["STAPKILL_CACHE"]).glob("listings/cache/*"))

    def test_cache(self):
        """stap's files about tracepoints are kept only after a clean end: stap takes an interrupted compiler for an answer."""
        self.ask("begin")
        self.assertEqual(self.kept(), ["tracequery_1.o"])
        self.ask("none_x")
        self.assertEqual(self.kept(), [f"tracequery_{number}.o" for number in (1, 2, 3, 4)])
        self.assertEqual([call["cached"] for call in self.logged("stap", "cached")], [0, 1, 2, 3])

    def test_cache_of_a_run_that_was_ended(self):
        self.environment["FAKE_STAP_SCENARIO"] = "hang"
        for number, ending in ((signal.SIGINT, "interrupted"), (signal.SIGKILL, "")):
            running = self.start("--quiet", "probes", "begin")
            ended = len(self.signals("stap"))
            until(lambda: len(self.logged("stap", "at")) > ended)
            running.signal(number)
            self.assertIn(ending, running.end().error)
            until(lambda: len(self.signals("stap")) > ended)
            self.assertEqual(self.kept(), [])
        self.ask("--timeout", "1", "begin")
        self.environment["FAKE_STAP_SCENARIO"] = "compiler-killed"
        self.ask("begin")
        self.assertEqual(self.kept(), [])
        del self.environment["FAKE_STAP_SCENARIO"]
        self.ask("begin")
        self.assertEqual(self.kept(), ["tracequery_1.o"])
        # The files of the killed run are gone as well.
        self.assertEqual(list(Path(self.environment["STAPKILL_CACHE"]).glob("listing.*")), [])

    def test_two_at_once(self):
        """Another run takes no files from a running one; an interrupted run keeps no files for others."""
        self.environment["FAKE_STAP_SCENARIO"] = "hang"
        running = self.start("--quiet", "probes", "begin")
        until(lambda: self.logged("stap", "at"))
        del self.environment["FAKE_STAP_SCENARIO"]
        self.ask("begin")
        (place,) = Path(self.environment["STAPKILL_CACHE"]).glob("listing.*")
        self.assertTrue((place / "stap/cache").is_dir())
        running.signal(signal.SIGINT)
        running.end()
        self.assertEqual(self.kept(), ["tracequery_1.o"])

    def test_killed(self):
        """If stapkill is killed, its stap ends too."""
        self.environment["FAKE_STAP_SCENARIO"] = "hang"
        running = self.start("--quiet", "probes", "begin")
        until(lambda: self.logged("stap", "at"))
        running.signal(signal.SIGKILL)
        until(lambda: self.signals("stap"))
        self.assertEqual(self.signals("stap"), [signal.SIGTERM])


if __name__ == "__main__":
    main()
