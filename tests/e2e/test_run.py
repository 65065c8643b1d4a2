"""`run`: the user's own script, unchanged."""

import os
import signal
import stat
import subprocess
import time

from support import PATIENCE, RELEASE, Case, Play, main, needs_root

SCRIPT = """#!/usr/bin/stap
global target_pid = 7942, seen
probe kernel.trace("signal:signal_generate") { if (target_pid == $1) printf("%s\\n", @2) }
"""


class Run(Case):
    def setUp(self):
        super().setUp()
        self.script = self.root / "own.stp"
        self.script.write_text(SCRIPT)
        events = self.headers / "trace/events"
        (events / "signal.h").write_text("TRACE_EVENT(signal_generate,\n\tTP_PROTO(int sig));\n")
        (events / "sched.h").write_text("DEFINE_EVENT(sched_template, sched_process_exit,\n\tTP_PROTO(int x));\n")

    def printing(self, text):
        return Play(armed=False).step("live").step("raw", text).step("exit", 0)

    def prepare(self, *words, **more):
        return self.run_it("run", *words, "--prepare", **more)

    def compiled(self):
        """The words of the last call of stap."""
        return self.calls("stap")[-1]["argv"]

    def text_of_script(self):
        """The script that stap got: --keep keeps it."""
        kept = sorted(self.cache.glob("build.*"))
        return next(path.read_text() for path in kept[-1].glob("*.stp"))


class Starting(Run):
    @needs_root
    def test_output_and_liveness(self):
        for compiled in (True, False):  # the second time from the cache
            ended = self.run_it("run", self.script, play=self.printing("seen\n"))
            self.assertEqual((ended.status, ended.out), (0, b"seen\n"), ended.err)
            self.assertRegex(ended.error, r"(?m)^stapkill: armed in [0-9.]+ m?s; ")
            self.assertEqual("compiling" in ended.error, compiled, ended.error)
            self.assertNotIn("stapio:", ended.error)
        self.assertEqual(len(self.calls("stap")), 1)
        quiet = self.run_it("run", "-q", self.script, play=self.printing("seen\n"))
        self.assertEqual(quiet.err, b"")

    @needs_root
    def test_silent_until_it_lives(self):
        ended = self.run_it("run", self.script, play=Play(armed=False).step("raw", "x").step("exit", 0))
        self.assertNotIn("armed", ended.error)

    @needs_root
    def test_warnings_once(self):
        play = Play(armed=False)
        for _ in range(3):
            play.step("stderr", "WARNING: the script says so\n")
        ended = self.run_it("run", self.script, play=play.step("exit", 0))
        self.assertEqual(ended.error.count("the script says so"), 1, ended.error)

    @needs_root
    def test_clean_end(self):
        running = self.start("run", self.script, play=Play(armed=False).step("live").touch(self.root / "ready"))
        deadline = time.monotonic() + PATIENCE
        while not (self.root / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        running.process.send_signal(signal.SIGINT)
        self.assertEqual(running.end(PATIENCE).status, 0)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])


