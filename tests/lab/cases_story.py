"""What explains a killer: its script, the process that started it, a time limit that was over."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from support import LIMIT, Pid, Watch, descendants, mounted, needs, says, until, victim, watch_victim, write

BACKENDS = ["stap", "bpf"]


def script(path, text):
    write(path, text)
    os.chmod(path, 0o755)
    return path


def run_by_cron(place, line):
    """Runs the line as a child of a process called cron."""
    cron = os.path.join(place, "cron")
    shutil.copy(os.path.realpath(sys.executable), cron)
    # A copy of the interpreter finds its library with the original's path.
    environment = {**os.environ, "PYTHONHOME": sys.base_prefix}
    code = "import subprocess, sys; subprocess.run(['/bin/sh', '-c', sys.argv[1]])"
    subprocess.run([cron, "-c", code, line], env=environment, check=True)


def timeout_that_passes_on():
    """timeout(1) is sent SIGTERM long before its time is over, and passes it on to its command."""
    limited = subprocess.Popen(["timeout", "600", "sleep", "601"])
    child = until(lambda: descendants(limited.pid))[0]
    until(lambda: open(f"/proc/{child}/comm").read() == "sleep\n")
    watch = watch_victim(Pid(child))
    limited.terminate()
    death = watch.death()
    limited.wait()
    says(death, f"from timeout({limited.pid}), its parent, which runs it with a time limit (timeout 600 sleep 601), "
                "which had been sent SIGTERM")
    assert death["verdict"]["initiator"]["pid"] == os.getpid(), death["verdict"]
    assert [step["what"] for step in death["verdict"]["chain"]] == ["signal", "relay"], death["verdict"]


def timeout_that_ends_by_what_it_passes_on():
    """timeout(1) is a target itself, and is its own killer."""
    watch = Watch("--children", "--duration", str(LIMIT), "--", "timeout", "600", "sleep", "601")
    limited = until(lambda: [pid for pid in descendants(watch.process.pid) if descendants(pid)])[0]
    child = descendants(limited)[0]
    until(lambda: open(f"/proc/{child}/comm").read() == "sleep\n")
    os.kill(limited, signal.SIGINT)
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    for record in watch.of("death"):
        assert "was over" not in record["verdict"]["summary"], record["verdict"]


def timeout_whose_time_is_over():
    """A time limit with options in all forms, and a fraction."""
    argv = ["timeout", "-v", "--kill-after=9", "1.5s", "sleep", "601"]
    watch = Watch("--children", "--duration", str(LIMIT), "--", *argv)
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    death = next(record for record in watch.of("death") if record["process"]["comm"] == "sleep")
    says(death, f"whose time was over ({' '.join(argv)})")


def script_that_goes_elsewhere():
    """The script's path is the path at its start."""
    process = victim()
    watch = watch_victim(process)
    with tempfile.TemporaryDirectory() as place:
        write(f"{place}/y.sh", f"cd /usr; kill -9 {process.pid}; exit 0\n")
        subprocess.run(["bash", "y.sh"], cwd=place, check=True)
        death = watch.death()
        process.wait()
        says(death, f", running {place}/y.sh")


