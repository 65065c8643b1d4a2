"""Signals right around an exec: Popen(...) and at once terminate()."""
import os
import subprocess

from support import Watch, until

BACKENDS = ["stap", "bpf"]
TURNS = 100


def signals_at_the_moment_of_exec():
    """The parent goes on before the exec is reported: each child is still killed, and its killer is known."""
    watch = Watch("--cmdline", "^sleep 7771[0-9]+")
    pids = []
    for turn in range(TURNS):
        process = subprocess.Popen(["sleep", f"7771{turn}"])
        process.terminate()
        process.wait()
        pids.append(process.pid)
    deaths = until(lambda: len(watch.of("death")) >= TURNS and watch.of("death"))
    watch.finish()
    assert sorted(death["process"]["pid"] for death in deaths) == sorted(pids)
    wrong = [death["verdict"] for death in deaths if death["verdict"]["cause"] != "kill"
             or death["verdict"]["initiator"]["pid"] != os.getpid()]
    assert not wrong, wrong[:3]


def commands_of_a_script_leave_at_their_exec():
    """A script is a target by its command line: the programs that it runs are no targets."""
    watch = Watch("--cmdline", "^sh -c : skt-loop", "--until-death")
    script = subprocess.Popen(["sh", "-c", ": skt-loop; for i in 1 2 3; do sleep 0.2; done; exit 7"])
    until(lambda: watch.of("summary"))
    script.wait()
    deaths = watch.of("death")
    assert [death["process"]["pid"] for death in deaths] == [script.pid], deaths


def deaths_while_the_watch_ends():
    """If a process is killed just when the watch is asked to end, its death has the killer, or there is no death record."""
    turns = 5 if os.path.isdir("/share") else 40  # in the guest each takes seconds
    reported = 0
    for turn in range(turns):
        process = subprocess.Popen(["sleep", "600"])
        watch = Watch("--pid", str(process.pid))
        killer = subprocess.Popen(["sh", "-c", f"sleep 0.0{turn % 10}; kill -9 {process.pid}"])
        watch.finish()
        killer.wait()
        process.wait()
        for death in watch.of("death"):
            assert death["verdict"]["cause"] == "kill", death["verdict"]
            reported += 1
    print(f"{reported} of {turns} deaths were reported")
