"""The recorder, and what is asked of it afterwards."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from support import BINARY, LIMIT, Skipped, backend, knows_functions, records_of, until, victim, write

BACKENDS = ["stap", "bpf"]


class Recorder:
    """`stapkill record` into a directory of its own."""

    def __init__(self, store, *options):
        self.store = store
        self.errors = open(os.path.join(os.path.dirname(store), "errors"), "ab")
        self.process = subprocess.Popen([BINARY, "record", "--backend", backend(), "--store", store, *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors)
        marker = f"recorder-{os.getpid()}-{time.monotonic_ns()}"
        until(lambda: self.sees(marker))

    def sees(self, marker):
        """Whether it watches by now: a process with this word in its argv ends, and is found."""
        assert self.process.poll() is None, open(self.errors.name).read()
        subprocess.run([sys.executable, "-c", "import sys; sys.exit(3)", marker], check=False)
        time.sleep(1.2)
        return why(self.store, "--cmdline", marker).returncode == 0

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(LIMIT)
        self.errors.close()


def why(store, *words):
    return subprocess.run([BINARY, "why", "--store", store, *words], capture_output=True, text=True, check=False)


def found(store, *words):
    """The record that it finds, once it is there."""
    answer = until(lambda: (lambda one: one.returncode == 0 and one)(why(store, "--format", "jsonl", *words)), limit=20)
    return json.loads(answer.stdout.splitlines()[0])


def why_after_a_kill():
    """By pid, by name and by a word; also after the recorder has ended, and after kill -9 of it."""
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        recorder = Recorder(store)
        program = os.path.join(folder, "napper")  # other sleeps end during this case
        shutil.copy(shutil.which("sleep"), program)
        process = subprocess.Popen([program, "600"])
        script = os.path.join(folder, "restart.sh")
        write(script, f"#!/bin/sh\n/bin/kill -9 {process.pid}\ntrue\n")
        subprocess.run(["sh", script], check=True)
        process.wait()
        death = found(store, str(process.pid))
        assert death["verdict"]["cause"] == "kill" and death["verdict"]["killer"]["comm"] == "kill", death["verdict"]
        assert script in death["verdict"]["summary"], death["verdict"]["summary"]
        assert death["ancestry"], death
        recorder.process.kill()
        recorder.stop()
        for words in ([str(process.pid)], ["--pid", str(process.pid)], ["--name", "napper"], ["napper", "--since", "1h"]):
            assert found(store, *words)["process"]["pid"] == process.pid, words
        text = why(store, str(process.pid)).stdout
        assert "was killed by SIGKILL from kill(" in text, text
        assert all(words in text for words in ("started by ", "sent SIGKILL through kill(2)", "ended by SIGKILL")), text
        table = why(store, "--last", "50", "--name", "napper").stdout
        assert re.search(rf"napper\({process.pid}\) +kill SIGKILL +kill\(", table), table
        document = json.loads(why(store, "--format", "json", str(process.pid)).stdout)
        assert document["deaths"] == [death] and document["covered"], document


def why_of_what_lives():
    """The predecessor answers for a living process, and a pid that is another process's now is not mixed up."""
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        recorder = Recorder(store)
        program = os.path.join(folder, "made-up-prog")
        shutil.copy(shutil.which("sleep"), program)
        dead = subprocess.Popen([program, "300"])
        dead.kill()
        dead.wait()
        found(store, str(dead.pid))
        living = subprocess.Popen([program, "300"])
        try:
            for word in ("made-up-prog", str(living.pid)):
                lines = why(store, word).stdout.splitlines()
                assert lines[0].startswith(f"made-up-prog({living.pid}) is alive since "), lines
                assert f"made-up-prog({dead.pid}) was killed by SIGKILL" in lines[1], lines
        finally:
            living.kill()
            living.wait()
        recorder.stop()


def why_says_when_nobody_watched():
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        Recorder(store).stop()
        time.sleep(1)
        Recorder(store).stop()
        answer = why(store, "no-such-name")
        assert answer.returncode == 1 and "the recorder did not watch from" in answer.stderr, answer
        assert os.stat(store).st_mode & 0o777 == 0o700
        for name in os.listdir(store):
            assert os.stat(os.path.join(store, name)).st_mode & 0o077 == 0, name


def recorder_is_alone():
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        recorder = Recorder(store)
        second = subprocess.run([BINARY, "record", "--backend", backend(), "--store", store], capture_output=True, text=True,
                                check=False, stdin=subprocess.DEVNULL)
        assert second.returncode == 1 and "another recorder" in second.stderr, second
        recorder.stop(signal.SIGINT)
        assert recorder.process.returncode == 0


