"""The choice of the backend: --backend, what `auto` uses and says about it, and options that only one backend has."""

import json
import os
import re
import shutil
import signal
import unittest

from support import BINARY, IS_ROOT, Case, Play, backends_built, has_bpf, killed, main, needs_root


class Backends(Case):
    backend = None

    def ready(self, name, **more):
        """Whether doctor says that this backend is ready here."""
        ended = self.run_it("doctor", "--json", "--backend", name, "--skip", "smoke.build,smoke.run", **more)
        return json.loads(ended.text)["backends"][name]

    def first_failure(self, name, **more):
        """Id and message of the first check that keeps this backend from watching."""
        diagnosis = json.loads(self.run_it("doctor", "--json", "--backend", name, "--skip", "smoke.build,smoke.run", **more).text)
        return next((check["id"], check["message"]) for check in diagnosis["checks"]
                    if check["required"] and check["status"] in ("fail", "error"))

    def choice(self, ended):
        """The one line about the backend."""
        lines = [line for line in ended.error.splitlines() if line.startswith("stapkill: backend: ")]
        self.assertEqual(len(lines), 1, ended.error)
        return lines[0].removeprefix("stapkill: backend: ")

    def start_that_fails(self, *words, **more):
        """A watch that ends before any probe is made: its target does not exist."""
        ended = self.run_it("watch", "--pid", self.missing_pid(), *words, **more)
        self.assertEqual((ended.status, ended.out), (1, b""), ended)
        return ended


