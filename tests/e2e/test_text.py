"""The text report, and the messages on standard error."""

import re
import signal

from support import (KILLER, RELEASE, SHELL, Case, Play, Terminal, argv_of, bytes_of, killed, main, needs_root, start_of, until)

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
CLOCK = r"\d\d:\d\d:\d\d\.\d{3}"
STATUS = re.compile(r"watching since \d\d:\d\d:\d\d(?: ·|,) [^\r\n]*\r\x1b\[K")
ANCESTORS = f"{SHELL.pid}.{SHELL.start},1.{start_of(1)}"


def with_parents(victim, argv=argv_of("bash", "/srv/nightly.sh")):
    play = Play().image(SHELL, argv=argv, exe="/bin/bash")
    play.image(KILLER, parent=SHELL.pid, argv=argv_of("killer", "-9", "a b"), exe="/usr/bin/killer", cwd="/srv/tmp")
    return play.signal(KILLER, victim, ancestors=ANCESTORS).returned(KILLER).ended(victim, 9)


class Text(Case):
    def report(self, victim, play, *words, **more):
        return self.run_it("watch", "--pid", victim.pid, "--until-death", *words, play=play, **more)

    def on_terminal(self, victim, play, *words, columns=80, stderr=False, environment=None):
        """Runs with standard output or standard error on a terminal; returns its text without status lines, and the rest."""
        terminal = Terminal(columns)
        streams = {"stderr" if stderr else "stdout": terminal.slave}
        ended = self.report(victim, play, *words, environment=environment, **streams)
        self.assertEqual(ended.status, 0, ended)
        return STATUS.sub("", terminal.close()), ended


@needs_root
class Report(Text):
    def test_lines(self):
        victim = self.target()
        ended = self.report(victim, with_parents(victim))
        self.assertEqual(ended.status, 0, ended)
        lines = ended.text.splitlines()
        self.assertRegex(lines[0], rf"^● SystemTap 4\.8, kernel {re.escape(RELEASE)}, module compiled, armed in "
                                   rf"(\d+ ms|\d+\.\d s); watching sleep\({victim.pid}\)$")
        self.assertRegex(lines[1], rf"^{CLOCK}  SIGKILL → sleep\({victim.pid}\) .*kill\(2\) = 0 .*"
                                   rf"from killer\({KILLER.pid}\), uid 0 \(root\)$")
        self.assertRegex(lines[2], r"^ +killer -9 'a b' +cwd /srv/tmp$")
        self.assertRegex(lines[3], rf"^ +\S+\(1\) › bash\({SHELL.pid}\) bash /srv/nightly\.sh › killer\({KILLER.pid}\)$")
        self.assertRegex(lines[4], rf"^✖ sleep\({victim.pid}\) was killed by SIGKILL from killer\({KILLER.pid}\)"
                                   r".*/srv/nightly\.sh.*\.$")
        self.assertRegex(lines[5], r"^● 1 signals?, 1 deaths?, 0 events lost in \d+\.\d s$")
        self.assertEqual(len(lines), 6)

    def test_module_from_the_cache(self):
        self.prepare_cache()
        victim = self.target()
        self.assertIn("module from cache", self.report(victim, killed(victim)).text)

    def test_signal_of_the_kernel(self):
        """A process that only ran at that moment is not reported as the sender."""
        victim = self.target()
        text = self.report(victim, Play().signal(KILLER, victim, code=0x80, call=-1).ended(victim, 9)).text
        self.assertIn("SI_KERNEL", text)
        self.assertNotIn("from killer", text)

    def test_ignored_signals_only_with_verbose(self):
        victim = self.target()
        play = Play().signal(KILLER, victim, signal.SIGWINCH, result=1).returned(KILLER).ended(victim, 0)
        self.assertNotIn("SIGWINCH", self.report(victim, play).text)
        self.assertIn("SIGWINCH", self.report(victim, play, "--verbose").text)

    def test_evidence_with_verbose(self):
        victim = self.target()
        self.assertNotIn("wait status", self.report(victim, killed(victim)).text)
        self.assertIn("wait status", self.report(victim, killed(victim), "--verbose").text)

    def test_loss(self):
        victim = self.target()
        text = self.report(victim, Play().skip(7).ended(victim, 0)).text
        self.assertRegex(text, r"(?m)^▲ 7 events lost\b")
        self.assertRegex(text, r"(?m)^● .* 7 events lost ")

    def test_long_argv_shows_that_it_was_truncated(self):
        victim = self.target()
        play = Play().image(KILLER, argv=argv_of("killer") + "x" * 4000, argv_bytes=100_000)
        text = self.report(victim, play.signal(KILLER, victim).returned(KILLER).ended(victim, 9)).text
        self.assertIn("100000 bytes", text)


