"""Own scripts on one kernel, each compiled after others: `stapkill run --prepare` against stap -p4 with the same shims, both
with what they kept from a first script. The scripts differ, so neither finds the module in its cache."""
import os
import statistics
import subprocess
import tempfile
import time

# Tracepoints of several headers, a wildcard, system calls, a timer, embedded functions of the tapset.
SCRIPTS = {
    "first": 'probe signal.send { println(sig_name, " ", execname()) }',
    "fork": 'probe kernel.trace("sched:sched_process_fork") { println(pid(), " ", $child->pid) }',
    "exits": 'global ends\nprobe kernel.trace("sched_process_exit") { ends[execname()]++ }\n'
             'probe end { foreach (name in ends- limit 5) println(name, " ", ends[name]) }',
    "kill": 'probe nd_syscall.kill { println(execname(), " ", argstr) }',
    "names": 'probe signal.send { printf("%s(%d) %s\\n", execname(), pid(), task_execname(task_parent(task_current()))) }',
    "load": 'global load\nprobe timer.profile { load[execname()] <<< 1 }\nprobe timer.s(5) { delete load }',
    "files": 'probe kernel.trace("block:block_rq_*") { println(pp()) }',
}


def timed(command, **environment):
    begun = time.monotonic()
    run = subprocess.run(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True)
    if run.returncode != 0:
        raise SystemExit(f"own: {command[0]} could not compile {command[-1]}: {run.stderr[-2000:].decode(errors='replace')}")
    return time.monotonic() - begun


def own(stapkill, kernel, shims):
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, text in SCRIPTS.items():
            paths[name] = os.path.join(folder, name + ".stp")
            with open(paths[name], "w") as file:
                file.write(text + "\n")
        tools = {"stapkill": lambda path: timed([stapkill, "-q", "run", path, "--prepare"], STAPKILL_KERNEL=kernel,
                                                STAPKILL_CACHE=os.path.join(folder, "cache")),
                 "stap": lambda path: timed(["stap", "-p4", "-r", kernel, *shims(kernel, os.path.join(folder, "shims")), path],
                                            SYSTEMTAP_DIR=os.path.join(folder, "stap"), LC_ALL="C")}
        first = {name: tool(paths["first"]) for name, tool in tools.items()}
        ratios = []
        for name, path in list(paths.items())[1:]:
            ours, stock = tools["stapkill"](path), tools["stap"](path)
            ratios.append(ours / stock)
            print(f"  {name}: {ours:.1f} s, stap {stock:.1f} s")
        print(f"own: a script after others takes {statistics.median(ratios):.2f} of stap's time (aim 1.2 or less; worst "
              f"{max(ratios):.2f}); the first {first['stapkill']:.1f} s, stap {first['stap']:.1f} s")
