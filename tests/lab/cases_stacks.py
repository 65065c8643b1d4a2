"""Which code of a program ended it, or sent the signal: the calls on its user-space stack."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request

from support import BINARY, LIMIT, Skipped, Watch, backend, knows_functions, needs, until, victim, write

BACKENDS = ["stap", "bpf"]

PROGRAM = r"""
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As long as a page, so that callers lie deeper than the innermost page of the stack. */
static __attribute__((noinline)) int give_up(const char *how, int pid) {
    char room[3000];
    snprintf(room, sizeof(room), "%s", how);
    if (!strcmp(room, "abort")) abort();
    if (!strcmp(room, "fault")) *(volatile int *)8 = 1;
    if (!strcmp(room, "exit")) exit(7);
    if (!strcmp(room, "quick")) _exit(8);
    if (!strcmp(room, "kill")) kill(pid, SIGKILL);
    if (!strcmp(room, "term")) kill(pid, SIGTERM);
    if (!strcmp(room, "pipe")) { int ends[2]; if (pipe(ends)) return 1; close(ends[0]); return write(ends[1], "x", 1); }
    return room[0];
}

__attribute__((noinline)) int carry_on(const char *how, int pid, int depth) {
    if (depth) return carry_on(how, pid, depth - 1) + 1;
    return give_up(how, pid) + 1;
}

int main(int count, char **words) {
    int status;

    (void)count;
    if (getchar() < 0) return 1; /* until it is watched */
    status = carry_on(words[1], atoi(words[2]), 3);
    usleep(getenv("LINGER") ? 4000000 : 300000); /* a killer lives on for a moment */
    return status & 0;
}
"""
LINE_OF_ABORT = PROGRAM.splitlines().index("    if (!strcmp(room, \"abort\")) abort();") + 1


def compiled(folder, *options):
    """The program. Without frame pointers, so that only .eh_frame shows who called."""
    needs("/usr/bin/gcc", "the program is compiled by it")
    if not knows_functions():
        raise Skipped("stacks need Linux 5.17")
    source, program = os.path.join(folder, "calls.c"), os.path.join(folder, "calls")
    write(source, PROGRAM)
    subprocess.run(["gcc", "-O2", "-fomit-frame-pointer", "-fno-optimize-sibling-calls", "-w", *options, "-o", program, source],
                   check=True)
    return program


def run(program, how, pid=0, *options, targets=(), before=(), **popen):
    """Runs the program, which is watched unless there are other targets; returns the stream's records."""
    process = subprocess.Popen([*before, program, how, str(pid)], stdin=subprocess.PIPE)
    watch = Watch(*(targets or ("--pid", str(process.pid))), "--until-death", "--duration", str(LIMIT), *options, **popen)
    process.stdin.write(b"x")
    process.stdin.close()
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    process.wait()
    return watch


def frames_of(watch, kind="signal"):
    return [record for record in watch.of(kind) if "frames" in record][-1]["frames"]


def check(frames, *functions, module="calls", unknown=()):
    """These functions are among the frames of the program itself, in this order; nothing of them is wrong."""
    own = [frame for frame in frames if frame["module"] == module]
    names = [frame["function"] for frame in own]
    assert names == [*functions, *names[len(functions):]], frames
    for frame in frames:
        assert re.fullmatch("0x[0-9a-f]+", frame["address"]) and re.fullmatch("0x[0-9a-f]+", frame["offset"]), frame
    return own


CALLS = ["give_up", "carry_on", "carry_on", "carry_on", "carry_on", "main"]


def calls_of_an_abort():
    """With lines, from the program's own debug information."""
    with tempfile.TemporaryDirectory() as folder:
        watch = run(compiled(folder, "-g"), "abort")
        own = check(frames_of(watch), *CALLS)
        assert own[0]["line"] == LINE_OF_ABORT and own[0]["file"].endswith("calls.c"), own[0]
        assert frames_of(watch)[0]["module"].startswith("libc"), frames_of(watch)
        death = watch.of("death")[0]["verdict"]
        assert death["cause"] == "self", death
        assert f"give_up, calls.c:{LINE_OF_ABORT} < carry_on" in death["summary"], death["summary"]
        assert any("carry_on" in line for line in death["evidence"]), death["evidence"]


def is_served(port, program):
    notes = subprocess.run(["readelf", "-n", program], capture_output=True, text=True, check=True).stdout
    build_id = re.search("Build ID: ([0-9a-f]+)", notes).group(1)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/buildid/{build_id}/debuginfo") as answer:
            return answer.status == 200
    except OSError:
        return False