class Words(Run):
    def test_arguments(self):
        ended = self.run_it("run", "--prepare", "--keep", self.script, "--", "-7", "a b")
        self.assertEqual(ended.status, 0, ended.err)
        words = self.compiled()
        self.assertEqual(words[-3:], ["own.stp", "-7", "a b"])
        self.assertEqual(self.text_of_script(), SCRIPT)

    def test_arguments_are_part_of_the_module(self):
        for words, calls in ((("1", "2"), 1), (("1", "2"), 1), (("12", ""), 2), (("1", "3"), 3)):
            self.assertEqual(self.run_it("run", "--prepare", self.script, "--", *words).status, 0)
            self.assertEqual(len(self.calls("stap")), calls, words)

    @needs_root
    def test_globals_are_not(self):
        for value in ("1", "2"):
            ended = self.run_it("run", self.script, "-G", f"target_pid={value}", "--global", "seen=x", play=self.printing(""))
            self.assertEqual(ended.status, 0, ended.err)
            self.assertEqual(self.calls("staprun")[-1]["argv"][-2:], [f"target_pid={value}", "seen=x"])
        self.assertEqual(len(self.calls("stap")), 1)

    def test_globals_that_are_none(self):
        for word in ("target_pid", "=1", "target_pid=a b", "target_pid=$(x)", "1x=2"):
            self.assert_usage(self.run_it("run", self.script, "-G", word), "--global", word)
        self.assert_usage(self.run_it("run", self.script, "-G", "tarhet_pid=1"), "tarhet_pid", "target_pid")
        self.assertEqual(self.calls("stap"), [])

    @needs_root
    def test_target(self):
        one, other = self.target(), self.target()
        for task in (one, other):
            self.assertEqual(self.run_it("run", "-x", task.pid, self.script, play=self.printing("")).status, 0)
            words = self.calls("staprun")[-1]["argv"]
            self.assertEqual(words[words.index("-x") + 1], str(task.pid))
        # Of the same program: the same module.
        self.assertEqual(len(self.calls("stap")), 1)
        self.assertIn("-x", self.compiled())

    @needs_root
    def test_command(self):
        ended = self.run_it("run", "-c", "/bin/sleep 'a b'", self.script, play=self.printing(""))
        self.assertEqual(ended.status, 0, ended.err)
        words = self.calls("staprun")[-1]["argv"]
        self.assertEqual(words[words.index("-c") + 1], "/bin/sleep 'a b'")

    def test_wrong_targets(self):
        for words in (("-x", "0"), ("-x", "x"), ("-x", "1", "-c", "true"), ("-c", " ")):
            self.assert_usage(self.run_it("run", self.script, *words), "--target" if words[0] == "-x" else "--command")
        ended = self.run_it("run", self.script, "-x", self.missing_pid())
        self.assertEqual(ended.status, 1)
        self.assertIn("no process", ended.error)


class Files(Run):
    def test_any_name(self):
        for name in ("own", "a b.stp", "-x.stp", 'q"uote.stp', "é.stp", ".hidden", "log2", "new\nline.stp", "x" * 240):
            with self.subTest(name=name):
                script = self.root / name
                script.write_text(SCRIPT + f"# {name!r}\n")
                ended = self.prepare(script)
                self.assertEqual(ended.status, 0, ended.err)
                self.assertRegex(self.compiled()[-1], r"^[A-Za-z0-9][A-Za-z0-9._+-]*\.stp$")

    def test_after_dashes_nothing_is_a_script(self):
        self.assert_usage(self.run_it("run", "--", str(self.script)), "script")

    def test_standard_input(self):
        ended = subprocess.run([os.environ.get("STAPKILL_BINARY", "stapkill"), "run", "--prepare", "--keep", "-"],
                               input=SCRIPT, text=True, capture_output=True, check=False, env=self.environment)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.compiled()[-1], "script.stp")
        self.assertEqual(self.text_of_script(), SCRIPT)

    def test_pipe(self):
        pipe = self.root / "pipe"
        os.mkfifo(pipe)
        running = self.start("run", "--prepare", pipe)
        pipe.write_text(SCRIPT)
        self.assertEqual(running.end(PATIENCE).status, 0)

    def test_what_is_no_script(self):
        (self.root / "empty").write_text(" \n")
        (self.root / "binary").write_bytes(b"\x7fELF\0")
        (self.root / "large").write_bytes(b"#" * (5 << 20))
        for name, expected in (("missing", "No such file"), ("empty", "empty"), ("binary", "zero byte"), ("large", "4 MiB"),
                               ("modules", "directory")):
            ended = self.prepare(self.root / name)
            self.assertEqual((ended.status, ended.out), (1, b""), name)
            self.assertIn(expected, ended.error)
        self.assertEqual(self.calls("stap"), [])

    def test_no_script(self):
        self.assert_usage(self.run_it("run"), "script")


