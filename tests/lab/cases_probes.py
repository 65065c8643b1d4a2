"""`stapkill probes` with the distribution's own stap, on the running kernel."""
import glob
import json
import os
import platform
import signal
import subprocess
import tempfile
import time

from support import BINARY, until

BACKENDS = ["stap"]
PROGRAM = r"""
struct pair { int first; char *second; };
static inline __attribute__((always_inline)) int twice(int number) { return 2 * number; }
__attribute__((noinline)) int weigh(struct pair *pair, int (*scale)(int)) { return scale(pair->first) + *pair->second; }
static int same(int number) { return number; }
int main(int argc, char **argv) { struct pair pair = {twice(argc), argv[0]}; return weigh(&pair, same); }
"""


def ask(pattern):
    run = subprocess.run([BINARY, "--quiet", "probes", "--json", "--timeout", "1200", "--", pattern],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.returncode in (0, 1), (pattern, run.returncode, run.stderr)
    assert run.stdout, (pattern, run.stderr)
    answer = json.loads(run.stdout)
    assert (run.returncode == 0) == bool(answer["probes"]), answer
    return answer


def names(answer):
    return {probe["name"]: probe for probe in answer["probes"]}


def probes_of_a_program():
    folder = tempfile.mkdtemp()
    source, program = f"{folder}/weigh.c", f"{folder}/weigh"
    with open(source, "w") as file:
        file.write(PROGRAM)
    # Never run, so it needs no C library, which a guest may lack.
    subprocess.run(["gcc", "-g", "-O1", "-nostdlib", "-static", "-Wl,-e,main", "-o", program, source], check=True)
    found = names(ask(program))
    assert {"main", "weigh", "twice"} <= set(found), found.keys()
    assert found["weigh"]["source"] == {"file": source, "line": 4}, found["weigh"]
    variables = {variable["name"]: variable["type"] for variable in found["weigh"]["variables"]}
    assert variables["$pair"] == "struct pair*" and variables["$scale"].startswith("int (*)"), variables
    near = ask(f"{program}:wiegh")["no_match"]
    assert near["id"] == "no-such-name" and "weigh" in near["near"], near
    lines = ask(f'process("{program}").statement("main@weigh.c:*")')["probes"]
    assert lines and all(probe["source"]["file"] == source for probe in lines), lines


def probes_of_a_system_call():
    found = ask("nd_syscall.kill")["probes"]
    assert len(found) == 1 and found[0]["group"] == "nd_syscall", found
    assert {"pid", "sig"} <= {variable["name"] for variable in found[0]["variables"]}, found


def probes_of_tracepoints():
    found = names(ask('kernel.trace("signal:*")'))
    assert {"signal:signal_generate", "signal:signal_deliver"} <= set(found), found.keys()
    variables = {variable["name"]: variable["type"] for variable in found["signal:signal_generate"]["variables"]}
    assert variables["$task"] == "struct task_struct*", variables


def probes_of_a_renamed_system_call():
    why = ask('kernel.function("sys_kill")')["no_match"]
    assert why["id"] == "renamed-system-call", why
    prefix = {"x86_64": "__x64_sys_", "aarch64": "__arm64_sys_"}[platform.machine()]
    assert why["instead"] == ["nd_syscall.kill", f'kernel.function("{prefix}kill")'], why


def probes_without_debuginfo():
    why = ask("do_exit")["no_match"]
    assert why["id"] == "no-debuginfo" and any("linux-image-" in command for command in why["commands"]), why
    assert ask("do_exti")["no_match"]["near"][0] == "do_exit"


def stap_of(pid):
    """The stap that this stapkill has started."""
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return [int(child) for child in children.read().split()]


def probes_interrupted():
    """^C and SIGKILL both end stap, and only what belongs in the cache stays there."""
    for number in signal.SIGINT, signal.SIGKILL:
        run = subprocess.Popen([BINARY, "--quiet", "probes", "syscall.*"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stap = until(lambda: stap_of(run.pid))[0]
        time.sleep(1)
        run.send_signal(number)
        run.wait(60)
        until(lambda: not os.path.exists(f"/proc/{stap}"))
        if number == signal.SIGKILL:
            ask("do_exit")  # the next run removes what this one could not
        else:
            assert run.returncode == 1, run.returncode
        assert not glob.glob("/var/cache/stapkill/listing.*")
