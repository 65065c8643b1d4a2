"""The completions, in the shells themselves. Shells that are not installed are skipped."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest
from pathlib import Path

from support import BINARY, Case, main

BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"


def needs(shell):
    return unittest.skipUnless(shutil.which(shell), f"there is no {shell} here")


class Completion(Case):
    """What every shell must offer; each class defines complete(LINE)."""

    def setUp(self):
        super().setUp()
        folder = self.root / "bin"
        folder.mkdir()
        (folder / "stapkill").symlink_to(Path(shutil.which(BINARY) or BINARY).resolve())
        self.environment["PATH"] = f"{folder}:{self.environment['PATH']}"

    def script(self, shell):
        ended = self.run_it("completion", shell)
        self.assertEqual((ended.status, ended.err), (0, b""))
        path = self.root / f"completion.{shell}"
        path.write_bytes(ended.out)
        return path

    def run_shell(self, *words):
        return subprocess.run(words, env=self.environment, cwd=self.root, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=40, check=False)

    def read_until(self, terminal, done, patience=30):
        seen, end = b"", time.monotonic() + patience
        while not done(seen):
            self.assertLess(time.monotonic(), end, seen)
            if select.select([terminal], [], [], 0.05)[0]:
                seen += os.read(terminal, 65536)

    def check_all(self, complete):
        for line, *expected in (
                ("stapkill wa", "watch"),
                ("stapkill watch --p", "--pid", "--prepare"),
                ("stapkill --quiet watch --until", "--until-death"),
                ("stapkill watch --signal SIGK", "SIGKILL"),
                ("stapkill watch --signal KILL,TE", "KILL,TERM"),
                ("stapkill watch --format j", "jsonl"),
                ("stapkill watch --format=j", "jsonl"),
                ("stapkill emit si", "signal-send"),
                ("stapkill doctor --only kernel.bui", "kernel.build"),
                ("stapkill --color al", "always"),
                ("stapkill completion z", "zsh"),
                ("stapkill explain oom-m", "oom-memcg"),
                (f"stapkill watch --pid {os.getpid()}", str(os.getpid()))):
            with self.subTest(line=line):
                found = complete(line)
                for word in expected:
                    self.assertIn(word, found)
        self.assertNotIn("--pid", complete("stapkill doctor --"))
        (self.root / "a file.events").write_text("")
        self.assertTrue(any("file.events" in word for word in complete("stapkill replay a")))


class Bash(Completion):
    """What bash would insert: the function's COMPREPLY."""

    ASK = """
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        IFS=$'\\n' read -rd '' -a COMP_WORDS < <(printf '%s' "$2" | sed 's/=/ = /g' | tr ' ' '\\n')
        [[ $2 == *[\\ =] ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _stapkill
        printf '%s\\n' "${COMPREPLY[@]}"
    """

    def complete_with(self, before=""):
        script = self.script("bash")

        def complete(line):
            ended = self.run_shell("bash", "--norc", "-c", before + self.ASK, "bash", str(script), line)
            self.assertEqual(ended.stderr, b"")
            return ended.stdout.decode().splitlines()
        return complete

    def test_plain(self):
        self.check_all(self.complete_with())

    @unittest.skipUnless(os.path.exists(BASH_COMPLETION), "bash-completion is not installed")
    def test_with_bash_completion(self):
        self.check_all(self.complete_with(f"source {BASH_COMPLETION}\n"))

    def test_nothing_is_run(self):
        """The shell does not run the name of a process as a command."""
        fake = self.root / "bin/stapkill"
        fake.unlink()
        fake.write_text("#!/bin/sh\nprintf 'a$(touch x)`touch x`;b\\tc\\n'\n")
        fake.chmod(0o755)
        script = self.root / "completion.bash"
        script.write_bytes(subprocess.run([BINARY, "completion", "bash"], capture_output=True, check=True).stdout)
        ended = self.run_shell("bash", "--norc", "-c", self.ASK, "bash", str(script), "stapkill watch --pid a")
        self.assertEqual(ended.stdout.decode(), "a\\$\\(touch\\ x\\)\\`touch\\ x\\`\\;b\n")
        self.assertFalse((self.root / "x").exists())

    def test_after_dashes(self):
        self.assertEqual(self.complete_with()("stapkill watch -- wa"), [""])


