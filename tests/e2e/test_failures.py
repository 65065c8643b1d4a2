"""Failures: each is reported once, clearly, with what to do; nothing is left loaded or running."""

import os
import pty
import resource
import shutil
import signal
import subprocess
import time

from support import (BINARY, FAKES, IS_ROOT, KILLER, RELEASE, Case, Ended, Play, main, needs_root, records_of,
                     signal_fields, until)


class Failures(Case):
    def watch_one(self, *words, **more):
        return self.watch("--pid", os.getpid(), *words, **more)

    def empty_path(self):
        """No program of SystemTap is on PATH, and no variable names one."""
        (self.root / "bin").mkdir()
        return {"PATH": str(self.root / "bin"), "STAPKILL_STAP": "", "STAPKILL_STAPRUN": ""}


class Host(Failures):
    """Missing things are reported before anything is started."""

    def assert_reported_at_once(self, ended, *words):
        self.assert_failed(ended, *words)
        self.assertEqual(self.calls("staprun"), [])
        self.assertGreaterEqual(ended.error.count("\n"), 2, "a remedy stands below: " + ended.error)

    def test_no_stap(self):
        self.assert_reported_at_once(self.watch_one(environment=self.empty_path()), "stap", "install")

    def test_no_stap_where_it_is_named(self):
        self.assert_reported_at_once(self.watch_one(environment={"STAPKILL_STAP": "/no/such/stap"}), "stap", "install")

    def test_no_staprun(self):
        environment = {**self.empty_path(), "STAPKILL_STAP": self.environment["STAPKILL_STAP"]}
        self.assert_reported_at_once(self.watch_one(environment=environment), "staprun", "install")
        self.assertEqual(self.calls("stap"), [])

    @needs_root
    def test_no_staprun_where_it_is_named(self):
        ended = self.watch_one(environment={"STAPKILL_STAPRUN": "/no/such/staprun"})
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("/no/such/staprun", ended.error)

    def test_no_headers(self):
        shutil.rmtree(self.root / "modules")
        self.assert_reported_at_once(self.watch_one(), "headers", RELEASE, "install")
        self.assertEqual(self.calls("stap"), [])

    def test_headers_of_another_kernel(self):
        ended = self.watch_one(environment={"STAPKILL_KERNEL": "5.0.0-other"})
        self.assert_reported_at_once(ended, "headers", "5.0.0-other", "install")

    @needs_root
    def test_headers_without_a_tracepoint(self):
        (self.headers / "trace/events/signal.h").unlink()
        ended = self.watch_one()
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("signal.h", ended.error)
        self.assertEqual((self.calls("stap"), self.builds_left()), ([], []))

    def test_no_such_process(self):
        pid = self.missing_pid()
        self.assert_reported_at_once(self.watch("--pid", pid), str(pid), "--wait")
        self.assertEqual(self.calls("stap"), [])

    def test_not_root(self):
        """Reported before it compiles: it cannot use another user's cache."""
        binary = BINARY
        before = ()
        if IS_ROOT:
            if not shutil.which("setpriv"):
                self.skipTest("no setpriv")
            binary = self.root / "stapkill"
            shutil.copy(BINARY, binary)
            binary.chmod(0o755)
            for name in "stap", "staprun":  # the checkout may be where only root can read
                shutil.copy(self.environment["STAPKILL_" + name.upper()], self.root / name)
                self.environment["STAPKILL_" + name.upper()] = str(self.root / name)
            before = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--")
        (self.root / "own").mkdir()
        os.chmod(self.root / "own", 0o777)
        environment = {"STAPKILL_CACHE": str(self.root / "own/cache"), "FAKE_LOG": ""}
        ended = self.run_as(before, binary, environment)
        self.assert_failed(ended, "root", "sudo")
        self.assertEqual(ended.out, b"")
        self.assertFalse((self.root / "own/cache/modules").exists())

    def run_as(self, before, binary, environment):
        done = subprocess.run([*before, str(binary), "watch", "--backend", "stap", "--pid", str(os.getpid())],
                              capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, env={**self.environment, **environment}, cwd=self.root)
        return Ended(done.returncode, done.stdout, done.stderr)