class Auto(Backends):
    WITHOUT_STAP = {"STAPKILL_STAP": "/no/such/stap", "STAPKILL_STAPRUN": "/no/such/staprun"}

    def test_without_stap(self):
        choice = self.choice(self.start_that_fails(environment=self.WITHOUT_STAP))
        name, message = self.first_failure("stap", environment=self.WITHOUT_STAP)
        self.assertEqual(name, "stap.present")
        if not has_bpf():
            self.assertEqual(choice, "stap (this build has no other)")
        elif self.ready("bpf"):
            self.assertEqual(choice, f"bpf, because {message} (stap: stap.present)")
        else:
            neither = f"stap, although {message} (stap: stap.present); bpf is not ready either: "
            self.assertTrue(choice.startswith(neither), choice)

    def test_by_doctors_result(self):
        """With the fake SystemTap: the result depends on whether this machine loads modules."""
        choice = self.choice(self.start_that_fails())
        if not has_bpf():
            self.assertEqual(choice, "stap (this build has no other)")
        elif self.ready("stap"):
            self.assertEqual(choice, "stap (its toolchain is ready here)")
        else:
            name, message = self.first_failure("stap")
            self.assertIn(f"{message} (stap: {name})", choice)
            self.assertEqual(choice.startswith("bpf, because "), self.ready("bpf"))

    @needs_root
    def test_a_recorder_prefers_bpf(self):
        recorder = self.start("record", "--store", self.root / "store", "--max-size", "8M")
        recorder.until_err("backend: ")
        recorder.signal(signal.SIGINT)
        choice = re.search(r"backend: (.*)", recorder.end().error).group(1)
        if has_bpf() and self.ready("bpf"):
            self.assertEqual(choice, "bpf (it can watch here)")
        else:
            self.assertTrue(choice.startswith("stap"), choice)

    @needs_root
    def test_from_the_cache_no_program_is_run(self):
        """A start from the cache stays quick: it does not ask for SystemTap's version."""
        self.prepare_cache()
        self.log.unlink()
        self.choice(self.start_that_fails())
        self.assertEqual(self.logged("stap") + self.logged("staprun"), [])

    def test_said_by_name(self):
        self.choice(self.start_that_fails("--backend", "auto"))

    def test_quiet(self):
        for words in ([], ["--backend", "auto"]):
            self.assertNotIn("backend", self.start_that_fails("--quiet", *words).error)

    def test_nothing_to_say_where_one_is_named(self):
        for name in ("stap", "bpf") if has_bpf() else ("stap",):
            self.assertNotIn("backend", self.start_that_fails("--backend", name).error)

    def test_options_of_stap_alone_decide(self):
        for words in (["--keep"], ["--retune"], ["--stap-arg=-v"]):
            with self.subTest(words=words):
                name = words[0].split("=")[0]
                expected = f"stap (only it has {name})"
                self.assertEqual(self.choice(self.start_that_fails(*words)), expected)

    @needs_root
    def test_options_of_stap_alone_watch_with_it(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death", "--keep", play=killed(victim))
        self.assertEqual(self.assert_stream(ended)[0]["backend"], "stap")
        self.assertEqual(self.choice(ended), "stap (only it has --keep)")

    def test_prepare_is_of_stap(self):
        ended = self.run_it("watch", "--prepare")
        self.assertEqual(ended.status, 0, ended)
        self.assertNotIn("backend", ended.error)

    @unittest.skipUnless(IS_ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_as_another_user(self):
        binary = self.root / "stapkill"
        shutil.copy(BINARY, binary)
        ended = self.run_it("watch", "--pid", "1", environment={"ASAN_OPTIONS": "detect_leaks=0"}, binary=binary,
                            before=["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"])
        self.assert_failed(ended, "sudo" if has_bpf() else "")
        if has_bpf():
            for word in ("no backend can run here: stap: ", "; bpf: ", "CAP_BPF and CAP_PERFMON", "--backend auto"):
                self.assertIn(word, ended.error)

    @needs_root
    def test_neither(self):
        """If no backend can watch, stap's own error says what to do."""
        if has_bpf() and self.ready("bpf"):
            self.skipTest("bpf can watch here")
        ended = self.run_it("watch", "--pid", os.getpid(), environment=self.WITHOUT_STAP)
        self.assert_failed(ended, "there is no stap on PATH")


class Usage(Backends):
    def assert_refused(self, words, *expected):
        with self.subTest(words=words):
            self.assert_usage(self.run_it("watch", "--all", *words), *expected)

    def test_unknown(self):
        for name in ("nosuch", "", "STAP", "stap,bpf"):
            self.assert_refused(["--backend", name], "--backend", f"'{name}'")

    def test_options_of_stap_with_bpf(self):
        for words in (["--stap-arg=-v"], ["--retune"], ["--keep"], ["--prepare"], ["--kernel", "6.1.0"]):
            self.assert_refused(["--backend", "bpf", *words], words[0].split("=")[0], "--backend stap")

    def test_buffer_sizes(self):
        for word in ("", "0", "abc", "4095", "3K", "2G", "1025M", "8m", "8MB", "-8M", "1.5M", "99999999999999999999"):
            self.assert_refused(["--buffer-size", word], "--buffer-size", f"'{word}'" if word else "--buffer-size")

    def test_help(self):
        text = self.run_it("watch", "--help").text
        self.assertIn("--backend", text)
        self.assertIn("--buffer-size", text)
        self.assertEqual("this build has no bpf" in text, not has_bpf())

    def test_backends_that_are_not_built(self):
        self.assertIn("stap", backends_built())
        if has_bpf():
            self.skipTest("this build has all of them")
        ended = self.run_it("watch", "--all", "--backend", "bpf")
        self.assert_failed(ended, "this build has no bpf backend", "--backend stap")
        self.assertEqual(ended.out, b"")


@needs_root
class Stap(Backends):
    def buffers(self, *words):
        """The size of the buffers in staprun's arguments."""
        self.log.unlink(missing_ok=True)
        ended = self.watch("--backend", "stap", "--pid", os.getpid(), "--duration", "0.1", *words, play=Play())
        self.assert_stream(ended)
        argv = self.calls("staprun")[0]["argv"]
        return argv[argv.index("-b") + 1] if "-b" in argv else None

    def test_buffer_size_in_whole_mebibytes(self):
        self.assertIsNone(self.buffers())
        for word, size in (("4K", "1"), ("1M", "1"), ("3000K", "3"), ("64M", "64"), ("1G", "1024")):
            with self.subTest(word=word):
                self.assertEqual(self.buffers("--buffer-size", word), size)

    def test_staps_own_option_counts(self):
        self.assertEqual(self.buffers("--buffer-size", "2M", "--stap-arg=-s64"), "64")


@needs_root
@unittest.skipUnless(has_bpf(), "this build has no bpf backend")
class Bpf(Backends):
    """The real one, on this machine's own kernel."""

    def setUp(self):
        super().setUp()
        if not self.ready("bpf"):
            self.skipTest("this machine cannot watch with bpf")

    def watch_script(self, *words, **more):
        ended = self.watch(*words, "--", "/bin/sh", "-c", "kill -TERM $$", **more)
        records = self.assert_stream(ended)
        self.assertEqual(records[0]["backend"], "bpf")
        self.assertTrue(ended.of("armed"))
        death, = ended.of("death")
        self.assertEqual((death["exit"]["signal"], death["verdict"]["cause"]), (signal.SIGTERM, "self"), death)
        return ended

    def test_named(self):
        self.watch_script("--backend", "bpf")

    def test_taken_by_auto(self):
        ended = self.watch_script(environment=Auto.WITHOUT_STAP)
        self.assertTrue(self.choice(ended).startswith("bpf, because "), ended.error)

    def test_buffer_size(self):
        # Not so small that forks of other tests could fill it; live.tiny_buffer tests that.
        for word in ("700000", "512K", "1M"):
            with self.subTest(word=word):
                self.watch_script("--backend", "bpf", "--buffer-size", word)


if __name__ == "__main__":
    main()
