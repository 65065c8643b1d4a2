"""The jsonl output of `watch`: stapkill-stream(5)."""

import os
import pwd
import re
import signal
import subprocess
from pathlib import Path

from support import (KILLER, RELEASE, SHELL, Case, Play, Task, argv_of, bytes_of, killed, main, needs_root, records_of,
                     signal_fields, start_of, until)

PROCESS_FIELDS = {"pid", "tid", "comm", "exe", "argv", "cwd", "uid", "user", "start", "cgroup", "container", "unit"}
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$"
OTHER = Task(4000005, 800, 1234, "other")
INIT = Task(1, start_of(1), 0, "init")


@needs_root
class Shape(Case):
    """The records, field by field."""

    def story(self, *words, **more):
        self.victim = self.target()
        return self.watch("--pid", self.victim.pid, "--until-death", *words, play=killed(self.victim), **more)

    def test_order_of_records(self):
        ended = self.story()
        self.assertEqual([record["type"] for record in self.assert_stream(ended)],
                         ["session", "armed", "signal", "death", "summary"])

    def test_times(self):
        for record in self.story().records:
            self.assertRegex(record["time"], TIME, record)

    def test_session(self):
        record = self.story().records[0]
        self.assertEqual(record["schema"], "stapkill/1")
        self.assertEqual(set(record["host"]), {"hostname", "kernel", "arch", "boot_id"})
        self.assertEqual(record["host"]["kernel"], RELEASE)
        self.assertEqual(record["host"]["hostname"], os.uname().nodename)
        self.assertRegex(record["host"]["boot_id"], r"^[0-9a-f]{8}-[0-9a-f-]{27}$")
        self.assertEqual(record["backend"], "stap")
        self.assertTrue(any("signal_generate" in probe for probe in record["probes"]), record["probes"])
        self.assertIsInstance(record["targets"], dict)
        self.assertIn(str(self.victim.pid), map(str, record["targets"]["pid"]))
        self.assertRegex(record["version"], r"^\d+\.\d+")

    def test_armed(self):
        record = self.story().of("armed")[0]
        self.assertGreater(record["arm_ms"], 0)

    def test_signal(self):
        record = self.story().of("signal")[0]
        self.assertEqual(record["seq"], 1)
        self.assertEqual(record["signal"], {"number": 9, "name": "SIGKILL", "code": 0, "code_name": "SI_USER",
                                            "result": "delivered"})
        self.assertEqual(record["by"], "process")
        self.assertEqual(record["syscall"], {"name": "kill", "pid": None, "aims_at": None, "ret": 0})
        self.assertEqual(record["target"]["pid"], self.victim.pid)
        self.assertEqual(record["sender"]["pid"], KILLER.pid)
        self.assertEqual(record["sender"]["argv"], ["killer", "--all", "a b"])
        self.assertEqual(record["sender"]["exe"], "/usr/bin/killer")
        self.assertEqual(record["sender"]["cwd"], "/srv")
        self.assertEqual(record["sender"]["uid"], 0)
        self.assertEqual(record["sender"]["user"], "root")

    def test_process_fields(self):
        ended = self.story()
        shown = ended.of("signal")[0]
        for process in (shown["sender"], shown["target"], *shown["ancestry"], ended.of("death")[0]["process"]):
            self.assertLessEqual(PROCESS_FIELDS, set(process))
            self.assertRegex(process["start"], TIME)

    def test_unknown_is_null(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death",
                           play=Play().signal(OTHER, victim).returned(OTHER).ended(victim, 9))
        sender = ended.of("signal")[0]["sender"]
        for name in ("exe", "argv", "cwd", "cgroup", "container", "unit"):
            self.assertIsNone(sender[name], name)
        self.assertEqual(sender["uid"], 1234)

    def test_unknown_user_is_null(self):
        uid = next(uid for uid in range(60000, 64000) if uid not in {entry.pw_uid for entry in pwd.getpwall()})
        victim, sender = self.target(), OTHER._replace(uid=uid)
        ended = self.watch("--pid", victim.pid, "--count", 1, play=Play().signal(sender, victim).returned(sender))
        self.assertEqual(ended.of("signal")[0]["sender"]["uid"], uid)
        self.assertIsNone(ended.of("signal")[0]["sender"]["user"])

    def test_target_is_read_from_proc(self):
        process = self.story().of("signal")[0]["target"]
        self.assertEqual(process["argv"], ["/bin/sleep", "300"])
        self.assertEqual(process["comm"], "sleep")
        self.assertEqual(os.path.basename(process["exe"]), os.path.basename(os.path.realpath("/bin/sleep")))

    def test_death(self):
        record = self.story().of("death")[0]
        self.assertEqual(record["process"]["pid"], self.victim.pid)
        self.assertEqual(record["exit"], {"kind": "signal", "signal": 9, "signal_name": "SIGKILL", "status": None,
                                          "core_dumped": False, "shell_code": 137})
        verdict = record["verdict"]
        self.assertEqual((verdict["cause"], verdict["by"], verdict["signal_seq"], verdict["confidence"]),
                         ("kill", "process", 1, "certain"))
        self.assertEqual(verdict["killer"]["pid"], KILLER.pid)
        self.assertIn("killer", verdict["summary"])
        self.assertTrue(verdict["evidence"])
        self.assertTrue(all(isinstance(line, str) for line in verdict["evidence"]))

    def test_death_exactly_once(self):
        victim = self.target()
        play = Play().signal(KILLER, victim).returned(KILLER).ended(victim, 9)
        play.ended(victim._replace(tid=victim.pid + 1), 9).ended(victim, 9)
        ended = self.watch("--pid", victim.pid, "--duration", 1, play=play)
        self.assert_stream(ended)
        self.assertEqual(len(ended.of("death")), 1)

    def test_exit_status_137_is_no_signal(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death", play=Play().ended(victim, 137 << 8))
        self.assert_stream(ended)
        death = ended.of("death")[0]
        self.assertEqual(death["exit"], {"kind": "exit", "signal": None, "signal_name": None, "status": 137,
                                         "core_dumped": False, "shell_code": 137})
        self.assertEqual((death["verdict"]["cause"], death["verdict"]["by"]), ("exit", "self"))
        self.assertIsNone(death["verdict"]["killer"])
        self.assertIsNone(death["verdict"]["signal_seq"])

    def test_core_dump(self):
        victim = self.target()
        play = Play().signal(KILLER, victim, signal.SIGQUIT).returned(KILLER).ended(victim, signal.SIGQUIT | 0x80)
        death = self.watch("--pid", victim.pid, "--until-death", play=play).of("death")[0]
        self.assertEqual((death["exit"]["signal_name"], death["exit"]["core_dumped"], death["exit"]["shell_code"]),
                         ("SIGQUIT", True, 131))

    def test_unseen_killer_is_unknown(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death", play=Play().ended(victim, 9))
        verdict = ended.of("death")[0]["verdict"]
        self.assertEqual((verdict["cause"], verdict["confidence"], verdict["by"]), ("unknown", "unknown", "kernel"))
        self.assertIsNone(verdict["killer"])

    def test_signal_before_its_exit_from_another_cpu(self):
        """CPUs report out of order: a death waits a moment for the signal that explains it."""
        victim = self.target()
        play = Play().ended(victim, 9).signal(KILLER, victim, cpu=1).returned(KILLER)
        death = self.watch("--pid", victim.pid, "--until-death", play=play).of("death")[0]
        self.assertEqual(death["verdict"]["cause"], "kill")
        self.assertEqual(death["verdict"]["killer"]["pid"], KILLER.pid)

    def test_first_of_two_is_the_killer(self):
        victim = self.target()
        play = Play().signal(KILLER, victim).returned(KILLER)
        play.signal(OTHER, victim, result=2).returned(OTHER).ended(victim, 9)
        ended = self.watch("--pid", victim.pid, "--until-death", play=play)
        self.assertEqual([record["signal"]["result"] for record in ended.of("signal")], ["delivered", "already_pending"])
        self.assertEqual(ended.of("death")[0]["verdict"]["killer"]["pid"], KILLER.pid)

    def test_kill_by_itself(self):
        victim = self.target()
        play = Play().signal(victim, victim, signal.SIGABRT).returned(victim).ended(victim, signal.SIGABRT)
        verdict = self.watch("--pid", victim.pid, "--until-death", play=play).of("death")[0]["verdict"]
        self.assertEqual((verdict["cause"], verdict["by"], verdict["killer"]["pid"]), ("self", "self", victim.pid))

    def test_signal_of_the_kernel(self):
        """If the kernel generated the signal, no process that only ran at that moment is named."""
        victim = self.target()
        play = Play().signal(OTHER, victim, code=0x80, call=-1).ended(victim, 9)
        ended = self.watch("--pid", victim.pid, "--until-death", play=play)
        record = ended.of("signal")[0]
        self.assertEqual((record["by"], record["syscall"], record["signal"]["code_name"]), ("kernel", None, "SI_KERNEL"))
        self.assertEqual(record["sender"]["pid"], OTHER.pid)
        self.assertIsNone(ended.of("death")[0]["verdict"]["killer"])

    def test_kernel_code_inside_a_kill_call(self):
        victim = self.target()
        play = Play().signal(OTHER, victim, code=0x80).ended(victim, 9)
        self.assertEqual(self.watch("--pid", victim.pid, "--until-death", play=play).of("signal")[0]["by"], "kernel")

    def test_results(self):
        victim, play = self.target(), Play()
        for result in range(5):
            play.signal(KILLER, victim, signal.SIGUSR1, result=result).returned(KILLER)
        ended = self.watch("--pid", victim.pid, "--count", 5, play=play)
        self.assertEqual([record["signal"]["result"] for record in ended.of("signal")],
                         ["delivered", "ignored", "already_pending", "overflow", "info_lost"])
        self.assertEqual([record["seq"] for record in ended.of("signal")], [1, 2, 3, 4, 5])

    def test_deaths_that_are_emitted(self):
        shown = {}
        for which in "all", "abnormal", "killed":
            killed, failed, ended = (self.target() for _ in range(3))
            play = Play().ended(ended, 0).ended(failed, 3 << 8).signal(KILLER, killed).returned(KILLER).ended(killed, 9)
            done = self.watch("--pid", killed.pid, "--pid", failed.pid, "--pid", ended.pid, "--deaths", which, "--duration", 1,
                              play=play)
            names = {killed.pid: "killed", failed.pid: "failed", ended.pid: "ended"}
            shown[which] = {names[record["process"]["pid"]] for record in done.of("death")}
        self.assertEqual(shown, {"all": {"killed", "failed", "ended"}, "abnormal": {"killed", "failed"}, "killed": {"killed"}})
        done = self.watch("--all", "--deaths", "some")
        self.assertEqual(done.status, 2)
        self.assertIn("--deaths expects all, abnormal or killed, not 'some'", done.error)

    def test_own_arguments_match_no_pattern(self):
        victim = self.target()
        running = self.start("watch", "--pid", victim.pid, "--cmdline", "skt-pattern-of-a-target", play=Play())
        file = Path(f"/proc/{running.process.pid}/cmdline")
        until(lambda: b"stapkill" in file.read_bytes() and b"skt-pattern" not in file.read_bytes())
        self.assertIn(b"watch", file.read_bytes())

    def test_result_of_the_call(self):
        victim = self.target()
        play = Play().signal(KILLER, victim, signal.SIGTERM).returned(KILLER, -1)
        self.assertEqual(self.watch("--pid", victim.pid, "--count", 1, play=play).of("signal")[0]["syscall"],
                         {"name": "kill", "pid": None, "aims_at": None, "ret": -1})

    def test_call_that_never_returns(self):
        """A process that kills itself: the record still comes, without a result."""
        victim = self.target()
        play = Play().signal(victim, victim).ended(victim, 9)
        self.assertEqual(self.watch("--pid", victim.pid, "--until-death", play=play).of("signal")[0]["syscall"],
                         {"name": "kill", "pid": None, "aims_at": None, "ret": None})

    def test_threads(self):
        victim = self.target()
        play = Play().signal(KILLER._replace(tid=4000100), victim._replace(tid=4000200), signal.SIGUSR1)
        play.returned(KILLER._replace(tid=4000100))
        record = self.watch("--pid", victim.pid, "--count", 1, play=play).of("signal")[0]
        self.assertEqual((record["sender"]["pid"], record["sender"]["tid"]), (KILLER.pid, 4000100))
        self.assertEqual((record["target"]["pid"], record["target"]["tid"]), (victim.pid, 4000200))

    def test_ancestry(self):
        victim = self.target()
        play = Play().image(SHELL, argv=argv_of("bash", "/srv/nightly.sh"), exe="/bin/bash").image(KILLER, parent=SHELL.pid)
        play.signal(KILLER, victim, ancestors=f"{SHELL.pid}.{SHELL.start},1.{INIT.start}").returned(KILLER).ended(victim, 9)
        ended = self.watch("--pid", victim.pid, "--until-death", play=play)
        for record in (ended.of("signal")[0], ended.of("death")[0]):
            self.assertEqual([process["pid"] for process in record["ancestry"]], [SHELL.pid, 1])
            self.assertEqual(record["ancestry"][0]["argv"], ["bash", "/srv/nightly.sh"])

    def test_ancestor_that_has_ended(self):
        victim = self.target()
        play = Play().image(SHELL, argv=argv_of("bash")).fork(SHELL, KILLER).ended(SHELL, 0, watched=0)
        play.signal(KILLER, victim, ancestors=f"1.{INIT.start}").returned(KILLER)
        record = self.watch("--pid", victim.pid, "--count", 1, play=play).of("signal")[0]
        self.assertEqual(record["ancestry"][0]["pid"], SHELL.pid)

    def test_same_pid_another_process(self):
        """A process that gets the pid of an ended one is another process."""
        victim = self.target()
        later = victim._replace(start=victim.start + 100000)
        play = Play().signal(KILLER, victim, signal.SIGUSR1).returned(KILLER).ended(victim, 0)
        play.fork(SHELL, later).signal(KILLER, later, signal.SIGUSR2).returned(KILLER).ended(later, 0)
        ended = self.watch("--pid", victim.pid, "--duration", 1, play=play)
        self.assertEqual([record["signal"]["name"] for record in ended.of("signal")], ["SIGUSR1"])
        self.assertEqual(len(ended.of("death")), 1)

    def test_own_test_signals_are_not_emitted(self):
        victim = self.target()
        ended = self.watch("--all", "--count", 1, play=Play().signal(KILLER, victim).returned(KILLER))
        self.assertEqual([record["target"]["pid"] for record in ended.of("signal")], [victim.pid])


@needs_root
class Bytes(Case):
    """Names and arguments can be any bytes."""

    def argv_of_sender(self, **image):
        victim = self.target()
        play = Play().image(KILLER, **image).signal(KILLER, victim).returned(KILLER)
        ended = self.watch("--pid", victim.pid, "--count", 1, play=play)
        self.assert_stream(ended)
        return ended.of("signal")[0]["sender"]

    def test_hostile_comm(self):
        victim, play = self.target(), Play()
        names = ["a\nb", 'a"b\\', "\x1b[31mred", "a b", "%41", "-", "", bytes_of(b"\xff\xc3"), bytes_of("é›".encode())]
        for name in names:
            play.signal(KILLER._replace(comm=name), victim, signal.SIGUSR1).returned(KILLER)
        ended = self.watch("--pid", victim.pid, "--count", len(names), play=play)
        comms = [record["sender"]["comm"] for record in ended.of("signal")]
        self.assertEqual(comms, ["a\nb", 'a"b\\', "\x1b[31mred", "a b", "%41", "-", "", "��", "é›"])

    def test_hostile_argv(self):
        words = ["a\nb", '"', "\x1b]0;owned\x07", "", "two words", "-", "%00"]
        self.assertEqual(self.argv_of_sender(argv=argv_of(*words))["argv"], words)

    def test_invalid_utf8(self):
        words = [bytes_of(b"\xff"), bytes_of(b"\xc0\xaf"), bytes_of(b"\xed\xa0\x80"), bytes_of(b"\xf5a"), bytes_of(b"\xe2\x82")]
        argv = self.argv_of_sender(argv=argv_of(*words))["argv"]
        self.assertEqual(argv, ["�", "��", "���", "�a", "��"])

    def test_truncated_argv_has_its_true_length(self):
        held = argv_of("killer") + "x" * (4096 - 7)
        sender = self.argv_of_sender(argv=held, argv_bytes=100_000)
        self.assertEqual(sender["argv_bytes"], 100_000)
        self.assertEqual(sender["argv"], ["killer", "x" * (4096 - 7)])

    def test_empty_argv(self):
        self.assertEqual(self.argv_of_sender(argv="")["argv"], [])

    def test_unknown_argv(self):
        self.assertIsNone(self.argv_of_sender(argv=None)["argv"])

    def test_output_is_utf8_lines(self):
        victim = self.target()
        sender = KILLER._replace(comm=bytes_of(bytes(range(0x80, 0x8f))))
        ended = self.watch("--pid", victim.pid, "--count", 1, play=Play().signal(sender, victim).returned(sender))
        self.assertTrue(ended.out.endswith(b"\n"))
        for line in ended.out.decode("utf-8").split("\n")[:-1]:
            self.assertEqual(len(records_of(line)), 1)


@needs_root
class Choice(Case):
    """Targets and filters."""

    def watch_briefly(self, *words, play, **more):
        ended = self.watch(*words, "--duration", 1, play=play, **more)
        self.assert_stream(ended)
        return ended

    def test_others_are_not_emitted(self):
        victim, other = self.target(), self.target()
        play = Play().signal(KILLER, other).returned(KILLER).ended(other, 9, watched=0).signal(KILLER, victim)
        ended = self.watch_briefly("--pid", victim.pid, play=play.returned(KILLER))
        self.assertEqual([record["target"]["pid"] for record in ended.of("signal")], [victim.pid])
        self.assertEqual(ended.of("death"), [])

    def test_several_pids(self):
        one, two = self.target(), self.target()
        play = Play().step("order", f"+{one.pid}").step("order", f"+{two.pid}").signal(KILLER, one).signal(KILLER, two)
        ended = self.watch_briefly("--pid", one.pid, "--pid", two.pid, play=play)
        self.assertEqual({record["target"]["pid"] for record in ended.of("signal")}, {one.pid, two.pid})
        self.assertEqual({process["pid"] for process in ended.of("armed")[0]["watching"]}, {one.pid, two.pid})

    def test_kernel_gets_only_the_targets(self):
        victim = self.target()
        play = Play().step("order", f"+{victim.pid}").step("order", "?0")
        ended = self.watch_briefly("--pid", victim.pid, play=play)
        self.assertEqual(ended.status, 0)
        self.assertNotIn("gave_up", str(self.logged("staprun")))

    def test_signal_filter(self):
        victim, play = self.target(), Play()
        for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGKILL, 34):
            play.signal(KILLER, victim, number).returned(KILLER)
        for words, names in ((["--signal", "TERM"], ["SIGTERM"]), (["--signal", "SIGTERM,9"], ["SIGTERM", "SIGKILL"]),
                             (["--signal", "usr1", "--signal", "RTMIN"], ["SIGUSR1", "SIGRTMIN"])):
            ended = self.watch_briefly("--pid", victim.pid, *words, play=play)
            self.assertEqual([record["signal"]["name"] for record in ended.of("signal")], names)

    def test_filtered_signal_still_explains_the_death(self):
        victim = self.target()
        ended = self.watch_briefly("--pid", victim.pid, "--signal", "TERM", play=killed(victim))
        self.assertEqual(ended.of("signal"), [])
        verdict = ended.of("death")[0]["verdict"]
        self.assertEqual((verdict["cause"], verdict["killer"]["pid"], verdict["signal_seq"]), ("kill", KILLER.pid, None))

    def test_sender_pid_filter(self):
        victim = self.target()
        play = Play().signal(OTHER, victim, signal.SIGUSR1).returned(OTHER).signal(KILLER, victim, signal.SIGUSR2)
        ended = self.watch_briefly("--pid", victim.pid, "--sender-pid", KILLER.pid, play=play.returned(KILLER))
        self.assertEqual([record["signal"]["name"] for record in ended.of("signal")], ["SIGUSR2"])

    def test_sender_uid_filter(self):
        victim = self.target()
        play = Play().signal(OTHER, victim, signal.SIGUSR1).returned(OTHER).signal(KILLER, victim, signal.SIGUSR2)
        for value, name in (("root", "SIGUSR2"), ("0", "SIGUSR2"), ("1234", "SIGUSR1")):
            ended = self.watch_briefly("--pid", victim.pid, "--sender-uid", value, play=play.returned(KILLER))
            self.assertEqual([record["signal"]["name"] for record in ended.of("signal")], [name], value)

    def test_name(self):
        victim, other = self.target(name="e2e-victim"), self.target()
        play = Play().step("order", "*").signal(KILLER, other).signal(KILLER, victim)
        ended = self.watch_briefly("--name", "^e2e-vic", play=play)
        self.assertEqual([record["target"]["pid"] for record in ended.of("signal")], [victim.pid])
        self.assertEqual([process["pid"] for process in ended.of("armed")[0]["watching"]], [victim.pid])

    def test_name_that_comes_later(self):
        """By fork, by exec and by rename; a process that has joined stays watched under any name."""
        made = [Task(4000010 + at, 900, 0, "before") for at in range(3)]
        forked, execed, renamed = made[0]._replace(comm="e2e-late"), made[1]._replace(comm="e2e-late"), made[2]
        play = Play().fork(SHELL, forked).fork(SHELL, made[1]).image(execed, "X").fork(SHELL, renamed)
        play.signal(KILLER, renamed, signal.SIGUSR1).rename(renamed, "e2e-late").rename(renamed, "after")
        for task in (forked, execed, renamed._replace(comm="after")):
            play.signal(KILLER, task, signal.SIGUSR2)
        ended = self.watch_briefly("--name", "^e2e-late$", play=play)
        self.assertEqual([(record["target"]["pid"], record["signal"]["name"]) for record in ended.of("signal")],
                         [(task.pid, "SIGUSR2") for task in made])

    def test_all(self):
        victim, other = self.target(), self.target()
        ended = self.watch_briefly("--all", play=Play().step("order", "*").signal(KILLER, other).signal(KILLER, victim))
        self.assertEqual([record["target"]["pid"] for record in ended.of("signal")], [other.pid, victim.pid])

    def test_children(self):
        victim = self.target()
        child, grandchild = Task(4000020, 900, 0, "child"), Task(4000021, 901, 0, "grandchild")
        play = Play().step("order", "children").fork(victim, child).fork(child, grandchild)
        play.signal(KILLER, child).returned(KILLER).signal(KILLER, grandchild).returned(KILLER)
        play.ended(grandchild, 9).ended(child, 9)
        ended = self.watch_briefly("--pid", victim.pid, "--children", play=play)
        self.assertEqual([record["target"]["pid"] for record in ended.of("signal")], [child.pid, grandchild.pid])
        self.assertEqual([record["process"]["pid"] for record in ended.of("death")], [grandchild.pid, child.pid])

    def test_children_that_live_already(self):
        shell = self.start_shell_with_child()
        child = int(until(lambda: self.children_of(shell.pid), "the shell's child")[0])
        play = Play().step("order", f"+{child}")
        ended = self.watch_briefly("--pid", shell.pid, "--children", play=play)
        self.assertEqual({process["pid"] for process in ended.of("armed")[0]["watching"]}, {shell.pid, child})
        self.assertNotIn("gave_up", str(self.logged("staprun")))

    def start_shell_with_child(self):
        shell = subprocess.Popen(["/bin/sh", "-c", "cat; exit"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.addCleanup(self.put_down, shell)
        self.addCleanup(shell.stdin.close)  # which ends the child
        return shell

    @staticmethod
    def children_of(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return file.read().split()

    def test_without_children(self):
        victim = self.target()
        child = Task(4000020, 900, 0, "child")
        play = Play().fork(victim, child).signal(KILLER, child).returned(KILLER).ended(child, 9)
        ended = self.watch_briefly("--pid", victim.pid, play=play)
        self.assertEqual((ended.of("signal"), ended.of("death")), ([], []))

    def test_wait(self):
        late = Task(self.missing_pid(), 900, 0, "late")
        play = Play().step("order", f"+{late.pid}").fork(SHELL, late).signal(KILLER, late).returned(KILLER).ended(late, 9)
        ended = self.watch("--pid", late.pid, "--wait", "--until-death", play=play)
        self.assert_stream(ended)
        self.assertEqual(ended.of("signal")[0]["target"]["pid"], late.pid)
        self.assertEqual(ended.of("death")[0]["verdict"]["cause"], "kill")

    def test_trace_exec(self):
        victim, child = self.target(), Task(4000030, 900, 0, "child")
        play = Play().image(SHELL, argv=argv_of("bash")).fork(SHELL, child)
        play.image(child._replace(comm="true"), "X", argv=argv_of("true", "x"), exe="/bin/true").ended(child, 3 << 8, watched=0)
        ended = self.watch_briefly("--pid", victim.pid, "--trace-exec", play=play)
        fork, execed, gone = ended.of("fork")[0], ended.of("exec")[0], ended.of("exit")[0]
        self.assertEqual((fork["parent"]["pid"], fork["process"]["pid"]), (SHELL.pid, child.pid))
        self.assertEqual(fork["process"]["argv"], ["bash"])
        self.assertEqual(execed["process"]["argv"], ["true", "x"])
        self.assertEqual((gone["process"]["pid"], gone["exit"]["status"]), (child.pid, 3))
        self.assertEqual(ended.of("death"), [])

    def test_no_trace_without_the_option(self):
        victim, child = self.target(), Task(4000030, 900, 0, "child")
        play = Play().fork(SHELL, child).image(child, "X").ended(child, 0, watched=0)
        ended = self.watch_briefly("--pid", victim.pid, play=play)
        self.assertEqual([record["type"] for record in ended.records], ["session", "armed", "summary"])


@needs_root
class End(Case):
    """The ends of a watch, and their exit statuses."""

    def test_count(self):
        victim, play = self.target(), Play()
        for _ in range(5):
            play.signal(KILLER, victim, signal.SIGUSR1).returned(KILLER)
        ended = self.watch("--pid", victim.pid, "--count", 2, play=play)
        self.assertEqual(len(ended.of("signal")), 2)
        self.assert_stream(ended)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_count_counts_what_passes(self):
        victim = self.target()
        play = Play().signal(KILLER, victim, signal.SIGUSR1).returned(KILLER).signal(KILLER, victim, signal.SIGTERM)
        ended = self.watch("--pid", victim.pid, "--signal", "TERM", "--count", 1, play=play.returned(KILLER))
        self.assertEqual([record["signal"]["name"] for record in ended.of("signal")], ["SIGTERM"])

    def test_duration(self):
        ended = self.watch("--pid", self.target().pid, "--duration", "0.2", play=Play())
        self.assert_stream(ended)
        self.assertGreaterEqual(ended.records[-1]["duration_s"], 0.2)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_until_death(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death", "--duration", 30, play=killed(victim))
        self.assert_stream(ended)
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_until_death_with_duration_that_runs_out(self):
        ended = self.watch("--pid", self.target().pid, "--until-death", "--duration", "0.2", play=Play())
        self.assert_stream(ended, status=1)

    def test_target_that_ends_while_it_arms(self):
        victim = self.target()
        play = Play(armed=False).step("hello").touch(self.root / "loaded").wait(self.root / "go")
        running = self.start("watch", "--format", "jsonl", "--pid", victim.pid, "--until-death",
                             play=play.step("targets").step("probed"))
        until((self.root / "loaded").exists, "the module to be loaded")
        os.kill(victim.pid, signal.SIGKILL)
        os.waitpid(victim.pid, 0)
        (self.root / "go").touch()
        ended = running.end()
        self.assert_stream(ended, status=1)
        self.assertEqual([record["id"] for record in ended.of("diagnostic")], ["target.missing"])

    def command_play(self, status):
        """staprun's play when a command is watched: it lets the command end when it is a target."""
        return self.play_command(Play().step("target").touch(self.root / "go").step("gone"), status)

    @staticmethod
    def play_command(play, status):
        """Adds the command's fork by stapkill, its exec and its end."""
        target = Task("{target}", "{target_start}", os.getuid(), "sh")
        play.fork(Task("{stapkill}", 1, os.getuid(), "stapkill"), target._replace(comm="stapkill"))
        return play.image(target, "X", parent="{stapkill}", argv=argv_of("/bin/sh", "-c")).ended(target, status)

    def run_command(self, script, status, *words, **more):
        waiting = f"while ! test -e {self.root}/go; do sleep 0.02; done; "
        return self.run_it("watch", "--format", "jsonl", *words, "--", "/bin/sh", "-c", waiting + script,
                           play=self.command_play(status), **more)

    def test_command(self):
        output = self.root / "out"
        ended = self.run_command("echo went through; echo beside it >&2; exit 7", 7 << 8, "--output", output)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(ended.out, b"went through\n")
        self.assertIn("beside it\n", ended.error)
        records = records_of(output.read_text())
        self.assertEqual([record["type"] for record in records], ["session", "armed", "death", "summary"])
        self.assertEqual(records[2]["exit"]["status"], 7)
        self.assertEqual(records[2]["process"]["argv"][:2], ["/bin/sh", "-c"])

    def test_command_that_ends_at_once(self):
        """The command has ended and been reaped before stapkill could look at it."""
        play = Play().step("target").step("stop").touch(self.root / "go").step("gone").step("go_on")
        waiting = f"while ! test -e {self.root}/go; do :; done"
        ended = self.watch("--output", self.root / "out", "--", "/bin/sh", "-c", waiting, play=self.play_command(play, 0))
        self.assertEqual(ended.status, 0, ended)
        deaths = [record for record in records_of((self.root / "out").read_text()) if record["type"] == "death"]
        self.assertEqual([record["exit"]["status"] for record in deaths], [0])

    def test_command_is_watched_before_its_first_instruction(self):
        """The command makes itself a target before its exec: its program finds the order there."""
        output = self.root / "out"
        ended = self.run_command(f"cat {self.proc}/stapkill_*/targets; echo \" me $$\"", 0, "--output", output)
        orders, _, pid = ended.text.strip().rpartition(" me ")
        self.assertIn(f"+{pid}", orders)

    def test_command_not_found(self):
        ended = self.watch("--", "no-such-program", play=Play())
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("no-such-program", ended.error)
        self.assertEqual(ended.records[-1]["type"], "summary")
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])

    def test_command_that_cannot_run(self):
        file = self.root / "no-program"
        file.write_text("no program\n")
        file.chmod(0o644)
        ended = self.watch("--", str(file), play=Play())
        self.assertEqual(ended.status, 1, ended)
        self.assertIn(str(file), ended.error)

    def test_command_gets_its_words_as_they_are(self):
        output, words = self.root / "out", ["--help", "-x", "a b", "$HOME", ""]
        script = f'while ! test -e {self.root}/go; do sleep 0.02; done; printf "<%s>" "$@"'
        ended = self.run_it("watch", "--format", "jsonl", "--output", output, "--", "/bin/sh", "-c", script, "sh", *words,
                            play=self.command_play(0))
        self.assertEqual(ended.text, "".join(f"<{word}>" for word in words))

    def test_command_does_not_inherit_descriptors_or_blocked_signals(self):
        output = self.root / "out"
        ended = self.run_command("ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status", 0,
                                 "--output", output, "--record", self.root / "record")
        count, *masks = ended.text.splitlines()
        self.assertLessEqual(int(count), 4, ended.text)  # the standard ones and the one of ls
        self.assertEqual([int(line.split()[1], 16) for line in masks], [0, 0], ended.text)


@needs_root
class Output(Case):
    """Where the stream goes."""

    def test_output_file(self):
        victim, path = self.target(), self.root / "stream.jsonl"
        path.write_text("an old text\n")
        ended = self.watch("--pid", victim.pid, "--until-death", "--output", path, play=killed(victim))
        self.assertEqual((ended.status, ended.out), (0, b""))
        self.assertEqual([record["type"] for record in records_of(path.read_text())],
                         ["session", "armed", "signal", "death", "summary"])

    def test_output_dash_is_standard_output(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death", "--output", "-", play=killed(victim))
        self.assert_stream(ended)
        self.assertFalse((self.root / "-").exists())

    def test_record_beside_text(self):
        victim, path = self.target(), self.root / "stream.jsonl"
        ended = self.run_it("watch", "--pid", victim.pid, "--until-death", "--record", path, play=killed(victim))
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("SIGKILL", ended.text)
        self.assertNotIn('"type"', ended.text)
        self.assertEqual([record["type"] for record in records_of(path.read_text())],
                         ["session", "armed", "signal", "death", "summary"])

    def test_output_that_cannot_be_opened(self):
        for option in ("--output", "--record"):
            ended = self.watch("--pid", self.target().pid, option, self.root / "no/such/place", play=Play())
            self.assert_failed(ended, str(self.root / "no/such/place"))
            self.assertEqual(self.calls("staprun"), [])

    def test_stdout_holds_nothing_but_records(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, "--until-death", "--verbose", play=killed(victim))
        self.assert_stream(ended)
        self.assertIn("Pass 1", ended.error)

    def test_flood(self):
        """All of 1e5 signals are emitted in order, none is lost."""
        victim, many = self.target(), 100_000
        play = Play().step("flood", many, "S", signal_fields(KILLER, victim, signal.SIGUSR1, code=0x80, call=-1))
        ended = self.watch("--pid", victim.pid, "--count", many, play=play, patience=55)
        self.assertEqual(ended.status, 0, ended.err)
        lines = ended.out.splitlines()
        seqs = [int(re.search(rb'"seq":(\d+)', line).group(1)) for line in lines if line.startswith(b'{"type":"signal"')]
        self.assertEqual(seqs, list(range(1, many + 1)))
        summary = records_of(lines[-1].decode())[0]
        self.assertEqual((summary["signals"], summary["lost"]), (many, 0))


@needs_root
class Stap(Case):
    """How SystemTap is called."""

    def test_second_start_uses_the_cache(self):
        victim = self.target()
        first = self.watch("--pid", victim.pid, "--duration", "0.1", play=Play())
        second = self.watch("--pid", self.target().pid, "--duration", "0.1", play=Play())
        self.assertEqual((first.status, second.status), (0, 0))
        self.assertEqual(len(self.calls("stap")), 1)
        self.assertEqual(len(self.calls("staprun")), 2)
        self.assertEqual([ended.of("armed")[0]["from_cache"] for ended in (first, second)], [False, True])

    def test_prepare_fills_the_cache(self):
        done = self.run_it("watch", "--prepare")
        self.assertEqual((done.status, done.out), (0, b""), done)
        self.assertEqual(self.calls("staprun"), [])
        ended = self.watch("--pid", self.target().pid, "--duration", "0.1", play=Play())
        self.assertTrue(ended.of("armed")[0]["from_cache"])
        self.assertEqual(len(self.calls("stap")), 1)

    def test_pid_is_not_in_the_module(self):
        victim = self.target()
        self.watch("--pid", victim.pid, "--duration", "0.1", play=Play())
        self.assertNotIn(str(victim.pid), self.calls("stap")[0]["argv"])

    def test_stap_arg(self):
        """It reaches stap, and gives another module."""
        for words in ([], ["--stap-arg=-DMAXACTION=5000"], ["--stap-arg=-DMAXACTION=5000"]):
            self.assertEqual(self.watch("--pid", self.target().pid, "--duration", "0.1", *words, play=Play()).status, 0)
        calls = self.calls("stap")
        self.assertEqual(len(calls), 2)
        self.assertNotIn("-DMAXACTION=5000", calls[0]["argv"])
        self.assertIn("-DMAXACTION=5000", calls[1]["argv"])

    def test_stap_arg_with_a_value_of_its_own(self):
        self.watch("--pid", self.target().pid, "--duration", "0.1", "--stap-arg", "-s64", "--stap-arg", "a b", play=Play())
        argv = self.calls("stap")[0]["argv"]
        self.assertEqual(argv[argv.index("-s64") + 1], "a b")

    def test_stap_arg_for_a_macro_that_is_set_already(self):
        """The later value counts: the compiler refuses two values for one name."""
        self.watch("--pid", self.target().pid, "--duration", "0.1", "--stap-arg=-DMAXSKIPPED=5", "--stap-arg=-DMAXACTION=5",
                   "--stap-arg=-DMAXACTION=6", play=Play())
        macros = [word for word in self.calls("stap")[0]["argv"] if word.startswith("-DMAX")]
        self.assertEqual(macros, ["-DMAXSKIPPED=5", "-DMAXACTION=6"])

    def test_headers_that_change_make_another_module(self):
        self.watch("--pid", self.target().pid, "--duration", "0.1", play=Play())
        symvers = self.root / "modules" / RELEASE / "build/Module.symvers"
        symvers.write_text(symvers.read_text() + "0x00000001\tother\tvmlinux\tEXPORT_SYMBOL\n")
        self.watch("--pid", self.target().pid, "--duration", "0.1", play=Play())
        self.assertEqual(len(self.calls("stap")), 2)

    def test_environment_of_the_tools(self):
        self.watch("--pid", self.target().pid, "--duration", "0.1", play=Play(), environment={"LC_ALL": "C.UTF-8"})
        self.assertEqual(self.calls("stap")[0]["env"]["LC_ALL"], "C")
        self.assertEqual(self.calls("staprun")[0]["env"]["LC_ALL"], "C")
        self.assertTrue(self.calls("stap")[0]["env"]["TMPDIR"].startswith(str(self.cache)))

    def test_keep(self):
        ended = self.watch("--pid", self.target().pid, "--duration", "0.1", "--keep", play=Play())
        self.assertEqual(ended.status, 0)
        kept = self.builds_left()
        self.assertEqual(len(kept), 1)
        folder = self.cache / kept[0]
        self.assertIn("probe", (folder / "watch.stp").read_text())
        self.assertIn("Pass 1", (folder / "log").read_text())
        self.assertIn("watch.stp", (folder / "command").read_text())
        self.assertIn(str(folder), ended.error)

    def test_keep_when_it_fails(self):
        ended = self.watch("--pid", self.target().pid, "--keep", play=Play(), environment={"FAKE_STAP_SCENARIO": "pass4"})
        kept = self.builds_left()
        self.assertEqual(len(kept), 1)
        self.assert_failed(ended, str(self.cache / kept[0]))
        self.assertIn("kbuild", (self.cache / kept[0] / "log").read_text())

    def test_two_at_once(self):
        """Each has its own module; neither disturbs the other."""
        self.prepare_cache()
        running = [self.start("watch", "--format", "jsonl", "--pid", self.target().pid, play=Play()) for _ in range(2)]
        for one in running:
            one.until_out('"armed"')
        self.assertEqual(len(list(self.proc.iterdir())), 2)
        for one in running:
            one.signal(signal.SIGTERM)
        for one in running:
            self.assert_stream(one.end())

    def test_two_that_compile_at_once(self):
        running = [self.start("watch", "--format", "jsonl", "--pid", self.target().pid, "--duration", "0.1", play=Play())
                   for _ in range(2)]
        for one in running:
            self.assert_stream(one.end())
        self.assertEqual(self.builds_left(), [])


if __name__ == "__main__":
    main()