def secrets_are_not_stored():
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        recorder = Recorder(store)
        process = subprocess.Popen([sys.executable, "-c", "import sys; sys.exit(7)", "--password=hunter2", "--token", "s3cr3t"])
        process.wait()
        death = found(store, str(process.pid))
        assert death["process"]["argv"][3:] == ["--password=[redacted]", "--token", "[redacted]"], death["process"]
        recorder.stop()
        for name in os.listdir(store):
            with open(os.path.join(store, name), "rb") as file:
                data = file.read()
            assert b"hunter2" not in data and b"s3cr3t" not in data, name


CAP_SYS_PTRACE, CAP_SYS_ADMIN = 19, 21


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def recorder_gives_up_privileges():
    """It reads another user's process and script afterwards. On stap it keeps them: staprun removes the module."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(os.path.join(folder, "store"))
        status = status_of(recorder.process.pid)
        capabilities = int(status["CapEff"], 16)
        if backend() == "stap":
            assert capabilities >> CAP_SYS_ADMIN & 1 and status["Seccomp"] == "0", status
            return recorder.stop()
        assert capabilities == int(status["CapPrm"], 16) and not capabilities >> CAP_SYS_ADMIN & 1, status
        assert capabilities >> CAP_SYS_PTRACE & 1 and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status
        home = os.path.join(folder, "home")
        os.mkdir(home, 0o700)
        script = os.path.join(home, "restart.sh")
        write(script, f"#!/bin/bash\ncd {home}\nsleep 600 &\nsleep 1\nkill -9 $!\nwait $!\ntrue\n")
        os.chmod(folder, 0o755)
        os.chown(home, 65534, 65534)
        subprocess.run(["bash", script], check=False, user=65534, group=65534, extra_groups=[])
        death = found(recorder.store, "--cmdline", "sleep 600", "--uid", "65534")
        process, killer = death["process"], death["verdict"]["killer"]
        assert process["exe"].endswith("/sleep") and process["argv"] == ["sleep", "600"] and process["cwd"] == home, process
        assert killer["comm"] == "bash" and killer["argv"] == ["bash", script] and killer["cwd"] == home, killer
        assert f"{script}:5" in death["verdict"]["summary"], death["verdict"]["summary"]
        assert death["ancestry"][-1]["pid"] == 1, death["ancestry"]
        return recorder.stop()


def stacks_after_privileges_were_given_up():
    """The child that follows a stack still becomes nobody."""
    if not knows_functions():
        raise Skipped("stacks need Linux 5.17")
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(os.path.join(folder, "store"))

        def a_stack_is_known():
            """A fault's stack; on a slow machine not each one's."""
            process = subprocess.Popen([sys.executable, "-c", "import ctypes; ctypes.string_at(0)"])
            process.wait()
            death = found(recorder.store, str(process.pid))
            assert death["verdict"]["cause"] == "fault", death["verdict"]
            return "calls of python" in why(recorder.store, "-v", str(process.pid)).stdout

        until(a_stack_is_known)
        recorder.stop()


def hook_gets_each_record():
    """One that hangs does not stop the recording, and its own end starts none."""
    with tempfile.TemporaryDirectory() as folder:
        got = os.path.join(folder, "got")
        hook = os.path.join(folder, "hook")
        write(hook, f"#!/bin/sh\ncat >>{got}\n[ -e {got}.env ] || env | cut -d= -f1 >{got}.env\n"
              f"test -e {folder}/hang && sleep 600\nexit 3\n")
        os.chmod(hook, 0o755)
        recorder = Recorder(os.path.join(folder, "store"), "--exec", hook)

        write(os.path.join(folder, "hang"), "")
        process = victim()
        process.kill()
        process.wait()
        until(lambda: any(one["process"]["pid"] == process.pid for one in records_of(got)))
        second = victim()
        second.kill()
        second.wait()
        assert found(recorder.store, str(second.pid))["verdict"]["cause"] == "kill"
        os.remove(os.path.join(folder, "hang"))

        others = set()

        def another_is_passed_on():
            """Records may wait for a while: the hook is slow in a guest."""
            if len(others) < 20:
                other = victim()
                other.kill()
                other.wait()
                others.add(other.pid)
            time.sleep(1)
            return any(one["process"]["pid"] in others for one in records_of(got))

        until(another_is_passed_on)
        assert not [one for one in records_of(got) if one["process"]["comm"] == "hook"], records_of(got)
        with open(got + ".env", encoding="utf-8") as file:
            assert set(file.read().split()) == {"LANG", "PATH", "PWD"}
        recorder.stop()
        with open(recorder.errors.name, encoding="utf-8") as file:
            said = file.read()
        assert f"--exec: {hook} exited with status 3" in said or "and was killed" in said, said
