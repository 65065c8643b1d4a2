"""`emit --run`: the script's output passes through, and the module is always unloaded."""

import os
import signal
import time

from support import IS_ROOT, PATIENCE, Case, Play, main, needs_root


class Run(Case):
    def printing(self, text):
        return Play(armed=False).step("raw", text)

    def run_script(self, *more, **options):
        return self.run_it("emit", "exec-snoop", "--run", *more, **options)

    @needs_root
    def test_output_passes_through(self):
        text = "watching\n\tany bytes: \x1b \xe9 " + "x" * 100_000 + "\n"
        ended = self.run_script(play=self.printing(text).step("exit", 0))
        self.assertEqual((ended.status, ended.out), (0, text.encode("latin-1")), ended.err)
        self.assertEqual(self.builds_left(), [])

    @needs_root
    def test_compiled_once(self):
        for _ in range(2):
            self.assertEqual(self.run_script(play=self.printing("x\n").step("exit", 0)).status, 0)
        self.assertEqual(len(self.calls("stap")), 1)
        self.run_script("--set", "uid=0", play=self.printing("x\n").step("exit", 0))
        self.assertEqual(len(self.calls("stap")), 2)

    def test_only_prepared(self):
        ended = self.run_it("emit", "exec-snoop", "--prepare")
        self.assertEqual((ended.status, ended.out), (0, b""), ended.err)
        self.assertEqual((len(self.calls("stap")), self.calls("staprun")), (1, []))
        arguments = self.calls("stap")[0]["argv"]
        self.assertIn("-p4", arguments)
        self.assertEqual(arguments[arguments.index("-m") + 1], "stapkill_scripted")

    @needs_root
    def test_ended_by_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                ready = self.root / f"ready{int(number)}"
                running = self.start("emit", "exec-snoop", "--run", play=self.printing("begun\n").touch(ready))
                deadline = time.monotonic() + PATIENCE
                while not ready.exists() and time.monotonic() < deadline:
                    time.sleep(0.01)
                running.process.send_signal(number)
                ended = running.end(PATIENCE)
                self.assertEqual((ended.status, ended.out), (0, b"begun\n"), ended.err)
                self.assertEqual(self.signals("staprun")[-1], signal.SIGINT)

    @needs_root
    def test_duration(self):
        begun = time.monotonic()
        ended = self.run_script("--duration", "0.5", play=self.printing("begun\n"))
        self.assertEqual((ended.status, ended.out), (0, b"begun\n"), ended.err)
        self.assertGreaterEqual(time.monotonic() - begun, 0.5)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    @needs_root
    def test_reader_that_goes(self):
        read, write = os.pipe()
        running = self.start("emit", "exec-snoop", "--run", stdout=write,
                             play=self.printing("first\n").wait(self.root / "closed").step("raw", "second\n"))
        os.close(write)
        self.assertEqual(os.read(read, 6), b"first\n")
        os.close(read)
        (self.root / "closed").touch()
        self.assertEqual(running.process.wait(PATIENCE), 0)

    @needs_root
    def test_error_of_the_script(self):
        """It has a known message, and a remedy."""
        play = self.printing("x\n").step("stderr", "ERROR: MAXACTION exceeded near a at b:1:1\n").step("exit", 1)
        ended = self.run_script(play=play)
        self.assertEqual((ended.status, ended.out), (1, b"x\n"))
        self.assertIn("MAXACTION exceeded", ended.error)
        self.assertIn("--stap-arg=-DMAXACTION", ended.error)

    @needs_root
    def test_refused_module(self):
        ended = self.run_script(play=Play(armed=False).step("refuse", "Operation not permitted"))
        self.assertEqual(ended.status, 1)
        self.assertIn("Operation not permitted", ended.error)

    @needs_root
    def test_compilation_that_fails(self):
        ended = self.run_script(environment={"FAKE_STAP_SCENARIO": "pass2"})
        self.assertEqual((ended.status, ended.out), (1, b""))
        self.assertIn("real_start_time", ended.error)
        self.assertEqual(self.builds_left(), [])

    @needs_root
    def test_interrupted_compilation(self):
        running = self.start("emit", "exec-snoop", "--run", environment={"FAKE_STAP_SCENARIO": "hang"})
        deadline = time.monotonic() + PATIENCE
        while not self.logged("stap", "at") and time.monotonic() < deadline:
            time.sleep(0.01)
        running.process.send_signal(signal.SIGINT)
        self.assertEqual(running.end(PATIENCE).status, 0)
        self.assertEqual((self.builds_left(), self.calls("staprun")), ([], []))

    def test_without_systemtap(self):
        for environment in ({"STAPKILL_STAP": "/no/such/stap"}, {"STAPKILL_KERNEL": "5.0.0-other"}):
            ended = self.run_script(environment=environment)
            self.assertEqual((ended.status, ended.out), (1, b""))
            self.assertIn("install", ended.error)

    def test_options_that_need_it(self):
        for words in (("--duration", "1"), ("--stap-arg", "-v"), ("--keep",)):
            self.assert_usage(self.run_it("emit", "exec-snoop", *words), words[0])
        for word in ("0", "-1", "x", "1e99"):
            self.assert_usage(self.run_script(f"--duration={word}"), "--duration", word)

    def test_wrong_values_run_nothing(self):
        self.assert_usage(self.run_script("--set", "uid=x"), "uid", "x")
        self.assertEqual(self.calls("stap"), [])

    def test_program_that_is_not_there(self):
        if not IS_ROOT:
            self.skipTest("needs root")
        ended = self.run_it("emit", "call-trace", "--set", "where=/no/such/program", "--run")
        self.assertEqual(ended.status, 1)
        self.assertIn("/no/such/program", ended.error)


if __name__ == "__main__":
    main()
