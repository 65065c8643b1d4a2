"""Which line of a bash script ended a process: told where it is certain, and never another one."""
import os
import subprocess
import tempfile

from support import Watch, needs, says, until, victim, watch_victim, write

BACKENDS = ["stap", "bpf"]

# Each kills process $1. The line with the mark is the one that does, and is known.
MARK = "# here"
KNOWN = {
    "command": 'true\n/bin/kill -9 "$1"  # here\ntrue\n',
    "builtin": 'true\nkill -9 "$1"  # here\nsleep 0.2\n',
    "last": 'true\n\nkill -9 "$1"  # here\n',
    "variable": 'how="/bin/kill -9"\n$how "$1"  # here\ntrue\n',
    "function": 'end() {\n  true\n  $how "$1"  # here\n}\nhow="/bin/kill -9"\nend "$1"\ntrue\n',
    "nested": 'for turn in 1; do\n  if true; then\n    [ "$turn" ] && /bin/kill -9 "$1"  # here\n  fi\ndone\ntrue\n',
    "subshell": 'true\n( true; /bin/kill -9 "$1"; true )  # here\ntrue\n',
    "pipe": 'echo "$1" | while read -r pid; do\n  true\n  kill -9 "$pid"  # here\ndone\nsleep 0.2\n',
    "substitution": 'true\nsaid=$(kill -9 "$1")  # here\nsleep 0.2\n',
    "background": 'true\n/bin/kill -9 "$1" &  # here\nwait\n',
    "case": 'case $1 in\n  [0-9]*)\n    env /bin/kill -9 "$1" ;;  # here\nesac\ntrue\n',
    "text": 'true\neval "/bin/kill -9 $1"  # here\ntrue\n',
    "sources": '. ./library\nend() {\n  kill -9 "$1"  # here\n}\nend "$1"\nsleep 0.2\n',
}
# What their line is cannot be known, or, with a mark, is known only to some versions of bash (5.3 counts on in a text).
UNKNOWN = {
    "trap": '# a trap counts from 1\ntrap "/bin/kill -9 $1" EXIT\ntrue\n',
    "lines": 'true\neval "true\n\n/bin/kill -9 $1  # here\ntrue"\ntrue\n\ntrue\n',
    "sourced": 'process=$1\n. ./killing\ntrue\n',
    "others": '. ./library\nkilled=$1\n\nend_it "$1"\nsleep 0.2\n',
}


def line_of(text):
    marked = [number for number, line in enumerate(text.splitlines(), 1) if MARK in line]
    return marked[0] if marked else None


def scripts_in(place):
    write(os.path.join(place, "library"), '# functions\n\nend_it() { kill -9 "$1"; }\n')
    write(os.path.join(place, "killing"), 'true\ntrue\n/bin/kill -9 "$process"\n')
    for name, text in {**KNOWN, **UNKNOWN}.items():
        write(os.path.join(place, name), text)
    return [*KNOWN, *UNKNOWN]


def lines_of_scripts():
    """Of commands, builtins, functions, subshells; not of a trap, and not of another file."""
    needs("/bin/bash", "this machine has no bash")
    with tempfile.TemporaryDirectory() as place:
        victims = {name: victim() for name in scripts_in(place)}
        watch = Watch(*[word for one in victims.values() for word in ("--pid", str(one.pid))])
        for name, process in victims.items():
            subprocess.run(["bash", "./" + name, str(process.pid)], cwd=place, check=True)
            process.wait()
        until(lambda: len(watch.of("death")) == len(victims))
        watch.finish()
        deaths = {death["process"]["pid"]: death for death in watch.of("death")}
        for name, process in victims.items():
            death, path = deaths[process.pid], os.path.join(place, name)
            wanted = line_of({**KNOWN, **UNKNOWN}[name])
            killers = [death["verdict"]["killer"], *death["ancestry"]]
            shells = [one["script"] for one in killers if one["script"] and one["script"]["path"] == path]
            line = shells[0]["line"] if shells else 0
            if name in UNKNOWN and line is None:
                wanted = None
            assert line == wanted, (name, wanted, death)
            told = f"run by {path}" if death["verdict"]["killer"]["comm"] == "kill" else f"running {path}"
            says(death, f"{told}:{wanted}" if wanted else told)


def line_of_a_script_that_has_ended():
    """Root's script has ended before its line is read; the file is as it was when the script started."""
    needs("/bin/bash", "this machine has no bash")
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "stop.sh")
        write(path, 'end() {\n  kill -9 "$1"\n}\nend "$1"\n')
        process = victim()
        watch = watch_victim(process)
        subprocess.run(["bash", path, str(process.pid)], check=True)
        process.wait()
        death = watch.death()
    says(death, f"{path}:2: kill -9 \"$1\"")
    assert death["verdict"]["killer"]["script"] == {"path": path, "line": 2, "text": 'kill -9 "$1"'}, death