def calls_with_fetched_debug_information():
    """From a debuginfod server, where the program is stripped; nothing is fetched unless it is asked for."""
    needs("/usr/bin/debuginfod", "it serves debug information")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        program = compiled(folder, "-g", "-Wl,--build-id")
        os.chmod(folder, 0o755)
        os.mkdir(os.path.join(folder, "served"))
        subprocess.run(["objcopy", "--only-keep-debug", program, os.path.join(folder, "served", "calls.debug")], check=True)
        subprocess.run(["strip", program], check=True)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        server = subprocess.Popen(["debuginfod", "-d", os.path.join(folder, "index"), "-p", str(port), "-F",
                                   os.path.join(folder, "served")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: is_served(port, program), limit=60)
            environment = {**os.environ, "DEBUGINFOD_URLS": f"http://127.0.0.1:{port}/"}
            watch = run(program, "abort", 0, "--stacks", "fetch", "--ask-limit", "60", env=environment)
            own = check(frames_of(watch), *CALLS)
            assert own[0]["line"] == LINE_OF_ABORT and own[0]["file"].endswith("calls.c"), own[0]
            cache = os.path.join(os.environ.get("STAPKILL_CACHE", "/var/cache/stapkill"), "debuginfod")
            assert os.stat(cache).st_uid == 65534 and os.stat(cache).st_mode & 0o777 == 0o700, os.stat(cache)
            plain = run(program, "abort", env=environment)
            assert all(frame["file"] is None for frame in frames_of(plain) if frame["module"] == "calls"), frames_of(plain)
        finally:
            server.terminate()
            server.wait()


def calls_of_a_fault():
    with tempfile.TemporaryDirectory() as folder:
        watch = run(compiled(folder, "-g"), "fault")
        check(frames_of(watch), *CALLS)
        death = watch.of("death")[0]["verdict"]
        assert death["cause"] == "fault" and ": give_up, calls.c:" in death["summary"], death["summary"]


def calls_of_a_broken_pipe():
    with tempfile.TemporaryDirectory() as folder:
        watch = run(compiled(folder), "pipe")
        check(frames_of(watch), *CALLS)
        assert watch.of("death")[0]["verdict"]["cause"] == "sigpipe"


def calls_of_an_exit():
    """Where it called exit(3), and _exit(2)."""
    if backend() == "stap":
        raise Skipped("stap does not show the calls of an exit")
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder)
        for how in ("exit", "quick"):
            watch = run(program, how)
            deaths = watch.of("death")
            if "frames" not in deaths[0] and not os.path.exists("/sys/kernel/tracing/available_filter_functions") \
                    and not os.path.exists("/sys/kernel/debug/tracing/available_filter_functions"):
                raise Skipped("before Linux 6.16 an exit is seen at a function, which this kernel does not allow")
            check(frames_of(watch, "death"), *CALLS)
            assert "give_up < carry_on" in deaths[0]["verdict"]["summary"], deaths[0]["verdict"]["summary"]


def calls_of_an_exit_without_a_fault():
    """Status 0: nobody asks."""
    with tempfile.TemporaryDirectory() as folder:
        watch = run(compiled(folder), "nothing")
        assert "frames" not in watch.of("death")[0], watch.of("death")


def calls_of_a_killer():
    """SIGKILL, and a SIGTERM that its target handles; the killer itself is not watched."""
    handler = "import signal,sys,time; signal.signal(15, lambda *_: sys.exit(0)); print(1, flush=True); time.sleep(600)"
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, "-g")
        for how, argv in (("kill", ["sleep", "600"]), ("term", [sys.executable, "-c", handler])):
            target = subprocess.Popen(argv, stdout=subprocess.PIPE)
            if how == "term":
                target.stdout.readline()
            watch = run(program, how, target.pid, targets=("--pid", str(target.pid)))
            target.wait()
            check(frames_of(watch), *CALLS)
            assert watch.of("death")[0]["verdict"]["initiator"]["comm"] == "calls", watch.of("death")


def calls_of_a_stripped_program():
    """No function is made up; where it was is known all the same."""
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, "-s")
        watch = run(program, "abort")
        own = check(frames_of(watch), *[None] * len(CALLS))
        assert all(int(frame["offset"], 16) < os.path.getsize(program) for frame in own), own
        assert own[0]["build_id"], own[0]
        assert "frames" not in watch.of("death")[0] and " < " not in watch.of("death")[0]["verdict"]["summary"]


def calls_of_a_static_program():
    with tempfile.TemporaryDirectory() as folder:
        try:
            program = compiled(folder, "-static")
        except subprocess.CalledProcessError as error:
            raise Skipped("there is no static C library") from error
        functions = [frame["function"] for frame in frames_of(run(program, "abort"))]
        at = functions.index("give_up")
        assert functions[at:at + 6] == CALLS and "abort" in functions[:at], functions


def calls_of_a_program_with_frame_pointers():
    """Without .eh_frame, as other compilers' programs have none."""
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-omit-frame-pointer")
        check(frames_of(run(program, "fault")), *CALLS[:5])


def calls_of_a_removed_program():
    """Its file is gone, or another one is at its path: no function, and none of the other's."""
    with tempfile.TemporaryDirectory() as folder:
        for replaced in (False, True):
            program = compiled(folder)
            process = subprocess.Popen([program, "fault", "0"], stdin=subprocess.PIPE)
            watch = Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT))
            os.unlink(program)
            if replaced:
                shutil.copy("/bin/sh", program)
            process.stdin.write(b"x")
            process.stdin.close()
            process.wait()
            assert watch.process.wait(LIMIT) == 0, watch.errors()
            own = [frame for frame in frames_of(watch) if (frame["module"] or "").startswith("calls")]
            assert own and own[0]["function"] is None, frames_of(watch)


