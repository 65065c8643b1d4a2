"""Which person: the login that a process was started from, and its terminal."""
import os
import pty
import subprocess
import sys

from support import needs, says, victim, watch_victim

BACKENDS = ["stap", "bpf"]

NOBODY = 65534  # a user that every distribution has

# Logs in as PAM does, opens a session of its own on the terminal that it has as standard input, and runs the command.
LOGIN = """
import fcntl, os, sys, termios
with open("/proc/self/loginuid", "w") as file:
    file.write(sys.argv[1])
os.setsid()
if os.isatty(0):
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def login(*argv, **popen):
    needs("/proc/self/loginuid", "this kernel has no audit")
    return subprocess.Popen([sys.executable, "-c", LOGIN, str(NOBODY), *argv], **popen)


def of_nobody(process):
    assert process["loginuid"] == NOBODY and process["login"] == "nobody", process
    assert process["audit_session"] > 0, process


def killer_in_a_login():
    """It is root, and nobody logged in; the login has a terminal. This process has neither."""
    process = victim()
    watch = watch_victim(process)
    master, slave = pty.openpty()
    assert login("kill", "-9", str(process.pid), stdin=slave).wait() == 0
    name = os.ttyname(slave).removeprefix("/dev/")
    os.close(slave)
    os.close(master)
    process.wait()
    death, fatal = watch.fatal()
    of_nobody(fatal["sender"])
    assert fatal["sender"]["uid"] == 0 and fatal["sender"]["tty"] == name, fatal["sender"]
    for other in fatal["target"], fatal["ancestry"][0]:
        assert [other[key] for key in ("loginuid", "login", "audit_session")] == [None] * 3, other
    says(death, ", in a login of nobody")


def killer_that_left_its_login():
    """Its shell has ended: no ancestor shows the login any more."""
    process = victim()
    watch = watch_victim(process)
    code = (f"import os, time; shell = os.getpid(); os.fork() and os._exit(0)\n"
            f"while os.getppid() == shell: time.sleep(0.01)\nos.kill({process.pid}, 9)")
    login(sys.executable, "-c", code, stdin=subprocess.DEVNULL).wait()
    process.wait()
    death, fatal = watch.fatal()
    of_nobody(fatal["sender"])
    says(death, ", in a login of nobody")


def killer_of_an_earlier_login():
    """It was there before the watch: /proc shows its login."""
    process = victim()
    killer = login("sh", "-c", f"echo; read go; kill -9 {process.pid}; exit 0", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    killer.stdout.readline()
    watch = watch_victim(process, "--children")  # armed means then that all processes were read
    killer.communicate(b"go\n")
    process.wait()
    death, fatal = watch.fatal()
    of_nobody(fatal["sender"])
    assert fatal["sender"]["tty"] is None, fatal["sender"]


def target_in_a_login():
    """Its end by its own exit has it too."""
    process = login("sh", "-c", "echo; read go; exit 3", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    watch = watch_victim(process)
    process.communicate(b"go\n")
    of_nobody(watch.death()["process"])