def script_that_went_elsewhere_before():
    """Started before the watch: a shell still has its script open, which gives its path."""
    for shell in ("bash", "dash"):
        process = victim()
        with tempfile.TemporaryDirectory() as place:
            write(f"{place}/y.sh", f"cd /usr; echo; read go; kill -9 {process.pid}; exit 0\n")
            killer = subprocess.Popen([shell, "./y.sh"], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            killer.stdout.readline()
            watch = watch_victim(process, "--children")  # armed means then that all processes were read
            killer.communicate(b"go\n")
            death = watch.death()
            process.wait()
            says(death, f", running {place}/y.sh")


def script_that_is_closed():
    """Started before the watch: python has closed the script, so its directory is not known, and none is made up."""
    process = victim()
    with tempfile.TemporaryDirectory() as place:
        write(f"{place}/y.py", f"import os; os.chdir('/usr'); print(flush=True); input(); os.kill({process.pid}, 9)\n")
        killer = subprocess.Popen([sys.executable, "y.py"], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        killer.stdout.readline()
        watch = watch_victim(process)
        killer.communicate(b"go\n")
        death = watch.death()
        process.wait()
        says(death, ", running y.py")


def program_of_a_shell():
    """The sentence has the arguments of sh -c and perl -e, for the killer and for the process that started it."""
    for argv, words in ((["sh", "-c", "kill -9 {pid}; exit 0"],
                         "from sh({killer}), its sibling, which runs `kill -9 {pid}; exit 0`"),
                        (["bash", "-c", "/bin/kill -9 {pid}; exit 0"], ", run by `/bin/kill -9 {pid}; exit 0` (bash {killer})"),
                        (["perl", "-e", "kill 9, {pid}"], "from perl({killer}), its sibling, which runs `kill 9, {pid}`")):
        process = victim()
        watch = watch_victim(process)
        killer = subprocess.Popen([word.replace("{pid}", str(process.pid)) for word in argv])
        killer.wait()
        death = watch.death()
        process.wait()
        says(death, words.format(pid=process.pid, killer=killer.pid))


def job_of_at():
    """With the real at(1): the sentence names the job's file, which has its commands."""
    needs("/usr/sbin/atd", "the package at")
    process = victim()
    daemon = subprocess.Popen(["/usr/sbin/atd", "-f"])
    try:
        watch = watch_victim(process)
        asked = subprocess.run(["at", "now"], input=f"/bin/kill -9 {process.pid}; sleep 1\n", text=True, check=True,
                               capture_output=True)
        number = int(re.search(r"job (\d+)", asked.stderr)[1])
        daemon.send_signal(signal.SIGHUP)  # it looks for jobs at once
        death = watch.death()
        process.wait()
        says(death, ", a job of atd(")
        found = re.search(r"a job of atd\(\d+\): (/\S+/a([0-9a-f]{5})[0-9a-f]{8})\b", death["verdict"]["summary"])
        assert found and int(found[2], 16) == number, (number, death["verdict"])
    finally:
        daemon.terminate()
        daemon.wait()


def script_from_standard_input():
    """The word after -s is an argument, no script."""
    process = victim()
    watch = watch_victim(process)
    subprocess.run(["bash", "-s", "stable"], input=f"kill -9 {process.pid}; exit 0\n".encode(), check=True)
    death = watch.death()
    process.wait()
    assert "stable" not in death["verdict"]["summary"], death["verdict"]


def job_that_goes_through_others():
    """The sentence names cron's job and the script, also with other programs between."""
    process = victim()
    watch = watch_victim(process)
    with tempfile.TemporaryDirectory() as place:
        job = script(f"{place}/xa.sh", f"#!/bin/sh\necho {process.pid} | xargs kill -9\nexit 0\n")
        run_by_cron(place, f"flock {place}/lock {job}; exit 0")
        death = watch.death()
        process.wait()
        says(death, f"run by {job} (xa.sh ")
        says(death, "a job of cron(")


def summary_of_one_line():
    process = victim()
    watch = watch_victim(process)
    with tempfile.TemporaryDirectory() as place:
        run_by_cron(place, f"kill -9 {process.pid}\n\x1b[31mexit 0")
        death = watch.death()
        process.wait()
        summary = death["verdict"]["summary"]
        assert "\n" not in summary and "\x1b" not in summary, summary
        says(death, rf"kill -9 {process.pid}\n\x1b[31mexit 0")


def killer_of_a_unit():
    """A killer without an explanation of its own, in a unit's cgroup: the sentence names the deepest unit."""
    process = victim()
    watch = watch_victim(process)
    unit = f"stapkill-test-{os.getpid()}.service"
    group = f"{mounted('cgroup2')}/{unit}/a/b/c/d"
    os.makedirs(group)
    with tempfile.TemporaryDirectory() as place:
        daemon = os.path.join(place, "mydaemon")
        shutil.copy(os.path.realpath(sys.executable), daemon)
        code = ("import os, subprocess\n"
                f"open('{group}/cgroup.procs', 'w').write(str(os.getpid()))\n"
                f"subprocess.run(['/bin/kill', '-9', '{process.pid}'])")
        subprocess.run([daemon, "-c", code], env={**os.environ, "PYTHONHOME": sys.base_prefix}, check=True)
    os.removedirs(group)
    death = watch.death()
    process.wait()
    says(death, ", started by mydaemon(")
    says(death, f" in {unit}")
