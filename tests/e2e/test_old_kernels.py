"""Runs without the system calls that came after Linux 3.10. Tests of other files run in this way too: old.*, CMakeLists.txt."""

import json
import platform
import subprocess
import sys
import unittest

from support import OLD_KERNEL, Case, killed, main, needs_root


@unittest.skipUnless(platform.machine() == "x86_64", "old_kernel.py knows x86_64 alone")
class OldKernel(Case):
    def on_old_kernel(self, *words):
        return self.run_it(*words, before=OLD_KERNEL)

    def test_it_is_one(self):
        run = subprocess.run([*OLD_KERNEL, sys.executable, "-c", "import os; os.memfd_create('x')"],
                             capture_output=True, text=True, check=False)
        self.assertIn("Function not implemented", run.stderr)

    @needs_root
    def test_death(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death", play=killed(victim), before=OLD_KERNEL)
        self.assert_stream(ended)
        self.assertEqual(ended.of("death")[0]["verdict"]["cause"], "kill")
        self.assertNotEqual(self.calls("stap"), [])
        self.assertNotEqual(self.calls("staprun"), [])

    def test_doctor(self):
        ended = self.on_old_kernel("doctor", "--json", "--backend", "auto", "--skip", "smoke.build,smoke.run")
        self.assertIn(ended.status, (0, 1), ended)
        report = json.loads(ended.text)
        self.assertEqual([check["id"] for check in report["checks"] if check["status"] == "error"], [])
        self.assertFalse(report["backends"]["bpf"])

    def test_words(self):
        for words, status in ((["--version"], 0), (["explain", "137"], 0), (["emit", "signal-send", "--pid", "1"], 0),
                              (["templates"], 0), (["watch", "--uid", "no-such-user"], 2)):
            with self.subTest(words=words):
                ended = self.on_old_kernel(*words)
                self.assertEqual(ended.status, status, ended)


if __name__ == "__main__":
    main()
