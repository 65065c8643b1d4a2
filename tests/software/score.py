"""Asks real programs to end and judges the verdicts of stapkill: score.py [NAME…]. Prints a line for each pair of a program
and a way to ask, and the counts. The exit status is 1 when a verdict was wrong, 77 when no program was found. Needs root;
ends only processes that it started itself."""
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import programs

BINARY = os.environ.get("STAPKILL_BINARY", "stapkill")
BACKEND = os.environ.get("STAPKILL_TEST_BACKEND", "bpf")
LIMIT = 30


class Wrong(Exception):
    pass


def until(what, words):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise Wrong(f"waited {LIMIT} s in vain for {words}")


class Scene:
    """One running program, in a directory of its own."""

    def __init__(self, program):
        self.program = program
        self.dir = tempfile.mkdtemp(prefix="stapkill-software.")
        os.chmod(self.dir, 0o755)
        self.environment = dict(os.environ, DIR=self.dir, HOME=self.dir, LC_ALL="C.UTF-8")
        self.terminal = None
        for name, text in program.files.items():
            with open(os.path.join(self.dir, name), "w", encoding="utf-8") as file:
                file.write(text)
        if program.user:
            shutil.chown(self.dir, program.user)
        if program.name == "mariadb":
            shutil.chown(self.dir, "mysql")
        if program.before:
            subprocess.run(self.as_user(program.before), cwd=self.dir, env=self.environment, check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process = self.start()
        self.environment["PID"] = str(self.process.pid)
        try:
            until(lambda: self.shell(program.ready).returncode == 0, "it to be ready")
        except Wrong:
            self.end()
            raise

    def as_user(self, command):
        before = ["setpriv", f"--reuid={self.program.user}", f"--regid={self.program.user}", "--clear-groups"]
        return [*(before if self.program.user else []), "sh", "-c", command]

    def start(self):
        if not self.program.terminal:
            return subprocess.Popen(self.as_user(self.program.start), cwd=self.dir, env=self.environment, start_new_session=True,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.terminal, end = pty.openpty()
        command = ["setsid", "--ctty", *self.as_user(self.program.start)]
        process = subprocess.Popen(command, cwd=self.dir, env=self.environment, stdin=end, stdout=end, stderr=end)
        os.close(end)
        return process

    def shell(self, command):
        return subprocess.run(["sh", "-c", command], cwd=self.dir, env=self.environment, capture_output=True, text=True,
                              check=False)

    def ask(self, ask):
        """Asks the program to end, and returns the pid of the script that asked."""
        if ask.command == "^C":
            os.write(self.terminal, b"\x03")
            return 0
        path = os.path.join(self.dir, f"ask-{ask.name}.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{ask.command}\n:\n")
        os.chmod(path, 0o755)
        # As root, or as the program's user if the program refuses root.
        script = subprocess.Popen(self.as_user(path) if ask.command.startswith("/usr/lib/postgresql") else [path], cwd=self.dir,
                                  env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        script.wait(LIMIT)
        return script.pid

    def end(self):
        if self.program.after:
            self.shell(self.program.after)
        children = self.shell("pgrep -P $PID").stdout.split()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        for pid in children:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.terminal is not None:
            os.close(self.terminal)
        shutil.rmtree(self.dir, ignore_errors=True)


def death_of(watch, stream, pid, limit):
    """The record of its end, after the watch."""
    watch.wait(limit)
    with open(stream, encoding="utf-8") as file:
        return death_in(file, pid)


def death_in(lines, pid):
    records = [json.loads(line) for line in lines]
    deaths = [record for record in records if record["type"] == "death" and record["process"]["pid"] == pid]
    if not deaths:
        raise Wrong("its end was not reported")
    return deaths[0]


def judge_again(death, recording):
    """A replay gives the same verdict as the live watch."""
    played = subprocess.run([BINARY, "-q", "replay", recording, "--format", "jsonl"], capture_output=True, text=True, check=True)
    again = death_in(played.stdout.splitlines(), death["process"]["pid"])
    if again["verdict"] != death["verdict"]:
        raise Wrong(f"replay gives another verdict: {again['verdict']['summary']}, not {death['verdict']['summary']}")


def judge(death, ask, script, folder):
    verdict = death["verdict"]
    initiator, chain = verdict["initiator"], verdict["chain"]
    cause = ask.cause if isinstance(ask.cause, str) else ask.cause[death["exit"]["kind"]]
    if verdict["cause"] != cause:
        raise Wrong(f"cause {verdict['cause']}, not {cause}: {verdict['summary']}")
    if ask.initiator == programs.NOBODY:
        if initiator:
            raise Wrong(f"initiator {initiator['comm']}, not nobody: {verdict['summary']}")
    elif not initiator:
        raise Wrong(f"no initiator: {verdict['summary']}")
    elif ask.initiator == programs.SCRIPT:
        known = [initiator["pid"], *(parent["pid"] for parent in chain[0]["ancestry"])]
        if script not in known:
            raise Wrong(f"initiator {initiator['comm']}({initiator['pid']}), not the script: {verdict['summary']}")
        if f"{folder}/ask-{ask.name}.sh" not in verdict["summary"]:
            raise Wrong(f"the sentence does not name the script: {verdict['summary']}")
    elif not initiator["comm"].startswith(ask.initiator):
        raise Wrong(f"initiator {initiator['comm']}, not {ask.initiator}: {verdict['summary']}")
    for words in ask.says:
        if words not in verdict["summary"]:
            raise Wrong(f"the sentence does not say '{words}': {verdict['summary']}")
    return verdict["summary"]


def play(program, ask):
    scene = Scene(program)
    try:
        target = int(scene.shell(ask.target or "echo $PID").stdout.split()[0])
        scene.environment["TARGET"] = str(target)
        stream, recording = (os.path.join(scene.dir, name) for name in ("stream", "recording"))
        watch = subprocess.Popen([BINARY, "-q", "watch", "--backend", BACKEND, "--pid", str(target), "--until-death", "--format",
                                  "jsonl", "--output", stream, "--record-events", recording], stdin=subprocess.DEVNULL)
        try:
            until(lambda: os.path.exists(stream) and '"type":"armed"' in open(stream, encoding="utf-8").read(), "the watch")
            script = scene.ask(ask)
            death = death_of(watch, stream, target, ask.limit)
            judge_again(death, recording)
            return judge(death, ask, script, scene.dir)
        finally:
            if watch.poll() is None:
                watch.terminate()
                watch.wait()
    finally:
        scene.end()


def main():
    # A shell that starts this in the background ignores both signals, and the programs here would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    names = sys.argv[1:]
    right = count = 0
    for program in programs.PROGRAMS:
        if names and program.name not in names:
            continue
        if not shutil.which(program.needs):
            print(f"{program.name:28} skipped: there is no {program.needs} (package {program.package})", flush=True)
            continue
        for ask in program.asks:
            count += 1
            try:
                result = "ok    " + play(program, ask)
                right += 1
            except (Wrong, subprocess.SubprocessError, OSError, IndexError) as wrong:
                result = f"WRONG {wrong}"
            print(f"{program.name + ' ' + ask.name:45} {result}", flush=True)
    print(f"{right} of {count} verdicts name cause and asker", flush=True)
    sys.exit(77 if count == 0 else right != count)


main()