@needs_root
class Compilation(Failures):
    def failing(self, scenario, *words):
        ended = self.watch_one(*words, environment={"FAKE_STAP_SCENARIO": scenario})
        self.assertEqual(self.calls("staprun"), [])
        self.assertEqual(self.builds_left(), [])
        return ended

    def assert_one_error(self, ended, *words):
        """On standard error once, and as the stream's one error record."""
        self.assert_failed(ended, *words)
        self.assert_stream(ended, status=1)
        errors = [record for record in ended.of("diagnostic") if record["level"] == "error"]
        self.assertEqual(len(errors), 1, errors)
        self.assertTrue(errors[0]["remedy"], errors)
        self.assertEqual(ended.of("armed"), [])

    def test_pass_2(self):
        ended = self.failing("pass2")
        self.assert_one_error(ended, "pass 2", "real_start_time", RELEASE)

    def test_pass_4(self):
        ended = self.failing("pass4")
        self.assert_one_error(ended, "pass 4", "task_work_cancel", "stapkill doctor --only stap.runtime")
        error = ended.of("diagnostic")[0]
        self.assertEqual((error["id"], error["check"]), ("runtime.task-work-cancel", "stap.runtime"))

    def test_pass_4_where_sigchld_is_ignored(self):
        """As some programs leave it for their children: the kernel then keeps no exit status."""
        ended = self.watch_one(environment={"FAKE_STAP_SCENARIO": "pass4"}, before=("sh", "-c", 'trap "" CHLD; exec "$@"', "sh"))
        self.assert_one_error(ended, "pass 4", "task_work_cancel")

    def test_in_words_that_are_not_known(self):
        ended = self.failing("new-words")
        self.assert_one_error(ended, "pass 4", "nobody has seen this before", "-v")
        self.assertEqual(ended.of("diagnostic")[0]["check"], "smoke.build")

    def test_killed(self):
        self.assert_one_error(self.failing("killed"), "SIGKILL")

    def test_no_module_made(self):
        self.assert_one_error(self.failing("no-module"), "stap")

    def test_failure_is_not_cached(self):
        self.failing("pass4")
        ended = self.watch_one("--duration", "0.1", play=Play())
        self.assertEqual(ended.status, 0)
        self.assertFalse(ended.of("armed")[0]["from_cache"])

    def known_stap(self, scenario, *words):
        """A fake whose file says how it compiles its tests of the kernel's headers, as SystemTap's does."""
        fake = self.root / "stap"
        fake.write_text((FAKES / "stap").read_text() +
                        "# CHECK_BUILD := $(CC) $(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) \n"
                        "# $(LINUXINCLUDE) $(_KBUILD_CFLAGS) $(CFLAGS_KERNEL) $(EXTRA_CFLAGS) \n")
        fake.chmod(0o755)
        ended = self.run_it(*(words or ("watch", "--prepare")),
                            environment={"FAKE_STAP_SCENARIO": scenario, "STAPKILL_STAP": str(fake)})
        calls = [call["argv"] for call in self.logged("stap", "argv") if "-p4" in call["argv"]]
        return ended, [any(word.startswith("CHECK_BUILD=") for word in argv) for argv in calls]

    def test_pass_4_by_tests_of_headers(self):
        """stap compiles them once more, in its own way."""
        ended, with_header = self.known_stap("header-tests")
        self.assertEqual((ended.status, with_header), (0, [True, False]), ended)
        self.assertEqual(self.builds_left(), [])

    def test_pass_4_in_both_ways(self):
        ended, with_header = self.known_stap("pass4")
        self.assert_failed(ended, "pass 4", "task_work_cancel")
        self.assertEqual(with_header, [True, False])

    def test_precompiled_headers_are_not_kept(self):
        ended, with_header = self.known_stap("success", "watch", "--prepare", "--keep")
        self.assertEqual((ended.status, with_header), (0, [True]), ended)
        kept = [file.name for place in self.cache.glob("build.*") for file in place.iterdir()]
        self.assertIn("command", kept)
        self.assertEqual([name for name in kept if name.endswith(".gch")], [])

    def test_an_own_script_with_an_error_is_compiled_once(self):
        script = self.root / "own.stp"
        script.write_text("probe begin { exit() }\n")
        ended, with_header = self.known_stap("own-code", "run", str(script), "--prepare")
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("'nothing' undeclared", ended.error)
        self.assertEqual(with_header, [True])

    def test_pass_2_is_tried_once(self):
        ended, with_header = self.known_stap("pass2")
        self.assert_failed(ended, "pass 2", "real_start_time")
        self.assertEqual(with_header, [True])

    def test_prepare(self):
        ended = self.run_it("watch", "--prepare", environment={"FAKE_STAP_SCENARIO": "pass4"})
        self.assert_failed(ended, "pass 4", "task_work_cancel")
        self.assertEqual(self.builds_left(), [])

    def test_stap_that_is_no_program(self):
        (self.root / "stap").write_text("no program\n")
        ended = self.watch_one(environment={"STAPKILL_STAP": str(self.root / "stap")})
        self.assertEqual(ended.status, 1, ended)
        self.assertIn(str(self.root / "stap"), ended.error)
        self.assertEqual(self.builds_left(), [])

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                self.log.unlink(missing_ok=True)
                running = self.start("watch", "--format", "jsonl", "--pid", os.getpid(),
                                     environment={"FAKE_STAP_SCENARIO": "hang"})
                until(lambda: self.logged("stap", "at"), "the compilation")
                running.signal(number)
                ended = running.end()
                self.assert_stream(ended)
                self.assertEqual(ended.of("diagnostic"), [])
                self.assertEqual(self.signals("stap"), [signal.SIGINT])
                self.assertEqual((self.calls("staprun"), self.builds_left()), ([], []))

    def test_killed_while_compiling(self):
        running = self.start("watch", "--pid", os.getpid(), environment={"FAKE_STAP_SCENARIO": "hang"})
        until(lambda: self.logged("stap", "at"), "the compilation")
        running.signal(signal.SIGKILL)
        until(lambda: self.signals("stap"), "stap's signal")
        self.assertEqual(self.signals("stap"), [signal.SIGTERM])