class Inserted(Completion):
    """What Tab inserts into the line of a shell on a terminal, for names that are special to the shell."""

    VALUES = ("foo\\x2dbar.service", "user@1000.service", "run:x.scope", "a=b.slice")
    LINES = (
        ("--unit fo", "--unit foo\\\\x2dbar.service"),
        ("--unit foo\\\\x2db", "--unit foo\\\\x2dbar.service"),
        ("--unit 'foo\\x2db", "--unit 'foo\\x2dbar.service'"),
        ("--unit user@", "--unit user@1000.service"),
        ("--unit user@10", "--unit user@1000.service"),
        ("--unit=user@10", "--unit=user@1000.service"),
        ("--unit run:", "--unit run:x.scope"),
        ("--unit a=", "--unit a=b.slice"),
        ("--unit us", "--unit user@1000.service"),
    )
    BASH = """PS1='READY> '; source "$STAPKILL_SCRIPT"; bind 'set enable-bracketed-paste off' 2>/dev/null
        say() { printf '%sEND' "$READLINE_LINE" > "$STAPKILL_OUT"; }; bind -x '"\\C-t": say'
        """
    ZSH = """PROMPT='READY> '; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D
        source "$STAPKILL_SCRIPT"; say() { print -r -- "${BUFFER}END" > "$STAPKILL_OUT" }; zle -N say; bindkey '^T' say
        bindkey '^U' kill-whole-line
        """

    def check_lines(self, shell, setup, *words):
        script, out, made = self.script(shell), self.root / "line", self.root / "setup"
        made.write_text(setup)
        fake = self.root / "bin/stapkill"
        fake.unlink()
        fake.write_text("#!/bin/sh\n" + "".join(
            f"case '{value}' in \"$5\"*) printf '%s\\tits words\\n' '{value}';; esac\n" for value in self.VALUES))
        fake.chmod(0o755)
        self.environment.update(STAPKILL_SCRIPT=str(script), STAPKILL_OUT=str(out), TERM="dumb", HISTFILE="/dev/null")
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.root)
            os.execvpe(shell, [shell, *words], self.environment)
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.kill, pid, 9)
        self.read_until(terminal, lambda seen: b"% " in seen or b"# " in seen or b"$ " in seen)
        os.write(terminal, f"source {made}\n".encode())
        self.read_until(terminal, lambda seen: b"READY> " in seen)
        for typed, expected in self.LINES:
            with self.subTest(shell=shell, typed=typed):
                out.write_text("")
                os.write(terminal, f"stapkill watch {typed}\t\x14".encode())
                self.read_until(terminal, lambda seen: "END" in out.read_text())
                self.assertEqual(out.read_text().partition("END")[0].rstrip(), "stapkill watch " + expected)
                os.write(terminal, b"\x15")

    def test_bash(self):
        self.check_lines("bash", self.BASH, "--norc", "-i")

    @needs("zsh")
    def test_zsh(self):
        self.check_lines("zsh", self.ZSH, "-f", "-i")


@needs("fish")
class Fish(Completion):
    def test_in_fish(self):
        script = self.script("fish")
        self.environment["XDG_CONFIG_HOME"] = self.environment["XDG_DATA_HOME"] = str(self.root)

        def complete(line):
            ended = self.run_shell("fish", "--no-config", "-c", f"source {script}; complete -C $argv[1]", line)
            self.assertEqual((ended.returncode, ended.stderr), (0, b""))
            words = [each.partition("\t")[0] for each in ended.stdout.decode().splitlines()]
            return [re.sub(r"^--[a-z-]+=", "", word) if "=" in line else word for word in words]
        self.check_all(complete)


@needs("zsh")
class Zsh(Completion):
    """zsh completes only on a terminal."""

    SETUP = """
        PROMPT='READY> '; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D
        zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' menu no; LISTMAX=10000; setopt no_auto_menu no_beep
        source "$STAPKILL_SCRIPT"; PS2=''; stty -echo
        show() { local -a all; compadd() { if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; else
            builtin compadd -A all "$@"; print -rl -- "WORD "${^all} >> "$STAPKILL_OUT"; builtin compadd "$@"; fi }
            _main_complete; print -r -- END >> "$STAPKILL_OUT" }
        zle -C show list-choices show; bindkey '^T' show
    """

    def test_in_zsh(self):
        out = self.root / "words"
        setup = self.root / "setup.zsh"
        setup.write_text(self.SETUP)
        self.environment.update(STAPKILL_SCRIPT=str(self.script("zsh")), STAPKILL_OUT=str(out), TERM="dumb")
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.root)
            os.execvpe("zsh", ["zsh", "-f", "-i"], self.environment)
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.kill, pid, 9)
        self.read_until(terminal, lambda seen: b"% " in seen or b"# " in seen)
        os.write(terminal, f"source {setup}\n".encode())
        self.read_until(terminal, lambda seen: b"READY> " in seen)

        def complete(line):
            out.write_text("")
            os.write(terminal, line.encode() + b"\x14")
            self.read_until(terminal, lambda seen: "END" in out.read_text())
            os.write(terminal, b"\x15")
            return [each[5:] for each in out.read_text().splitlines() if each.startswith("WORD ")]
        self.check_all(complete)


class Command(Case):
    def test_own_templates(self):
        folder = self.root / "data/stapkill/templates"
        folder.mkdir(parents=True)
        (folder / "mine-first.stp").write_text("%! summary: of mine\n%! needs: nothing\nprobe begin { exit() }\n")
        ended = self.run_it("completion", "values", "template", "mi", environment={"XDG_DATA_HOME": str(self.root / "data")})
        self.assertEqual((ended.status, ended.text), (0, "mine-first\tof mine\n"))

    def test_usage(self):
        for words in ([], ["tcsh"], ["bash", "x"], ["values"], ["values", "none"], ["values", "pid", "1", "2"]):
            with self.subTest(words=words):
                self.assert_usage(self.run_it("completion", *words))

    def test_values_are_lines(self):
        ended = self.run_it("completion", "values", "signal", "SIGK")
        self.assertEqual((ended.status, ended.text), (0, "SIGKILL\tsignal 9\n"))
        self.assertEqual(self.run_it("completion", "values", "pid", "--", "-x").out, b"")


if __name__ == "__main__":
    main()