def calls_in_another_root():
    """A program below another root, whose path is not one of this machine's: it lives, so its own view is used."""
    if os.getuid() != 0:
        raise Skipped("chroot(2) needs root")
    with tempfile.TemporaryDirectory() as folder:
        try:
            program = compiled(folder, "-static")
        except subprocess.CalledProcessError as error:
            raise Skipped("there is no static C library") from error
        root = os.path.join(folder, "root")
        os.makedirs(root)
        shutil.move(program, os.path.join(root, "calls"))
        target = victim()
        killer = subprocess.Popen(["/calls", "kill", str(target.pid)], stdin=subprocess.PIPE, preexec_fn=lambda: os.chroot(root),
                                  env={"LINGER": "1"})
        watch = Watch("--pid", str(target.pid), "--until-death", "--duration", str(LIMIT))
        killer.communicate(b"x")
        target.wait()
        assert watch.process.wait(LIMIT) == 0, watch.errors()
        functions = [frame["function"] for frame in frames_of(watch)]
        assert functions[functions.index("give_up"):][:6] == CALLS, functions


def calls_in_a_root_that_is_an_overlay():
    """As a container's: its only process has ended by the time that its files are looked at. The file is a lower layer's."""
    folder = tempfile.mkdtemp()
    try:
        program = compiled(folder)
        names = {name: os.path.join(folder, name) for name in ("lower", "upper", "work", "merged")}
        for name in names.values():
            os.makedirs(name)
        shutil.move(program, os.path.join(names["lower"], "calls"))
        for file in libraries_of(os.path.join(names["lower"], "calls")):
            os.makedirs(names["lower"] + os.path.dirname(file), exist_ok=True)
            shutil.copy(file, names["lower"] + file)
        subprocess.run(["mount", "-t", "tmpfs", "none", names["upper"]], check=True)
        os.makedirs(names["upper"] + "/upper")
        os.makedirs(names["upper"] + "/work")
        options = "lowerdir={lower},upperdir={upper}/upper,workdir={upper}/work".format(**names)
        try:
            if subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, names["merged"]], check=False).returncode:
                raise Skipped("this kernel has no overlay file system")
            try:
                process = subprocess.Popen(["/calls", "fault", "0"], stdin=subprocess.PIPE,
                                           preexec_fn=lambda: os.chroot(names["merged"]))
                watch = Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT))
                process.communicate(b"x")
                assert watch.process.wait(LIMIT) == 0, watch.errors()
            finally:
                subprocess.run(["umount", names["merged"]], check=True)
        finally:
            subprocess.run(["umount", names["upper"]], check=True)
        check(frames_of(watch), *CALLS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a mount can be busy for a moment after umount


def libraries_of(program):
    """The files that the loader maps for a program, as ldd(1) lists them."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


def calls_of_real_programs():
    """Python, which nobody here has made; perl where it is there."""
    programs = {"python3": ["-c", "import os, sys; sys.stdin.read(1); os.abort()"],
                "perl": ["-e", "sysread STDIN, $_, 1; kill 'ABRT', $$; sleep 9"]}
    for name, words in programs.items():
        path = shutil.which(name)
        if not path or not knows_functions():
            continue
        process = subprocess.Popen([path, *words], stdin=subprocess.PIPE)
        watch = Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT))
        process.stdin.write(b"x")
        process.stdin.close()
        process.wait()
        assert watch.process.wait(LIMIT) == 0, watch.errors()
        frames = frames_of(watch)
        functions = [frame["function"] for frame in frames]
        wanted = "abort" if name == "python3" else "kill"
        assert wanted in functions and len(frames) > 6, frames
        assert functions[-1] == "_start" or len(frames) == 64, frames


def calls_of_a_script_in_text():
    """An interpreter's functions are not shown; its line is."""
    process = victim()
    folder = tempfile.mkdtemp()
    script = os.path.join(folder, "end.sh")
    write(script, f"true\nkill -9 {process.pid}\n")
    watch = Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT))
    subprocess.run(["bash", script], check=True)
    process.wait()
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    assert " < " not in watch.of("death")[0]["verdict"]["summary"], watch.of("death")
    shutil.rmtree(folder)


def no_calls_when_off():
    with tempfile.TemporaryDirectory() as folder:
        watch = run(compiled(folder), "abort", 0, "--stacks", "off")
        assert all("frames" not in record for record in watch.of("signal") + watch.of("death")), watch.records()


def calls_in_a_replay():
    """A recording has the frames, and no memory of the process."""
    with tempfile.TemporaryDirectory() as folder:
        events = os.path.join(folder, "events")
        watch = run(compiled(folder), "abort", 0, "--record-events", events)
        command = [BINARY, "replay", events, "--format", "jsonl"]
        replayed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert '"function":"give_up"' in replayed, replayed
        frames = frames_of(watch)
        assert str(frames[0]["address"]) in replayed
        with open(events, encoding="utf-8") as file:
            lines = [line for line in file if line.startswith("T ")]
        assert lines and all(len(line) < 200 for line in lines), lines
