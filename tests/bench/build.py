"""What building the release costs: from nothing, and again after one file of the verdict has changed."""
import os
import resource
import subprocess
import tempfile

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPTIONS = ["-DCMAKE_BUILD_TYPE=Release", "-DSTAPKILL_STATIC=ON", "-DSTAPKILL_TESTS=OFF", "-DCMAKE_CXX_COMPILER_LAUNCHER="]
CHANGED = "CMakeFiles/stapkill_core.dir/src/verdict/rules.cpp.o"


def cpu_seconds(command):
    """What a command and its children take, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "CCACHE_DISABLE": "1", "LC_ALL": "C"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def build():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cmake", "-S", REPO, "-B", folder, "-G", "Ninja", *OPTIONS], check=True, stdout=subprocess.DEVNULL)
        whole, said = cpu_seconds(["cmake", "--build", folder, "--target", "stapkill"])
        os.unlink(os.path.join(folder, CHANGED))
        again, _ = cpu_seconds(["cmake", "--build", folder, "--target", "stapkill"])
    print(f"build: release from nothing {whole:.0f} s of CPU (aim 300 or less), {said.count('warning:')} warnings (aim 0); "
          f"one changed file of verdict/ {again:.1f} s (aim 10 or less)")
