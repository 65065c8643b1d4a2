"""The cases, which of them are for which backend, and how one is run."""
import glob
import importlib
import inspect
import os
import signal
import traceback

from support import Skipped


def cases(backend, guest):
    """What each file cases*.py defines itself and takes no arguments, where its BACKENDS holds this one; in the `guest`
    also of files that say GUEST: what they do would harm a machine."""
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
    # Who runs the cases in the background ignores it (POSIX, 2.11), and so would all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        case()
        return "ok"
    except Skipped as reason:
        return f"skipped: {reason}"
    except BaseException:  # whatever it is, the others go on
        return traceback.format_exc()
    finally:
        end_children()
