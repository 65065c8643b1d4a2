"""The recorder as a service: what the service manager hears of it, its unit and the journal's catalog."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from support import BINARY, KILLER, Case, Play, argv_of, killed, main, until

BUILD = Path(BINARY).resolve().parent
MOST_EXPOSURE = 2.5


class Manager:
    """A service manager's socket (sd_notify(3))."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(0.05)
        self.heard = []

    def listen(self):
        try:
            while True:
                self.heard.append(self.socket.recv(65536).decode())
        except TimeoutError:
            return self.heard

    def hears(self, words):
        return until(lambda: next((one for one in self.listen() if words in one), None), words)


class Notified(Case):
    def manager_at(self, address):
        manager = Manager(address)
        self.addCleanup(manager.socket.close)
        return manager

    def start_recorder(self, play, address, *options, watchdog="1000000"):
        return self.start("record", "--backend", "stap", "--store", self.root / "store", *options, play=play,
                          environment={"NOTIFY_SOCKET": address.replace("\0", "@"), "WATCHDOG_USEC": watchdog})

    def play_of_one_death(self):
        target = self.target()
        play = Play(armed=False).touch(self.root / "started").wait(self.root / "go").step("arm").settled()
        play.steps += killed(target).steps[1:]
        return play

    def test_ready_once_armed_and_alive_until_stopped(self):
        for address in (str(self.root / "notify"), f"\0stapkill-e2e-{os.getpid()}"):
            with self.subTest(address=address):
                shutil.rmtree(self.root / "store", ignore_errors=True)
                for name in ("go", "started"):
                    (self.root / name).unlink(missing_ok=True)
                manager = self.manager_at(address)
                recorder = self.start_recorder(self.play_of_one_death(), address)
                until((self.root / "started").exists, "the probes")
                self.assertEqual(manager.listen(), [])
                (self.root / "go").touch()
                self.assertRegex(manager.hears("READY=1"), r"^READY=1\nSTATUS=watching since 2\S+Z; 0 deaths kept$")
                self.assertEqual(len([one for one in manager.listen() if "READY" in one]), 1)
                self.assertEqual(manager.hears("WATCHDOG"), "WATCHDOG=1")
                manager.hears("; 1 death kept")
                recorder.signal(signal.SIGTERM)
                self.assertEqual(recorder.end().status, 0)
                self.assertEqual(manager.hears("STOPPING"), "STOPPING=1")

    def test_a_recorder_that_stands_still_is_not_alive(self):
        address = str(self.root / "notify")
        manager = self.manager_at(address)
        recorder = self.start_recorder(Play().settled().wait(self.root / "never"), address, watchdog="400000")
        manager.hears("WATCHDOG")
        recorder.signal(signal.SIGSTOP)
        manager.listen()
        count = len(manager.heard)
        time.sleep(1)
        self.assertLessEqual(len(manager.listen()), count + 1)  # one may have been under way
        recorder.signal(signal.SIGCONT)
        manager.hears("WATCHDOG")
        recorder.signal(signal.SIGINT)
        recorder.end()

    def test_an_address_that_nobody_has(self):
        play = Play().settled().touch(self.root / "armed").wait(self.root / "never")
        recorder = self.start_recorder(play, "/no/such/socket")
        until((self.root / "armed").exists, "the probes")
        recorder.signal(signal.SIGTERM)
        self.assertEqual(recorder.end().status, 0)


class Hook(Case):
    def start_recorder(self, hook):
        script = self.root / "hook"
        script.write_text("#!/bin/sh\n" + hook)
        script.chmod(0o755)
        target = self.target()
        play = Play().settled().image(KILLER, argv=argv_of("killer", "--password=hunter2")).signal(KILLER, target)
        play.returned(KILLER).ended(target, signal.SIGKILL).wait(self.root / "never")
        return target, self.start("record", "--backend", "stap", "--store", self.root / "store", "--exec", script, play=play)

    def test_it_gets_the_record_without_secrets(self):
        got = self.root / "got"
        target, recorder = self.start_recorder(f"cat >{got}.part; mv {got}.part {got}\n")
        until(got.exists, "the hook")
        record = json.loads(got.read_text())
        self.assertEqual((record["type"], record["process"]["pid"]), ("death", target.pid))
        self.assertEqual(record["verdict"]["killer"]["argv"], ["killer", "--password=[redacted]"])
        self.assertNotIn("hunter2", got.read_text())
        recorder.signal(signal.SIGTERM)
        self.assertEqual(recorder.end().status, 0)

    def test_a_failure_is_reported(self):
        _, recorder = self.start_recorder("echo the pager is out of order >&2; exit 7\n")
        recorder.until_err("hook exited with status 7: the pager is out of order")
        recorder.signal(signal.SIGTERM)
        self.assertEqual(recorder.end().status, 0)

    def test_one_that_hangs_does_not_hold_the_recorder(self):
        running = self.root / "running"
        _, recorder = self.start_recorder(f"touch {running}; exec sleep 300\n")
        until(running.exists, "the hook")
        begun = time.monotonic()
        recorder.signal(signal.SIGTERM)
        self.assertEqual(recorder.end().status, 0)
        self.assertLess(time.monotonic() - begun, 8)


class Unit(Case):
    """What `cmake --install` puts in place."""

    def setUp(self):
        super().setUp()
        if not shutil.which("cmake") or not (BUILD / "CMakeCache.txt").exists():
            self.skipTest("the binary is not in its build directory")
        subprocess.run(["cmake", "--install", BUILD, "--component", "service", "--prefix", self.root / "usr"], check=True,
                       capture_output=True)
        self.unit = self.root / "usr/lib/systemd/system/stapkill.service"
        self.text = self.unit.read_text()

    def analyze(self, *words):
        if not shutil.which("systemd-analyze"):
            self.skipTest("there is no systemd-analyze")
        return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)

    def test_it_starts_what_was_installed(self):
        self.assertIn(f"\nExecStart={self.root}/usr/bin/stapkill record --backend bpf\n", self.text)
        self.assertNotIn("@", re.sub(r"=~?@[^\n]*", "", self.text))

    def test_it_is_not_enabled(self):
        self.assertEqual([str(path) for path in (self.root / "usr").rglob("*.wants")], [])

    def test_systemd_finds_nothing_wrong(self):
        program = self.root / "usr/bin/stapkill"
        program.parent.mkdir()
        shutil.copy("/bin/true", program)
        done = self.analyze("verify", "--man=no", self.unit)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_it_is_hardly_exposed(self):
        done = self.analyze("security", "--offline=true", self.unit)
        if "--offline" in done.stderr:
            self.skipTest("this systemd-analyze is older than 250")
        level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
        self.assertLessEqual(float(level.group(1)), MOST_EXPOSURE, done.stdout)

    def test_the_catalog_can_be_read(self):
        journalctl = shutil.which("journalctl")
        if not journalctl:
            self.skipTest("there is no journalctl")
        folder = self.root / "usr/lib/systemd/catalog"
        self.assertEqual([path.name for path in folder.iterdir()], ["stapkill.catalog"])
        (self.root / "var/lib/systemd/catalog").mkdir(parents=True)

        def run(word):
            return subprocess.run([journalctl, word, f"--root={self.root}"], capture_output=True, text=True, check=False)

        done = run("--update-catalog")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(run("--dump-catalog").stdout.count("Defined-By: stapkill"), 2)


if __name__ == "__main__":
    main()