@needs_root
class Loading(Failures):
    """The kernel's refusals, and a staprun that ends before it should."""

    def setUp(self):
        super().setUp()
        self.prepare_cache()

    def refused(self, reason, *expected):
        ended = self.watch_one(play=Play(armed=False).step("refuse", reason))
        self.assert_failed(ended, reason, *expected)
        self.assert_stream(ended, status=1)
        errors = [record for record in ended.of("diagnostic") if record["level"] == "error"]
        self.assertTrue(errors)
        for error in errors:
            self.assertTrue(error["remedy"], error)
            self.assertTrue(error["check"], error)
        return ended

    def test_invalid_module_format(self):
        self.refused("Invalid module format", "headers")

    def test_unknown_symbol(self):
        self.refused("Unknown symbol in module", "headers")

    def test_key_rejected(self):
        self.refused("Key was rejected by service", "Secure Boot", "mokutil")

    def test_key_required(self):
        self.refused("Required key not available", "mokutil")

    def test_not_permitted(self):
        self.refused("Operation not permitted", "root")

    def test_refusal_is_reported_once(self):
        ended = self.refused("Key was rejected by service")
        self.assertEqual(ended.error.count("Key was rejected"), 1, ended.error)
        self.assertEqual(len(ended.of("diagnostic")), 1, ended.of("diagnostic"))

    def test_refusal_of_the_module_itself(self):
        """The module gives the reason; staprun's last message is the consequence."""
        why = "ERROR: module version mismatch (#1 SMP A vs #1 SMP B), release 6.1.0"
        play = Play(armed=False).step("stderr", why + "\n").step(
            "stderr", "ERROR: Couldn't insert module '/tmp/x.ko': Invalid parameters\n").step("exit", 1)
        ended = self.watch_one(play=play)
        self.assert_failed(ended, why, "reboot")
        error, = ended.of("diagnostic")
        self.assertEqual((error["id"], error["check"]), ("kernel.version-mismatch", "kernel.build"))

    def test_ends_before_it_is_armed(self):
        for step in (["exit", 0], ["exit", 1], ["kill", 9]):
            with self.subTest(step=step):
                ended = self.watch_one(play=Play(armed=False).step("hello").step(*step))
                self.assert_failed(ended, "staprun", "before the probes were armed")
                self.assert_stream(ended, status=1)

    def test_dies_while_watching(self):
        for step, expected in ((["kill", signal.SIGKILL], "SIGKILL"), (["exit", 1], "status 1"), (["exit", 0], "status 0")):
            with self.subTest(step=step):
                victim = self.target()
                play = Play().signal(KILLER, victim, signal.SIGUSR1).returned(KILLER).settled().step(*step)
                ended = self.watch("--pid", victim.pid, play=play)
                self.assert_failed(ended, "staprun", expected, "while watching")
                self.assert_stream(ended, status=1)
                self.assertEqual(len(ended.of("signal")), 1)
                self.assertEqual([record["level"] for record in ended.of("diagnostic")], ["error"])

    def test_ends_beside_its_target(self):
        """A shutdown, a service manager or SysRq ends staprun too, perhaps before the watch is over."""
        victim = self.target()
        play = Play().settled().signal(KILLER, victim).ended(victim, signal.SIGKILL).step("exit", 0)
        ended = self.watch("--pid", victim.pid, "--until-death", play=play)
        self.assert_stream(ended)
        self.assertEqual(len(ended.of("death")), 1)
        self.assertEqual(ended.of("diagnostic"), [])

    def test_dies_with_words(self):
        words = "ERROR: MAXACTION exceeded near operator '{' at watch.stp:1:1"
        ended = self.watch_one(play=Play().settled().step("stderr", words + "\n").step("exit", 1))
        self.assert_failed(ended, "MAXACTION exceeded", "-DMAXACTION")
        self.assert_stream(ended, status=1)

    def test_warning_is_reported_and_the_watch_goes_on(self):
        words = "WARNING: There were 3 transport failures. Try stap -s to increase the buffer size from 16."
        victim = self.target()
        play = Play().step("stderr", words + "\n").signal(KILLER, victim).returned(KILLER).ended(victim, 9)
        ended = self.watch("--pid", victim.pid, "--until-death", play=play)
        self.assert_stream(ended)
        self.assertEqual([record["level"] for record in ended.of("diagnostic")], ["warning"])
        self.assertIn("-s64", ended.error)
        self.assertEqual([record["check"] for record in ended.of("diagnostic")], [None])

    def test_larger_buffer_reaches_staprun(self):
        """stap would pass its -s to staprun: so does stapkill."""
        for words in (["--stap-arg=-s64"], ["--stap-arg=-s", "--stap-arg=64"]):
            with self.subTest(words=words):
                self.log.unlink(missing_ok=True)
                self.assert_stream(self.watch_one("--duration", "0.1", *words, play=Play()))
                argv = self.calls("staprun")[0]["argv"]
                self.assertEqual(argv[argv.index("-b") + 1], "64")

    def test_module_of_another_version(self):
        ended = self.watch_one(play=Play(armed=False).step("hello", 99))
        self.assert_failed(ended, "99", str(self.cache))
        self.assert_stream(ended, status=1)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_targets_file_that_cannot_be_written(self):
        """A link in its place is not followed."""
        play = Play(armed=False).step("hello").touch(self.root / "loaded").wait(self.root / "go")
        running = self.start("watch", "--format", "jsonl", "--pid", os.getpid(), play=play)
        until((self.root / "loaded").exists, "the module to be loaded")
        module = f"stapkill_{self.calls('staprun')[0]['pid']}"
        (self.root / "elsewhere").touch()
        (self.proc / module).mkdir()
        (self.proc / module / "targets").symlink_to(self.root / "elsewhere")
        running.until_out('"stap.targets"')
        running.signal(signal.SIGTERM)
        running.end()
        self.assertEqual((self.root / "elsewhere").read_text(), "")


