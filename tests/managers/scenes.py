"""Real managers end a process because somebody asks them: judges whether stapkill names who. Runs in a guest with systemd as pid
1 (scripts/vm-lab --kernel debian12-systemd). scenes.py [NAME…]; prints a line for each scene and the counts. The exit status is 1
if a verdict was wrong."""
import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import time

BACKEND = os.environ.get("STAPKILL_TEST_BACKEND", "bpf")
LIMIT = 240  # seconds; the guest is emulated
STREAM = "/run/scene.jsonl"
SCRIPT = "/root/ask.sh"

DOCKER = '{"storage-driver": "vfs", "iptables": false, "bridge": "none", "ip-forward": false, "ip6tables": false}'


class Wrong(Exception):
    pass


def shell(command, **options):
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          **options)


def must(command):
    done = shell(command, timeout=LIMIT)
    if done.returncode:
        raise Wrong(f"{command}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def until(what, words):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    raise Wrong(f"waited {LIMIT} s in vain for {words}")


@dataclasses.dataclass
class Scene:
    """A target, how it is asked to end, and what the verdict must say."""
    name: str
    start: str            # starts the target
    target: str           # prints its pid
    ask: str              # run as a script, the asker
    initiator: str        # comm of the process that asked
    through: str = ""     # of the chain's first step; "": it is a signal or an exit
    step: str = "request"  # what that step is
    certain: bool = True  # the first step
    says: tuple = ()
    how: str = "shell"    # who runs the script: shell, ssh, sudo (alice, by ssh), cron, timer
    login: str = ""       # the user who logged in, by the kernel's own account
    end: str = ""         # cleans up


def unit(options=""):
    return f"systemd-run -q --unit=victim {options} sleep 3600"


UNIT_PID = "systemctl show -p MainPID --value victim"
CLEAN_UNIT = "systemctl kill -s KILL victim; systemctl reset-failed victim; true"
DEAF = """bash -c 'trap "" TERM; while :; do sleep 1; done'"""
HANGS = ("python3 -c 'import os, socket, time; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
         "s.sendto(b\"READY=1\", os.environ[\"NOTIFY_SOCKET\"]); time.sleep(3600)'")
RUN = "docker run -d --name web --network none box sleep 3600"
DOCKER_PID = "docker inspect -f '{{.State.Pid}}' web"
CLEAN_DOCKER = "docker rm -f web >/dev/null 2>&1; true"
BUS = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager"
CTR = "ctr run -d --rootfs /srv/box web /bin/sleep 3600"
CTR_PID = "ctr task ls | awk '$1 == \"web\" { print $2 }'"
CLEAN_CTR = "ctr task kill -s KILL web; sleep 2; ctr task rm -f web; ctr c rm web; true"
SUPERVISOR_PID = "supervisorctl pid web"
PODMAN = "podman run -d --name web --network none --rootfs /srv/box sleep 3600"
PODMAN_PID = "podman inspect -f '{{.State.Pid}}' web"
CLEAN_PODMAN = "podman rm -f -t 0 web >/dev/null 2>&1; true"

INIT_PID = f"pgrep -P $({DOCKER_PID})"
HEALTH = ("docker run -d --name web --network none --health-interval 25s --health-cmd 'kill -TERM 1' box "
          "sh -c 'trap \"exit 3\" TERM; while :; do sleep 1; done'")
PODMAN_INIT = "podman run -d --init --name web --network none --rootfs /srv/box sleep 3600"
PACKAGE = ("mkdir -p /root/p/DEBIAN; printf 'Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b>\\n'"
           "'Description: p\\n' >/root/p/DEBIAN/control; dpkg-deb -b /root/p /root/p.deb; "
           "echo 'DPkg::Post-Invoke { \"systemctl restart victim\"; };' >/etc/apt/apt.conf.d/99victim; ")


def pod(name, options="", command='["/bin/sleep", "3601"]'):
    """Gives the kubelet the manifest of a static pod. Each has a name of its own: a kubelet forgets one slowly."""
    return f"""cat >/etc/kubernetes/manifests/web.yaml <<'END'
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 3
  containers:
  - name: web
    image: docker.io/library/box:1
    imagePullPolicy: Never
    command: {command}
{options}
END
"""


LIVENESS = """    livenessProbe:
      exec: {command: [/bin/sh, -c, "exit 1"]}
      failureThreshold: 1
      periodSeconds: 5
      initialDelaySeconds: 60
"""
POD_PID = "pgrep -xf '(/bin/)?sleep 3601'"
DEAF_POD = '["/bin/sh", "-c", "trap \'\' TERM; while :; do sleep 1; done"]'
DEAF_POD_PID = "pgrep -xf '/bin/sh -c trap .. TERM; while :; do sleep 1; done'"
CLEAN_POD = "rm -f /etc/kubernetes/manifests/web.yaml; while pgrep -f runc-v2; do sleep 1; done"
REMOVE = "rm /etc/kubernetes/manifests/web.yaml"

SCENES = [
    Scene("systemctl-stop", unit(), UNIT_PID, "systemctl stop victim", "systemctl", "systemd",
          says=("; asked by `systemctl stop victim` (systemctl ", f"run by {SCRIPT}:3 (ask.sh ")),
    Scene("systemctl-restart", unit(), UNIT_PID, "systemctl restart victim", "systemctl", "systemd"),
    Scene("systemctl-kill", unit(), UNIT_PID, "systemctl kill -s INT victim.service", "systemctl", "systemd"),
    Scene("systemctl-no-block", unit(), UNIT_PID, "systemctl --no-block stop victim", "systemctl", "systemd"),
    Scene("ssh", unit(), UNIT_PID, "systemctl stop victim", "systemctl", "systemd", how="ssh", login="root",
          says=("in a login by sshd(", " of root from 127.0.0.1")),
    Scene("sudo", unit(), UNIT_PID, "systemctl stop victim", "systemctl", "systemd", how="sudo", login="alice",
          says=("in a login by sshd(", " of alice from 127.0.0.1")),
    Scene("cron", unit(), UNIT_PID, "systemctl stop victim", "systemctl", "systemd", how="cron", says=("a job of cron(",)),
    Scene("timer", unit(), UNIT_PID, "systemctl stop victim", "systemctl", "systemd", how="timer",
          says=("in asker.service",)),
    Scene("conflicts", unit("-p Conflicts=rival.service"), UNIT_PID, "systemctl start rival", "systemctl", "systemd",
          certain=False),
    Scene("timeout-stop", f"systemd-run -q --unit=victim -p TimeoutStopSec=3 {DEAF}", UNIT_PID, "systemctl stop victim",
          "systemctl", "systemd", says=("SIGKILL", "after SIGTERM", "it had not stopped in time (TimeoutStopSec)")),
    Scene("exec-stop", unit("-p 'ExecStop=/bin/sh -c \"kill -INT $MAINPID\"'"), UNIT_PID, "systemctl stop victim", "systemctl",
          "systemd"),
    Scene("bus", unit(), UNIT_PID, f"busctl call {BUS} StopUnit ss victim.service replace", "busctl", "D-Bus"),
    Scene("watchdog", f"systemd-run -q --unit=victim -p Type=notify -p NotifyAccess=all -p WatchdogSec=20 {HANGS}", UNIT_PID,
          "true", "systemd", "WatchdogSec", "limit", says=("it had not sent its keep-alive in time (WatchdogSec)",)),
    Scene("runtime-max", unit("-p RuntimeMaxSec=25"), UNIT_PID, "true", "systemd", "RuntimeMaxSec", "limit",
          says=("its run time was over (RuntimeMaxSec)",)),
    Scene("status-only", unit("-p RuntimeMaxSec=40"), UNIT_PID,
          "while [ -d /proc/$PID ]; do systemctl status victim >/dev/null; done", "systemd", "RuntimeMaxSec", "limit"),
    Scene("oom-policy", "systemd-run -q --unit=victim -p MemoryMax=40M -p MemorySwapMax=0 -p OOMPolicy=stop "
          "sh -c 'sleep 3603 & while [ ! -e /run/eat ]; do sleep 1; done; tail /dev/zero; sleep 3600'", "pgrep -xf 'sleep 3603'",
          "touch /run/eat; sleep 20", "", "memory", "limit", certain=False,
          says=("out-of-memory killer killed tail(", "(OOMPolicy)"), end="rm -f /run/eat"),
    Scene("docker-stop", RUN, DOCKER_PID, "docker stop -t 1 web", "docker", "docker.sock",
          says=("; asked by `docker stop -t 1 web` (docker ", f"run by {SCRIPT}:3 (ask.sh ")),
    Scene("docker-kill", RUN, DOCKER_PID, "docker kill web", "docker", "docker.sock"),
    Scene("docker-rm", RUN, DOCKER_PID, "docker rm -f web", "docker", "docker.sock"),
    Scene("docker-restart", RUN, DOCKER_PID, "docker restart -t 1 web", "docker", "docker.sock"),
    Scene("docker-api", RUN, DOCKER_PID, "curl -s --unix-socket /run/docker.sock -X POST http://x/containers/web/kill", "curl",
          "docker.sock", certain=False),
    Scene("docker-ssh", RUN, DOCKER_PID, "docker kill web", "docker", "docker.sock", how="ssh", says=("in a login by sshd(",)),
    Scene("docker-two", RUN + "; docker run -d --name other --network none box sleep 3600", DOCKER_PID,
          "docker kill other & docker kill web; wait", "docker", "docker.sock", says=("`docker kill web`",)),
    Scene("docker-scope", RUN, DOCKER_PID,
          "systemctl kill -s KILL --kill-who=all docker-$(docker inspect -f '{{.Id}}' web).scope", "systemctl", "systemd"),
    Scene("docker-init", RUN.replace("--name", "--init --name"), INIT_PID, "docker stop -t 5 web", "docker", "docker.sock",
          says=("; asked by `docker stop -t 5 web` (docker ",)),
    Scene("docker-exec", RUN + "; docker exec -d web sleep 3602", "pgrep -xf 'sleep 3602'", "docker kill web", "docker",
          "docker.sock", says=("`docker kill web`",)),
    Scene("docker-health", HEALTH, DOCKER_PID, "true", "sh", says=("in container",)),
    Scene("docker-shim", RUN, DOCKER_PID, "kill -9 $(awk '/^PPid/ { print $2 }' /proc/$PID/status); sleep 5", "ask.sh"),
    Scene("apt-hook", unit(), UNIT_PID, PACKAGE + "apt-get install -y /root/p.deb", "systemctl", "systemd",
          says=("; asked by `systemctl restart victim` (systemctl ", "apt-get"),
          end="rm -f /etc/apt/apt.conf.d/99victim; dpkg -r p"),
    Scene("ctr-kill", CTR, CTR_PID, "ctr task kill -s KILL web", "ctr", "containerd.sock"),
    Scene("podman-stop", PODMAN, PODMAN_PID, "podman stop -t 1 web", "", says=("`podman stop -t 1 web`", SCRIPT)),
    Scene("podman-kill", PODMAN, PODMAN_PID, "podman kill web", "", says=("`podman kill web`", SCRIPT)),
    Scene("podman-init", PODMAN_INIT, PODMAN_PID.join(("pgrep -P $(", ")")), "podman stop -t 5 web", "",
          says=("`podman stop -t 5 web`", SCRIPT)),
    Scene("kubelet-liveness", pod("alive", LIVENESS), POD_PID, "true", "kubelet", "livenessProbe", "limit",
          says=("; asked by kubelet(", "its liveness probe failed")),
    Scene("kubelet-remove", pod("removed"), POD_PID, REMOVE, "kubelet", "pod deletion", "limit",
          says=("its pod was removed",)),
    Scene("kubelet-grace", pod("deaf", LIVENESS, DEAF_POD), DEAF_POD_PID, "true", "kubelet", "livenessProbe", "limit",
          says=("its liveness probe failed", "it had not stopped within its grace period of 3 s")),
    Scene("supervisorctl-stop", "supervisorctl start web", SUPERVISOR_PID, "supervisorctl stop web", "supervisorctl",
          "supervisor.sock", certain=False, says=("`supervisorctl stop web`",)),
    Scene("supervisorctl-restart", "supervisorctl start web", SUPERVISOR_PID, "supervisorctl restart web", "supervisorctl",
          "supervisor.sock", certain=False),
]


def prepare():
    """Starts the managers that the scenes need; images and roots are made of busybox."""
    os.makedirs("/etc/docker", exist_ok=True)
    with open("/etc/docker/daemon.json", "w", encoding="utf-8") as file:
        file.write(DOCKER)
    with open("/etc/supervisor/conf.d/web.conf", "w", encoding="utf-8") as file:
        file.write("[program:web]\ncommand = sleep 3600\nautostart = false\n")
    with open("/run/systemd/system/rival.service", "w", encoding="utf-8") as file:
        file.write("[Service]\nExecStart=/bin/sleep 3600\n")
    must("mkdir -p /srv/box/bin /srv/box/proc /srv/box/sys /srv/box/dev /srv/box/etc; cp /bin/busybox /srv/box/bin/; "
         "ln -s busybox /srv/box/bin/sleep; ln -s busybox /srv/box/bin/sh; "
         "for place in docker containerd containers; do mkdir -p /var/lib/$place; mount -t tmpfs $place /var/lib/$place; done; "
         "mkdir -p /root/.ssh /run/sshd; ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; "
         "cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys; chmod 700 /root/.ssh; "
         "useradd -m -s /bin/bash alice; cp -r /root/.ssh /home/alice/; chown -R alice /home/alice/.ssh; "
         "echo 'alice ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/alice; rm -f /run/nologin; ip link set lo up; "
         "systemctl daemon-reload")


KUBELET_UNIT = """[Service]
ExecStart=/run/kubelet --pod-manifest-path=/etc/kubernetes/manifests --container-runtime=remote \\
  --container-runtime-endpoint=unix:///run/containerd/containerd.sock --cgroup-driver=cgroupfs --enforce-node-allocatable= \\
  --eviction-hard= --hostname-override=node --file-check-frequency=2s --address=127.0.0.1 --healthz-port=0 \\
  --read-only-port=0 --v=2
"""


def start_kubelet():
    """A kubelet without an API server: its pods are manifests in a directory. docker packs the image for containerd."""
    must("systemctl start docker; tar -C /srv/box -c . | docker import -c 'CMD [\"/bin/sleep\", \"99999\"]' - box:1; "
         "docker tag box:1 registry.k8s.io/pause:3.6; "
         "docker save box:1 registry.k8s.io/pause:3.6 | ctr -n k8s.io images import -; systemctl stop docker.socket docker")
    with open("/run/systemd/system/kubelet.service", "w", encoding="utf-8") as file:
        file.write(KUBELET_UNIT)
    must("mkdir -p /etc/kubernetes/manifests /var/lib/kubelet; mount -t tmpfs kubelet /var/lib/kubelet; cp /share/kubelet /run/; "
         "systemctl daemon-reload; systemctl start kubelet")


def needs(scene):
    """The units that a scene needs."""
    units = ["ssh"] if scene.how in ("ssh", "sudo") else ["cron"] if scene.how == "cron" else []
    if "docker" in scene.start:
        units.append("docker")
    if scene.start.startswith("ctr"):
        units.append("containerd")
    if "supervisor" in scene.start:
        units.append("supervisor")
    if "kubernetes" in scene.start and shell("systemctl is-active kubelet").returncode:
        must("systemctl start containerd")
        start_kubelet()
    must("systemctl start dbus " + " ".join(units))
    if "docker" in scene.start and shell("docker image inspect box").returncode:
        must("tar -C /srv/box -c . | docker import - box")


def ask(scene, pid):
    with open(SCRIPT, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/bash\nPID={pid}\n{scene.ask}\n:\n")
    os.chmod(SCRIPT, 0o755)
    if scene.how == "ssh":
        return must(f"ssh -o StrictHostKeyChecking=no root@127.0.0.1 {SCRIPT}")
    if scene.how == "sudo":
        return must(f"ssh -o StrictHostKeyChecking=no alice@127.0.0.1 sudo {SCRIPT}")
    if scene.how == "cron":
        with open("/etc/cron.d/ask", "w", encoding="utf-8") as file:
            file.write(f"* * * * * root {SCRIPT}; rm -f /etc/cron.d/ask\n")
        return None
    if scene.how == "timer":
        return must(f"systemd-run -q --on-active=2 --unit=asker {SCRIPT}")
    return must(SCRIPT)


def clean(scene):
    """Ends what the scene has left."""
    command = (CLEAN_DOCKER.replace("web", "web other") if "docker" in scene.start else CLEAN_CTR if scene.start.startswith("ctr")
               else CLEAN_POD if "kubernetes" in scene.start
               else CLEAN_PODMAN if "podman" in scene.start else "supervisorctl stop web; true" if "supervisor" in scene.start
               else "systemctl stop rival; " + CLEAN_UNIT)
    shell(command, timeout=LIMIT)
    if scene.end:
        shell(scene.end)


@contextlib.contextmanager
def watching(pid):
    with open(STREAM + ".log", "w", encoding="utf-8") as errors:
        watch = subprocess.Popen(["stapkill", "-q", "watch", "--backend", BACKEND, "--pid", str(pid), "--until-death", "--format",
                                  "jsonl", "--ask-limit", "30", "--output", STREAM], stdin=subprocess.DEVNULL, stderr=errors)
    try:
        until(lambda: os.path.exists(STREAM) and '"type":"armed"' in open(STREAM, encoding="utf-8").read(), "the watch")
        yield watch
    finally:
        if watch.poll() is None:
            watch.terminate()
        watch.wait()


def judge(scene, death):
    verdict = death["verdict"]
    initiator, chain, summary = verdict["initiator"], verdict["chain"], verdict["summary"]
    if scene.initiator and (not initiator or initiator["comm"] != scene.initiator):
        raise Wrong(f"initiator {initiator and initiator['comm']}, not {scene.initiator}: {summary}")
    if scene.login and initiator["login"] != scene.login:
        raise Wrong(f"the login is that of {initiator['login']}, not of {scene.login}: {summary}")
    if not scene.through and chain and chain[0]["what"] == "request" and chain[0]["signal_name"] is None:
        raise Wrong(f"somebody is said to have asked: {summary}")
    if scene.through and (chain[0]["what"], chain[0]["through"]) != (scene.step, scene.through):
        raise Wrong(f"the first step is a {chain[0]['what']} through {chain[0]['through']}: {summary}")
    if scene.through and (chain[0]["confidence"] == "certain") != scene.certain:
        raise Wrong(f"the first step is {chain[0]['confidence']}: {summary}")
    for words in scene.says:
        if words not in summary:
            raise Wrong(f"the sentence does not say '{words}': {summary}")
    return summary


def play(scene):
    needs(scene)
    clean(scene)
    if os.path.exists(STREAM):
        os.remove(STREAM)
    try:
        must(scene.start)
        pid = until(lambda: int((shell(scene.target).stdout.split() or "0")[0]), "the target")
        with watching(pid) as watch:
            ask(scene, pid)
            watch.wait(LIMIT)
        with open(STREAM, encoding="utf-8") as file:
            deaths = [record for record in map(json.loads, file) if record["type"] == "death"]
        if not deaths:
            raise Wrong("its end was not reported: " + open(STREAM + ".log", encoding="utf-8").read()[-300:])
        return judge(scene, deaths[0])
    finally:
        clean(scene)


def main():
    prepare()
    names = sys.argv[1:]
    right = count = 0
    for scene in SCENES:
        if names and scene.name not in names or "kubernetes" in scene.start and not os.path.exists("/share/kubelet"):
            continue
        count += 1
        begun = time.monotonic()
        try:
            result = "ok    " + play(scene)
            right += 1
        except (Wrong, subprocess.TimeoutExpired, ValueError) as wrong:
            result = f"WRONG {wrong}"
        print(f"{scene.name:24} {time.monotonic() - begun:5.0f} s  {result}", flush=True)
    print(f"{right} of {count} verdicts name who asked the manager")
    sys.exit(right != count)


if __name__ == "__main__":
    main()
