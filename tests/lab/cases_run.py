"""The scripts of the field notes, unchanged, run by `stapkill run`."""
import os
import signal
import subprocess

from cases_templates import Script
from support import BINARY, born_as, until, victim

BACKENDS = ["stap"]
GUEST = True

NOTES = "/share/notes"
NOTED_PID = 7942  # two of the scripts watch this pid


class Own(Script):
    """One running script of /share/notes; its module was compiled outside the guest."""

    def __init__(self, name, *more):
        self.file, self.errors = f"/tmp/{name}.out", f"/tmp/{name}.err"
        with open(self.file, "wb") as out, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen([BINARY, "run", f"{NOTES}/{name}", *more], stdout=out, stderr=errors)
        until(lambda: "armed in " in self.said() or self.process.poll() is not None)
        assert "armed in " in self.said(), self.said()
        assert "compiling" not in self.said(), "not compiled outside the guest"

    def said(self):
        return open(self.errors, errors="replace").read()


def kill_with_shell(process, number=signal.SIGKILL):
    subprocess.run(["sh", "-c", f"/bin/kill -{int(number)} {process}; true"], check=True)


def noted(name, *more, pid=NOTED_PID):
    """The script that names the senders of signals to one pid, with their parents."""
    script = Own(name, *more)
    born_as(pid, "sleep", "600")
    until(lambda: open(f"/proc/{pid}/comm").read() == "sleep\n")
    kill_with_shell(pid)
    script.sees(rf"^kill\(\d+\) send SIGKILL to sleep\({pid}\)$", r"^parent of sender: sh\(\d+\)$",
                r"^task_ancestry:swapper/0\(0m0\.0+s\)=>.*=>python3\(\d+m[\d.]+s\)=>sh\(\d+m[\d.]+s\)=>kill\(\d+m[\d.]+s\)$")
    script.end()


def own_script_of_the_notes():
    noted("sg.stp")


def own_script_of_the_notes_for_containers():
    noted("sg-container.stp")


def own_script_with_a_global_set():
    """-G: the same module, for another process."""
    noted("sg.stp", "-G", "target_pid=31942", pid=31942)


def own_script_of_sigkill():
    script = Own("sigkill.stp")
    process = victim()
    os.kill(process.pid, signal.SIGTERM)
    other = victim()
    kill_with_shell(other.pid)
    script.sees(rf"^SIGKILL was sent to sleep \(pid:{other.pid}\) by kill \(pid:\d+\) uid :0$")
    assert str(process.pid) not in script.end()


def own_script_of_kill_calls():
    """New processes, the programs that they run, and kill(2) with its result."""
    script = Own("kill-watch.stp")
    process = victim()
    kill_with_shell(process.pid)
    script.sees(r"^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} *: sh \(\d+\) created \d+$", r"\(\d+\) is exec'ing \"?/bin/kill\"?$",
                rf"^\d+ +kill +9 +{process.pid} +-?\d+$")
    script.end()