class Shared(Run):
    """What stap looks up for one script is used for the next."""

    def headers_seen(self):
        return [entry["headers"] for entry in self.logged("stap", "headers")]

    def test_headers_of_its_own_tracepoints(self):
        self.assertEqual(self.prepare(self.script).status, 0)
        self.assertEqual(self.headers_seen(), [["signal.h"]])

    def test_headers_stay(self):
        """The second script gets its headers and the earlier ones; stap finds its files for that tree."""
        self.assertEqual(self.prepare(self.script).status, 0)
        other = self.root / "other.stp"
        other.write_text('probe kernel.trace("sched:sched_process_exit") { exit() }\n')
        self.assertEqual(self.prepare(other).status, 0)
        self.assertEqual(self.headers_seen(), [["signal.h"], ["sched.h", "signal.h"]])
        trees = {call["argv"][call["argv"].index("-r") + 1] for call in self.calls("stap")}
        self.assertEqual(len(trees), 1)
        self.assertEqual([entry["cached"] for entry in self.logged("stap", "cached")], [0, 1])
        for call in self.calls("stap"):
            self.assertFalse(os.path.exists(call["env"]["SYSTEMTAP_DIR"]))

    def test_all_headers_where_a_name_is_not_known(self):
        self.script.write_text('@define point %( "sched_process_exit" %)\nprobe kernel.trace(@point) { exit() }\n')
        self.assertEqual(self.prepare(self.script).status, 0)
        self.assertEqual(self.headers_seen(), [["irq.h", "oom.h", "sched.h", "signal.h", "task.h"]])

    def test_argument_that_names_one(self):
        self.script.write_text("probe kernel.trace(@1) { exit() }\n")
        self.assertEqual(self.run_it("run", "--prepare", self.script, "--", "sched_process_exit").status, 0)
        self.assertEqual(self.headers_seen(), [["sched.h"]])

    def test_alias_of_the_tapset(self):
        tapset = self.root / "tapset/linux"
        tapset.mkdir(parents=True)
        (tapset / "process.stp").write_text(
            'probe kprocess.exit = __kprocess.exit ? { x = 1 }\n'
            'probe __kprocess.exit = kernel.trace("sched_process_exit") !, kernel.function("do_exit") { }\n')
        self.script.write_text("probe kprocess.* { exit() }\n")
        self.assertEqual(self.prepare(self.script).status, 0)
        self.assertEqual(self.headers_seen(), [["sched.h"]])

    def test_mended_tapset(self):
        """Debian 12's task_start_time reads a member that its kernel no longer has."""
        folder = self.root / "tapset/linux"
        folder.mkdir(parents=True)
        (folder / "other.stp").write_text("# untouched\n")
        (folder / "task_time.stp").write_text("function task_start_time:long (tid:long) {\n  return task->real_start_time\n}\n")
        self.assertEqual(self.prepare(self.script).status, 0)
        place = self.calls("stap")[-1]["env"]["SYSTEMTAP_TAPSET"]
        self.assertIn("start_boottime", open(f"{place}/linux/task_time.stp", encoding="ascii").read())
        self.assertEqual(os.readlink(f"{place}/linux/other.stp"), str(folder / "other.stp"))
        self.assertNotIn("start_boottime", (folder / "task_time.stp").read_text())

    def test_sound_tapset_is_used_as_it_is(self):
        self.assertEqual(self.prepare(self.script).status, 0)
        self.assertIsNone(self.calls("stap")[-1]["env"]["SYSTEMTAP_TAPSET"])

    def test_failed_compilation_keeps_what_was_looked_up(self):
        for status in (1, 1, 0):
            more = {"environment": {"FAKE_STAP_SCENARIO": "members"}} if status else {}
            self.assertEqual(self.prepare(self.script, **more).status, status)
        self.assertEqual([entry["cached"] for entry in self.logged("stap", "cached")], [0, 1, 2])

    def test_tree_is_private_and_has_its_release(self):
        self.assertEqual(self.prepare(self.script).status, 0)
        words = self.compiled()
        tree = words[words.index("-r") + 1]
        self.assertEqual(open(f"{tree}/include/config/kernel.release", encoding="ascii").read(), RELEASE + "\n")
        self.assertEqual(stat.S_IMODE((self.cache / "trees").stat().st_mode), 0o700)
        self.assertIn(" T ", open(f"{tree}/System.map", encoding="ascii").read())


class Errors(Run):
    def test_members_of_a_struct(self):
        """The error has its place and its subject, not hundreds of names."""
        ended = self.prepare(self.script, environment={"FAKE_STAP_SCENARIO": "members"})
        self.assertEqual(ended.status, 1)
        for word in ("could not compile the script", "'nothing' for struct task_struct", "script.stp:3:14", "member_0"):
            self.assertIn(word, ended.error)
        self.assertLess(len(ended.error), 1500, ended.error)

    def test_progress_off_a_terminal(self):
        """One line for each pass."""
        ended = self.prepare(self.script)
        for number in range(1, 5):
            self.assertEqual(ended.error.count(f"pass {number} of 4"), 1, ended.error)
        self.assertEqual(self.prepare(self.script, "-q").err.count(b"pass"), 0)


if __name__ == "__main__":
    main()