@needs_root
class Signals(Failures):
    """However stapkill ends, staprun gets one SIGINT and the module is unloaded."""

    def setUp(self):
        super().setUp()
        self.prepare_cache()

    def armed(self, *words, play=None, **more):
        running = self.start("watch", "--format", "jsonl", "--pid", os.getpid(), *words, play=play or Play(), **more)
        running.until_out('"armed"')
        return running

    def ended_by(self, *numbers, running=None, group=False):
        running = running or self.armed(start_new_session=group)
        for number in numbers:
            os.killpg(running.pid, number) if group else running.signal(number)
        ended = running.end()
        self.assert_stream(ended)
        return ended

    def test_sigint(self):
        self.ended_by(signal.SIGINT)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])
        self.assertEqual(list(self.proc.iterdir()), [])

    def test_sigterm(self):
        self.ended_by(signal.SIGTERM)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_sighup(self):
        self.ended_by(signal.SIGHUP)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_ctrl_c_reaches_staprun_once(self):
        """The terminal's ^C goes to the whole foreground group; at a third SIGINT staprun would give up."""
        self.ended_by(signal.SIGINT, group=True)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_impatient_ctrl_c(self):
        """A second and a third ^C do not interrupt the unloading."""
        self.ended_by(signal.SIGINT, signal.SIGINT, signal.SIGINT, running=self.armed(play=Play().step("deaf", 1)))
        self.assertEqual(self.signals("staprun"), [signal.SIGINT, signal.SIGINT])

    def test_before_it_is_armed(self):
        play = Play(armed=False).step("hello").touch(self.root / "loaded").wait(self.root / "never")
        running = self.start("watch", "--format", "jsonl", "--pid", os.getpid(), play=play)
        until((self.root / "loaded").exists, "the module to be loaded")
        running.signal(signal.SIGINT)
        ended = running.end()
        self.assert_stream(ended)
        self.assertEqual(ended.of("armed"), [])
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_events_at_the_end_are_emitted(self):
        """Events that were on their way when it was interrupted."""
        victim = self.target()
        play = Play().signal(KILLER, victim, signal.SIGUSR1).touch(self.root / "written")
        running = self.start("watch", "--format", "jsonl", "--pid", victim.pid, play=play)
        until((self.root / "written").exists, "the record")
        running.signal(signal.SIGINT)
        ended = running.end()
        self.assert_stream(ended)
        self.assertEqual(len(ended.of("signal")), 1)

    def test_sigkill(self):
        running = self.armed()
        running.signal(signal.SIGKILL)
        until(lambda: self.signals("staprun"), "staprun's signal")
        self.assertEqual(self.signals("staprun"), [signal.SIGTERM])
        until(lambda: not list(self.proc.iterdir()), "the module's end")

    def test_sigquit(self):
        """A signal that stapkill does not handle ends it; the kernel signals staprun."""
        running = self.armed()
        running.signal(signal.SIGQUIT)
        until(lambda: self.signals("staprun"), "staprun's signal")