@needs_root
class Escapes(Text):
    HOSTILE = ["\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "a\r\nforged line", "\x7f\x08", bytes_of("\u009b31m".encode()),
               bytes_of("\u202egnp.exe".encode()), bytes_of(b"\x9b31m")]

    def assert_harmless(self, *texts):
        for text in texts:
            self.assertIsNone(CONTROL.search(text), text)
            self.assertNotIn("\u202e", text)

    def test_names_and_arguments(self):
        for word in self.HOSTILE:
            victim = self.target()
            sender = KILLER._replace(comm=word[:15])
            play = Play().image(SHELL._replace(comm=word[:15]), argv=argv_of(word, "x" + word), exe=word)
            play.image(sender, parent=SHELL.pid, argv=argv_of("killer", word), exe=word, cwd=word, cgroup=word)
            play.signal(sender, victim, ancestors=ANCESTORS).returned(sender).ended(victim, 9)
            for words in ([], ["--verbose"]):
                with self.subTest(word=word, words=words):
                    ended = self.report(victim, play, *words)
                    self.assertEqual(ended.status, 0)
                    self.assert_harmless(ended.text, ended.error)

    def test_forged_line(self):
        """A newline in a name must not begin a line of the report."""
        victim = self.target()
        sender = KILLER._replace(comm="a\n✖ forged".encode().decode("latin-1")[:15])
        text = self.report(victim, Play().signal(sender, victim).returned(sender).ended(victim, 9)).text
        self.assertEqual(len([line for line in text.splitlines() if line.startswith("✖")]), 1, text)

    def test_trace_records(self):
        victim = self.target()
        word = self.HOSTILE[0][:15]
        child = SHELL._replace(pid=4000050, comm=word)
        play = Play().fork(SHELL, child).image(child, "X", argv=argv_of(*self.HOSTILE)).ended(child, 0, watched=0)
        ended = self.report(victim, play.ended(victim, 0), "--trace-exec")
        self.assertRegex(ended.text, rf"(?m)^{CLOCK}  exec ")
        self.assert_harmless(ended.text, ended.error)

    def test_words_of_staprun(self):
        victim = self.target()
        play = Play().step("stderr", "ERROR: \x1b[31mbad\x9b news\r\n").step("stderr", "\x1b[2J plain\n").ended(victim, 0)
        for words in ([], ["--verbose"]):
            ended = self.report(victim, play, *words)
            self.assertIn("bad", ended.error)
            self.assert_harmless(ended.text, ended.error)

    def test_own_name_of_the_target(self):
        victim = self.target(name="\x1b[31mred")
        ended = self.report(victim, killed(victim))
        self.assertIn("red", ended.text)
        self.assert_harmless(ended.text, ended.error)

    def test_terminal_gets_none_of_others(self):
        victim = self.target()
        sender = KILLER._replace(comm="\x1b[2Jx")
        text, _ = self.on_terminal(victim, Play().signal(sender, victim).returned(sender).ended(victim, 9), "--color", "never")
        self.assert_harmless(text)


