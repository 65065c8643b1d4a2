"""Who asked a manager: the client that connected to its socket right before it ended a process."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from support import says, victim, watch_victim, write

BACKENDS = ["stap", "bpf"]

# A copy of the interpreter finds its library with the original's path.
ENVIRONMENT = {**os.environ, "PYTHONHOME": sys.base_prefix}

DAEMON = """
import os, socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
print("ready", flush=True)
for turn in range(int(sys.argv[3])):
    client, _ = listening.accept()
    client.recv(1)
    if turn == int(sys.argv[3]) - 1:
        os.kill(int(sys.argv[2]), 15)
    client.sendall(b"done")
"""
CLIENT = "import os, socket; s = socket.socket(socket.AF_UNIX); s.connect(os.environ['SOCKET']); s.sendall(b'x'); s.recv(4)"


def program(place, name):
    path = os.path.join(place, name)
    if not os.path.exists(path):
        shutil.copy(os.path.realpath(sys.executable), path)
    return path


@contextlib.contextmanager
def manager(name, socket, process, turns=1):
    """A directory with a manager that listens there, and ends the process when it is asked for the last of `turns` times."""
    with tempfile.TemporaryDirectory() as place:
        daemon = subprocess.Popen([program(place, name), "-c", DAEMON, socket, str(process.pid), str(turns)], cwd=place,
                                  env=ENVIRONMENT, stdout=subprocess.PIPE)
        try:
            assert daemon.stdout.readline() == b"ready\n"
            yield place
        finally:
            daemon.kill()
            daemon.wait()


def ask(place, name, socket, *words):
    """Runs a client from a script, and returns the script's path."""
    script = os.path.join(place, "deploy.sh")
    write(script, '#!/bin/sh\n"$@"\ntrue\n')
    os.chmod(script, 0o755)
    client = program(place, name)
    subprocess.run([script, client, "-c", CLIENT, *words], cwd=place, env={**ENVIRONMENT, "SOCKET": socket}, check=True)
    return script


def asked_through_a_socket():
    """`docker stop web` asks dockerd; the client and the script that ran it are named, dockerd is only the killer."""
    process = victim()
    with manager("dockerd", "docker.sock", process) as place:
        watch = watch_victim(process)
        script = ask(place, "docker", "docker.sock", "stop", "web")
        death = watch.death()
    verdict = death["verdict"]
    assert verdict["killer"]["comm"] == "dockerd", verdict
    assert [step["what"] for step in verdict["chain"]] == ["request", "signal"], verdict
    request = verdict["chain"][0]
    assert (request["through"], request["confidence"]) == ("docker.sock", "likely"), request
    assert request["process"]["comm"] == verdict["initiator"]["comm"] == "docker", verdict
    assert request["process"]["argv"][-2:] == ["stop", "web"], request
    assert request["ancestry"][0]["comm"] == "deploy.sh", request
    says(death, "; probably asked by `")
    says(death, f"run by {script} (deploy.sh ")
    assert any("connected to docker.sock" in line for line in verdict["evidence"]), verdict


def asked_at_a_socket_of_another_name():
    """A known manager's socket needs no known name."""
    process = victim()
    with manager("supervisord", "any.name", process) as place:
        watch = watch_victim(process)
        ask(place, "supervisorctl", "any.name", "stop", "web")
        death = watch.death()
    assert death["verdict"]["chain"][0]["through"] == "any.name", death["verdict"]
    assert death["verdict"]["initiator"]["comm"] == "supervisorctl", death["verdict"]


def asked_by_a_client_that_only_looks():
    """`docker ps` right before is no request to stop."""
    process = victim()
    with manager("dockerd", "docker.sock", process) as place:
        watch = watch_victim(process)
        ask(place, "docker", "docker.sock", "ps")
        death = watch.death()
    assert death["verdict"]["initiator"]["comm"] == "dockerd", death["verdict"]
    assert "asked by" not in death["verdict"]["summary"], death["verdict"]


def asked_by_what_looks_again_and_again():
    """A monitor that connects every few seconds is not named: that it asked this time cannot be known."""
    process = victim()
    again = ("import socket, sys, time\n"
             "for turn in range(2):\n"
             "    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(b'x'); s.recv(4)\n"
             "    time.sleep(3 * (1 - turn))")
    with manager("dockerd", "docker.sock", process, turns=2) as place:
        watch = watch_victim(process)
        subprocess.run([program(place, "monitor"), "-c", again, "docker.sock"], cwd=place, env=ENVIRONMENT, check=True)
        death = watch.death()
    assert death["verdict"]["initiator"]["comm"] == "dockerd", death["verdict"]


def socket_that_is_no_managers():
    """A program that ends another because a client of its own socket asks: that is no manager's, and not reported."""
    process = victim()
    with manager("server", "server.sock", process) as place:
        watch = watch_victim(process)
        ask(place, "docker", "server.sock", "stop", "web")
        death = watch.death()
    assert [step["what"] for step in death["verdict"]["chain"]] == ["signal"], death["verdict"]
    assert death["verdict"]["initiator"]["comm"] == "server", death["verdict"]
    process.wait()
    assert process.returncode == -signal.SIGTERM
