"""The binary of `scripts/build-static`, in a root that contains nothing else."""

import json
import os
import shutil
import struct
import subprocess
import unittest

from support import Case, Ended, main, needs_root

STATIC = os.environ.get("STAPKILL_STATIC_BINARY", "")
PT_DYNAMIC, PT_INTERP = 2, 3


@unittest.skipUnless(STATIC, "this build has no static binary: STAPKILL_STATIC_BINARY")
class Static(Case):
    def alone(self, *words):
        """Runs it with an empty root, environment and /dev."""
        place = self.root / "alone"
        place.mkdir(exist_ok=True)
        shutil.copy(STATIC, place / "stapkill")

        def enter():
            os.chroot(place)
            os.chdir("/")

        done = subprocess.run(["/stapkill", *words], capture_output=True, stdin=subprocess.DEVNULL, env={}, check=False,
                              preexec_fn=enter, timeout=60)
        self.assertEqual([entry.name for entry in place.iterdir()], ["stapkill"], "it left something there")
        return Ended(done.returncode, done.stdout, done.stderr)

    def test_no_loader_and_no_libraries(self):
        with open(STATIC, "rb") as file:
            image = file.read()
        self.assertEqual(image[:6], b"\x7fELF\2\1")
        offset, = struct.unpack_from("<Q", image, 32)
        size, count = struct.unpack_from("<HH", image, 54)
        kinds = [struct.unpack_from("<I", image, offset + size * each)[0] for each in range(count)]
        self.assertNotIn(PT_INTERP, kinds)
        self.assertNotIn(PT_DYNAMIC, kinds)

    def test_nothing_that_would_load_the_hosts(self):
        with open(STATIC, "rb") as file:
            image = file.read()
        self.assertEqual([word for word in (b"nsswitch.conf", b"libnss_") if word in image], [])

    @needs_root
    def test_words(self):
        ended = self.alone("--version")
        self.assertEqual((ended.status, ended.err), (0, b""), ended)
        self.assertIn("backends: stap bpf\n", ended.text)
        for words in (["explain", "137"], ["explain", "SIGKILL"], ["watch", "--help"], ["templates"],
                      ["emit", "signal-send", "--pid", "1"], ["completion", "bash"]):
            with self.subTest(words=words):
                ended = self.alone(*words)
                self.assertEqual((ended.status, ended.err), (0, b""), ended)
                self.assertGreater(len(ended.text), 300)

    @needs_root
    def test_doctor(self):
        """It cannot watch there, and says so."""
        ended = self.alone("doctor", "--json", "--backend", "auto")
        self.assertEqual(ended.status, 1, ended)
        report = json.loads(ended.text)
        self.assertFalse(report["ready"] and not report["backends"]["bpf"])
        self.assertEqual([check for check in report["checks"] if check["status"] == "error"], [])
        self.assertFalse(report["backends"]["stap"])

    @needs_root
    def test_watch(self):
        for backend in ("stap", "bpf"):
            ended = self.alone("watch", "--backend", backend, "--pid", "1", "--duration", "1")
            self.assertIn(ended.status, (1, 2), ended)
            self.assertIn("stapkill watch: ", ended.error)

    @needs_root
    def test_user_that_nobody_can_be_asked_about(self):
        ended = self.alone("watch", "--uid", "alice")
        self.assert_usage(ended, "there is no user 'alice' in /etc/passwd", "getent", "id -u alice")


if __name__ == "__main__":
    main()