@needs_root
class Writing(Failures):
    """Readers that close the pipe or are slow, and full disks."""

    def setUp(self):
        super().setUp()
        self.prepare_cache()

    def test_reader_that_has_gone(self):
        """`| head -1`: the next record shows that nobody reads."""
        victim = self.target()
        play = Play().wait(self.root / "go")
        for _ in range(3):
            play.signal(KILLER, victim, signal.SIGUSR1).returned(KILLER)
        for form in ("jsonl", "text"):
            with self.subTest(form=form):
                (self.root / "go").unlink(missing_ok=True)
                self.log.unlink()
                ends = os.pipe()
                running = self.start("watch", "--format", form, "--pid", victim.pid, play=play, stdout=ends[1])
                os.close(ends[1])
                os.read(ends[0], 1)
                os.close(ends[0])
                (self.root / "go").touch()
                ended = running.end()
                self.assertEqual((ended.status, ended.err), (0, b""))
                self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_full_disk(self):
        for words in (["--output", "/dev/full"], ["--record", "/dev/full"]):
            with self.subTest(words=words):
                ended = self.run_it("watch", "--pid", os.getpid(), *words, play=Play())
                self.assert_failed(ended, "/dev/full", os.strerror(28))

    def test_full_standard_output(self):
        with open("/dev/full", "wb") as full:
            for words in (["watch", "--pid", os.getpid()], ["watch", "--pid", os.getpid(), "--format", "jsonl"]):
                ended = self.run_it(*words, play=Play(), stdout=full)
                self.assert_failed(ended, "standard output", os.strerror(28))
            for words in (["templates"], ["templates", "--json"], ["--help"], ["emit", "watch"]):
                with self.subTest(words=words):
                    ended = self.run_it(*words, stdout=full)
                    self.assertEqual(ended.status, 1, ended)
                    self.assertIn(os.strerror(28), ended.error)

    def test_closed_pipe(self):
        """A reader that closes the pipe ends the watch."""
        for words in (["templates"], ["templates", "--json"], ["--help"], ["emit", "watch"]):
            with self.subTest(words=words):
                ends = os.pipe()
                os.close(ends[0])
                ended = self.run_it(*words, stdout=ends[1])
                os.close(ends[1])
                self.assertEqual((ended.status, ended.err), (0, b""))

    def test_disk_that_fills_up(self):
        """The watch ends with status 1 and the module is unloaded."""
        victim, path = self.target(), self.root / "stream"
        play = Play().wait(self.root / "go")
        for _ in range(10):
            play.signal(KILLER, victim, signal.SIGUSR1).returned(KILLER)
        # restore_signals=False leaves SIGXFSZ ignored: write(2) fails as it does on a full disk.
        running = self.start("watch", "--format", "jsonl", "--pid", victim.pid, "--output", path, play=play,
                             restore_signals=False)
        until(lambda: path.exists() and b'"armed"' in path.read_bytes(), "the armed record")
        room = path.stat().st_size + 10
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (room, room))
        (self.root / "go").touch()
        self.assert_failed(running.end(), str(path), os.strerror(27))
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_one_sink_of_two_fails(self):
        """The other output has its whole stream, with the error and the summary."""
        path = self.root / "record"
        ended = self.run_it("watch", "--pid", os.getpid(), "--output", "/dev/full", "--record", path, play=Play())
        self.assertEqual(ended.status, 1)
        records = records_of(path.read_text())
        self.assertEqual([record["type"] for record in records if record["type"] != "armed"],
                         ["session", "diagnostic", "summary"])
        self.assertIn("/dev/full", records[-2]["message"])

    def flooded(self, stdout, *words, block=64):
        """A watch whose reader does not read, when all its pipes are full."""
        victim = self.target()
        fields = signal_fields(KILLER, victim, signal.SIGUSR1, code=0x80, call=-1)
        play = Play().step("flood", 100_000, "S", fields, block)
        running = self.start("watch", "--format", "jsonl", "--pid", victim.pid, *words, play=play, stdout=stdout)
        self.until_still(running.pid)
        return running

    @staticmethod
    def has_read(pid):
        with open(f"/proc/{pid}/io", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("rchar"))

    def until_still(self, pid):
        """Waits until a process has read something, and then nothing for a while: it is blocked."""
        # Without what a wrapper has read that runs first in this process.
        until(lambda: os.path.samefile(f"/proc/{pid}/exe", BINARY), "stapkill to run")
        begun = self.has_read(pid)
        last, since = 0, time.monotonic()

        def still():
            nonlocal last, since
            done = self.has_read(pid) - begun
            if done != last:
                last, since = done, time.monotonic()
            return done > 200_000 and time.monotonic() - since > 0.5

        until(still, "the pipes to be full")

    def test_slow_reader_does_not_hold_up_sigterm(self):
        ends = os.pipe()
        self.addCleanup(os.close, ends[0])
        running = self.flooded(ends[1])
        os.close(ends[1])
        running.signal(signal.SIGTERM)
        ended = running.end(20)
        self.assertEqual(ended.status, 1, ended)  # nobody read the summary
        self.assertIn(b"output was truncated", ended.err)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_slow_reader_and_much_at_the_end(self):
        """staprun's last output is read, even if nobody reads stapkill's output."""
        ends = os.pipe()
        self.addCleanup(os.close, ends[0])
        running = self.flooded(ends[1], block=50_000)
        os.close(ends[1])
        running.signal(signal.SIGTERM)
        ended = running.end(25)
        self.assertEqual(ended.status, 1, ended)  # nobody read the summary
        self.assertIn(b"output was truncated", ended.err)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_slow_reader_slows_the_source(self):
        """Memory stays bounded: unread output stays in the pipes."""
        ends = os.pipe()
        self.addCleanup(os.close, ends[0])
        running = self.flooded(ends[1])
        os.close(ends[1])
        self.assertLess(self.has_read(running.pid), 5_000_000)
        running.signal(signal.SIGKILL)

    def test_reader_that_goes_while_it_is_slow(self):
        ends = os.pipe()
        running = self.flooded(ends[1])
        os.close(ends[1])
        os.close(ends[0])
        ended = running.end(20)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_reader_that_is_slow_gets_all(self):
        ends = os.pipe()
        running = self.flooded(ends[1], "--count", 100_000)
        os.close(ends[1])
        lines, last = 0, b""
        with open(ends[0], "rb") as stream:
            for line in stream:
                lines += 1
                last = line
        self.assertEqual(running.end().status, 0)
        summary = records_of(last.decode())[0]
        self.assertEqual((summary["type"], summary["signals"], summary["lost"]), ("summary", 100_000, 0))
        self.assertEqual(lines, 100_003)


