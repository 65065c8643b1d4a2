"""Finds the cases of each backend, and runs one."""
import glob
import importlib
import inspect
import os
import signal
import traceback

from support import Skipped


def cases(backend, guest):
    """The functions without arguments that each file cases*.py defines, if its BACKENDS holds this backend. Files that say
    GUEST would harm a machine: their cases are for the `guest` only."""
    for file in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases*.py"))):
        module = importlib.import_module(os.path.basename(file)[:-len(".py")])
        if getattr(module, "GUEST", False) and not guest:
            continue
        for function in list(vars(module).values()):
            if inspect.isfunction(function) and function.__module__ == module.__name__ and backend in module.BACKENDS:
                if not inspect.signature(function).parameters:
                    yield function


def end_children():
    """A case that failed leaves its processes running."""
    for pid in open(f"/proc/self/task/{os.getpid()}/children").read().split():
        try:
            os.kill(int(pid), signal.SIGKILL)
            os.waitpid(int(pid), 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def outcome(case, backend):
    os.environ["STAPKILL_TEST_BACKEND"] = backend
    os.environ["STAPKILL_TEST_CASE"] = case.__name__
    # A shell that runs the cases in the background ignores it (POSIX, 2.11), and all their children would too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        case()
        return "ok"
    except Skipped as reason:
        return f"skipped: {reason}"
    except BaseException:  # after any error the other cases go on
        return traceback.format_exc()
    finally:
        end_children()