@needs_root
class Color(Text):
    def colored(self, *words, environment=None, terminal=True):
        victim = self.target()
        if terminal:
            return "\x1b[" in self.on_terminal(victim, killed(victim), *words, environment=environment)[0]
        return b"\x1b[" in self.report(victim, killed(victim), *words, environment=environment).out

    def test_color_terminal(self):
        self.assertTrue(self.colored())

    def test_color_no_terminal(self):
        self.assertFalse(self.colored(terminal=False))

    def test_no_color(self):
        self.assertFalse(self.colored(environment={"NO_COLOR": "1"}))
        self.assertTrue(self.colored(environment={"NO_COLOR": ""}))

    def test_color_dumb_terminal(self):
        self.assertFalse(self.colored(environment={"TERM": "dumb"}))

    def test_color_always(self):
        self.assertTrue(self.colored("--color", "always", terminal=False))
        self.assertTrue(self.colored("--color=always", environment={"NO_COLOR": "1"}))

    def test_color_never(self):
        self.assertFalse(self.colored("--color", "never"))

    def test_color_file(self):
        victim, path = self.target(), self.root / "report"
        self.on_terminal(victim, killed(victim), "--output", path)
        self.assertNotIn("\x1b", path.read_text())

    def test_no_color_in_jsonl(self):
        victim = self.target()
        text, _ = self.on_terminal(victim, killed(victim), "--format", "jsonl", "--color", "always")
        self.assertNotIn("\x1b[", text)


@needs_root
class Locale(Text):
    def test_ascii(self):
        victim = self.target()
        sender = KILLER._replace(comm=bytes_of("é→x".encode()))
        play = Play().image(sender, argv=argv_of("killer", bytes_of("ü".encode()))).signal(sender, victim, ancestors=ANCESTORS)
        for environment in ({"LC_ALL": "C"}, {"LC_ALL": "", "LANG": "C"}, {"LC_ALL": "POSIX"}):
            ended = self.report(victim, play.returned(sender).ended(victim, 9), environment=environment)
            ended.out.decode("ascii")
            ended.err.decode("ascii")
            self.assertRegex(ended.text, r"(?m)^\* ")
            self.assertIn(" -> ", ended.text)
            self.assertRegex(ended.text, r"(?m)^x ")

    def test_ascii_progress_on_a_terminal(self):
        victim = self.target()
        shown, _ = self.on_terminal(victim, killed(victim), stderr=True, environment={"LC_ALL": "C"})
        self.assertTrue(shown.isascii(), shown)

    def test_utf8(self):
        victim = self.target()
        sender = KILLER._replace(comm=bytes_of("é→x".encode()))
        text = self.report(victim, Play().signal(sender, victim).returned(sender).ended(victim, 9)).text
        self.assertIn("é→x(", text)

    def test_locale_that_this_host_lacks(self):
        """The locale's name came with a login from elsewhere, and says whether the terminal takes UTF-8."""
        victim = self.target()
        for utf8, environment in ((True, {"LC_ALL": "xx_XX.UTF-8", "LANG": "C"}),
                                  (True, {"LC_ALL": "", "LC_CTYPE": "xx_XX.utf8@euro"}),
                                  (True, {"LC_ALL": "", "LANG": "xx_XX.UTF8"}), (False, {"LC_ALL": "", "LANG": "xx_XX"}),
                                  (False, {"LC_ALL": "xx_XX.ISO-8859-1", "LANG": "C.UTF-8"}),
                                  (False, {"LC_ALL": "xx_XX.UTF-8X"})):
            with self.subTest(environment=environment):
                ended = self.report(victim, Play().ended(victim, 9), environment=environment)
                self.assertEqual(ended.out.startswith("●".encode()), utf8, ended)

    def test_jsonl_is_utf8_in_any_locale(self):
        victim = self.target()
        sender = KILLER._replace(comm=bytes_of("é".encode()))
        ended = self.report(victim, Play().signal(sender, victim).returned(sender).ended(victim, 9), "--format", "jsonl",
                            environment={"LC_ALL": "C"})
        self.assertEqual(ended.of("signal")[0]["sender"]["comm"], "é")