@needs_root
class Loss(Failures):
    """Lost events are counted and reported."""

    def lost(self, play, *words):
        victim = self.target()
        play = play(victim) if callable(play) else play
        ended = self.watch("--pid", victim.pid, "--duration", "0.5", *words, play=play)
        records = self.assert_stream(ended)
        return records[-1]["lost"], ended

    def test_gap(self):
        lost, ended = self.lost(lambda victim: Play().skip(5).signal(KILLER, victim, signal.SIGUSR1).returned(KILLER))
        self.assertEqual(lost, 5)
        self.assertEqual([record["count"] for record in ended.of("loss")], [5])
        self.assertTrue(ended.of("loss")[0]["where"])

    def test_gaps_of_several_cpus(self):
        play = Play().skip(2, 1).line("R", "4000060 1 x", 1).skip(3).line("R", "4000060 1 y")
        play.skip(4, 2).line("R", "4000060 1 z", 2)
        self.assertEqual(self.lost(play)[0], 9)

    def test_gap_at_the_end(self):
        """The module writes the last number of each CPU when it ends."""
        self.assertEqual(self.lost(Play().skip(6))[0], 6)

    def test_gap_at_the_end_of_another_cpu(self):
        self.assertEqual(self.lost(Play().line("R", "4000060 1 x", 3).skip(7, 3))[0], 7)

    def test_cpu_of_which_nothing_arrived(self):
        self.assertEqual(self.lost(Play().skip(8, 5))[0], 8)

    def test_skipped_probes(self):
        """Probes that SystemTap skipped took no number; it prints their count at the end."""
        lost, ended = self.lost(Play().step("stderr", "WARNING: Number of errors: 0, skipped probes: 12\n"))
        self.assertEqual(lost, 12)
        self.assertIn("12", ended.error)

    def test_nothing_lost(self):
        play = Play().line("R", "4000060 1 x", 1).line("R", "4000060 1 y").line("R", "4000060 1 z", 2)
        lost, ended = self.lost(play)
        self.assertEqual((lost, ended.of("loss")), (0, []))

    def test_loss_makes_a_verdict_less_certain(self):
        victim = self.target()
        play = Play().skip(5).signal(KILLER, victim).returned(KILLER).ended(victim, 9)
        ended = self.watch("--pid", victim.pid, "--until-death", play=play)
        self.assertEqual(ended.of("death")[0]["verdict"]["confidence"], "likely")

    DAMAGED = ["garbage\n", "S\n", "S 0\n", "Q x 1 1 x\n", "S x 1 1 9\n", " \n", "\x00\n", "\x1b[2J\n", "{}\n",
               "R 0 99999999999999999999999 1 1 1 x\n", "x" * 50_000 + "\n"]

    def test_damaged_lines(self):
        for text in self.DAMAGED:
            with self.subTest(text=text[:40]):
                play = lambda victim: (Play().step("raw", text).signal(KILLER, victim, signal.SIGUSR1)  # noqa: E731
                                       .returned(KILLER).ended(victim, 0))
                lost, ended = self.lost(play, "--until-death")
                self.assertEqual(lost, 1, ended)
                self.assertEqual((len(ended.of("signal")), len(ended.of("death"))), (1, 1))

    def test_damaged_fields(self):
        """A damaged line whose number was read counts as one loss, and not again as a gap."""
        for fields in ("4000060 1", "4000060 1 %zz", "4000060 1 %4", "4000060 1 x y", "4000060 one x", "4000060  x"):
            with self.subTest(fields=fields):
                play = lambda victim: Play().line("R", fields).ended(victim, 0)  # noqa: E731
                lost, ended = self.lost(play, "--until-death")
                self.assertEqual((lost, len(ended.of("death"))), (1, 1), ended)

    def test_last_line_is_cut_off(self):
        """staprun died in the middle of a line: that event is lost."""
        victim = self.target()
        play = Play().step("raw", f"S 0 4 1 {signal_fields(KILLER, victim)[:30]}").settled().step("kill", signal.SIGKILL)
        ended = self.watch("--pid", victim.pid, play=play)
        self.assertEqual(ended.status, 1)
        self.assertEqual(ended.records[-1]["lost"], 1)


@needs_root
class Terminals(Failures):
    def test_hangup_of_the_terminal(self):
        """The terminal is closed: writes fail, and the module is unloaded."""
        self.prepare_cache()
        victim = self.target()
        master, slave = pty.openpty()
        play = Play().touch(self.root / "armed").wait(self.root / "go")
        for _ in range(3):
            play.signal(KILLER, victim, signal.SIGUSR1).returned(KILLER)
        running = self.start("watch", "--pid", victim.pid, play=play, stdout=slave, stderr=slave)
        until((self.root / "armed").exists, "the probes")
        os.close(slave)
        os.close(master)
        (self.root / "go").touch()
        running.end()
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])


if __name__ == "__main__":
    main()