@needs_root
class Width(Text):
    def test_narrow_terminal(self):
        """The chain of parents is folded between processes, aligned under its beginning."""
        victim = self.target()
        play = with_parents(victim, argv_of("bash", "n.sh"))
        shown, _ = self.on_terminal(victim, play, "--color", "never", columns=50)
        lines = shown.splitlines()
        at = next(i for i, line in enumerate(lines) if re.match(r" +\S+\(1\)", line))
        chain = lines[at:next(i for i, line in enumerate(lines) if line.startswith("✖"))]
        self.assertGreater(len(chain), 1, shown)
        for line in chain:
            self.assertLessEqual(len(line), 50)
            self.assertTrue(line.startswith(" " * 14), line)
        self.assertIn(f"killer({KILLER.pid})", chain[-1])

    def test_wide_terminal(self):
        victim = self.target()
        shown, _ = self.on_terminal(victim, with_parents(victim), "--color", "never", columns=300)
        self.assertRegex(shown, rf"(?m)^ +\S+\(1\) › .* › killer\({KILLER.pid}\)$")

    def test_terminal_of_no_width(self):
        victim = self.target()
        for columns in (0, 1):
            shown, _ = self.on_terminal(victim, with_parents(victim), columns=columns)
            self.assertIn("killer", shown)

    def test_pipe_is_never_broken_into_lines(self):
        victim = self.target()
        ended = self.report(victim, with_parents(victim), environment={"COLUMNS": "20"})
        self.assertRegex(ended.text, rf"(?m)^ +\S+\(1\) › .* › killer\({KILLER.pid}\)$")


@needs_root
class Progress(Text):
    def test_progress_no_terminal(self):
        """A log gets complete lines: one for each pass."""
        victim = self.target()
        ended = self.report(victim, killed(victim))
        self.assertIsNone(CONTROL.search(ended.error), ended.error)
        for number in range(1, 5):
            self.assertEqual(ended.error.count(f"pass {number} of 4"), 1, ended.error)
        for line in ended.error.splitlines():
            self.assertTrue(line.startswith("stapkill"), line)

    def test_progress_terminal(self):
        victim = self.target()
        shown, ended = self.on_terminal(victim, killed(victim), stderr=True)
        self.assertIn("pass 4 of 4", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), repr(shown))
        self.assertNotIn(b"pass 4", ended.out)

    def test_progress_quiet(self):
        for stderr in (True, False):
            victim = self.target()
            if stderr:
                self.assertEqual(self.on_terminal(victim, killed(victim), "--quiet", stderr=True)[0], "")
            else:
                self.assertEqual(self.report(victim, killed(victim), "--quiet").err, b"")

    def test_cached_module_needs_no_progress(self):
        self.prepare_cache()
        victim = self.target()
        self.assertEqual(self.report(victim, killed(victim)).err, b"")

    def test_verbose_shows_the_output_of_the_tools(self):
        victim = self.target()
        ended = self.report(victim, Play().step("stderr", "some words\n").ended(victim, 0), "--verbose")
        self.assertIn("Pass 1: parsed", ended.error)
        self.assertIn("some words", ended.error)


@needs_root
class Status(Text):
    """The line below the report on a terminal."""

    def watching(self, *words, terminal, play, environment=None, **streams):
        """Starts a watch whose text goes to that terminal."""
        victim = self.target()
        streams = {"stdout": terminal.slave, "stderr": terminal.slave, **streams}
        return self.start("watch", "--pid", victim.pid, *words, play=play(victim), environment=environment, **streams)

    def shown(self, *words, environment=None, seen=None, **streams):
        """All that a watch writes to a terminal; its target dies when `seen` is on the terminal."""
        terminal, go = Terminal(), self.root / "go"
        go.unlink(missing_ok=True)

        def play(victim):
            return Play().settled().wait(go).signal(KILLER, victim).returned(KILLER).ended(victim, 9)
        running = self.watching("--until-death", *words, terminal=terminal, play=play, environment=environment, **streams)
        if seen:
            until(lambda: seen in terminal.bytes, "the status line")
        go.touch()
        running.end()
        return terminal.close()

    def test_comes_and_goes(self):
        """It counts, and is removed before each line and at ^C."""
        self.prepare_cache()
        terminal = Terminal()

        def play(victim):
            return (Play().image(KILLER, argv=argv_of("killer")).wait(self.root / "first")
                    .signal(KILLER, victim, signal.SIGUSR1).returned(KILLER).wait(self.root / "never"))
        running = self.watching("--color", "never", terminal=terminal, play=play)
        until(lambda: " · 0 signals · 0 deaths · 0 lost".encode() in terminal.bytes, "the first status line")
        (self.root / "first").touch()
        until(lambda: " · 1 signal · 0 deaths · 0 lost".encode() in terminal.bytes, "the second status line")
        running.process.send_signal(signal.SIGINT)
        running.end()
        text = terminal.close()
        self.assertEqual(len(STATUS.findall(text)), 2, repr(text))
        lines = STATUS.sub("", text).splitlines()
        self.assertTrue(lines[0].startswith("● SystemTap"), text)
        self.assertTrue(lines[-1].startswith("● 1 signal, 0 deaths, 0 events lost in "), text)
        self.assertNotIn("\x1b", "".join(lines))

    def test_message_on_the_same_terminal(self):
        self.prepare_cache()
        terminal = Terminal()

        def play(victim):
            return (Play().wait(self.root / "go").step("stderr", "ERROR: bad news\n").wait(self.root / "seen")
                    .ended(victim, 0))
        running = self.watching("--until-death", "--color", "never", terminal=terminal, play=play)
        until(lambda: b"watching since" in terminal.bytes, "the status line")
        (self.root / "go").touch()
        until(lambda: b"bad news" in terminal.bytes, "the message")
        (self.root / "seen").touch()
        running.end()
        text = terminal.close()
        message = next(line for line in text.split("\n") if "bad news" in line)
        self.assertTrue(STATUS.sub("", message).startswith("stapkill: "), repr(text))
        self.assertNotIn("watching since", STATUS.sub("", text))

    def test_width_at_that_moment(self):
        self.prepare_cache()
        terminal = Terminal(columns=80)

        def play(victim):
            return Play().wait(self.root / "go").signal(KILLER, victim, signal.SIGUSR1).returned(KILLER).wait(self.root / "never")
        running = self.watching(terminal=terminal, play=play)
        until(lambda: b" 0 lost" in terminal.bytes, "the status line")
        terminal.resize(30)
        (self.root / "go").touch()
        until(lambda: len(re.findall(b"watching since", terminal.bytes)) == 2, "the second status line")
        running.process.send_signal(signal.SIGINT)
        running.end()
        self.assertRegex(terminal.close(), r"watching since \d\d:\d\d:\d\d · 1 …\r")

    def test_ascii(self):
        text = self.shown(environment={"LC_ALL": "C"}, seen=b"watching since")
        self.assertRegex(text, r"watching since \d\d:\d\d:\d\d, 0 signals, 0 deaths, 0 lost\r")

    def test_where_it_does_not_come(self):
        self.assertIn("watching since", self.shown(seen=b"watching since"))
        for words, environment in ((("--quiet",), {}), ((), {"TERM": "dumb"}), (("--output", self.root / "report"), {}),
                                   (("--format", "jsonl"), {})):
            with self.subTest(words=words, environment=environment):
                self.assertNotIn("watching since", self.shown(*words, environment=environment))
        with open(self.root / "file", "wb") as file:
            self.assertNotIn("watching since", self.shown(stdout=file))
        self.assertNotIn("watching since", (self.root / "file").read_text())

    def test_not_beside_a_command(self):
        """Its output may come at any time."""
        terminal = Terminal()
        play = Play().step("target").step("gone").line("E", "{target} {target} {target_start} 0 1 0 0 sleep")
        ended = self.run_it("watch", "--", "sleep", "0.1", play=play, stdout=terminal.slave)
        text = terminal.close()
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("1 death", text)
        self.assertNotIn("watching since", text)


if __name__ == "__main__":
    main()
