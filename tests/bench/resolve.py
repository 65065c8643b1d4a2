"""How long it takes to find the processes of a target, on a made node of 5,000 processes and 200 containers."""
import os
import subprocess
import sys
import tempfile

PROCESSES, CONTAINERS, PODS = 5000, 200, 100
AIM = 100  # ms


def uid(number):
    return f"{number:08x}-89ab-4cde-8f01-23456789abcd"


def container(number):
    return f"{number:04x}" * 16


def cgroup_of(number):
    """Four fifths of the processes are in containers of Kubernetes, the others in units."""
    if number % 5 == 0:
        return f"/system.slice/unit-{number % 50}.service"
    one = number % CONTAINERS
    return (f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{uid(one // 2).replace('-', '_')}.slice/"
            f"cri-containerd-{container(one)}.scope")


def make_process(proc, number):
    pid = 1000 + number
    folder = f"{proc}/{pid}"
    os.mkdir(folder)
    files = {"cgroup": f"0::{cgroup_of(number)}\n", "cmdline": f"server\0--number={number}\0",
             "status": f"Name:\tserver{number % 40}\nState:\tS (sleeping)\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t1\n"
                       f"Uid:\t{number % 9}\t0\t0\t0\nVmRSS:\t100 kB\n",
             "stat": f"{pid} (server{number % 40}) S 1 5 6 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 {4000 + number} 1000 200 0\n"}
    for name, text in files.items():
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    os.symlink(f"/usr/bin/server{number % 30}", folder + "/exe")
    os.symlink("/", folder + "/cwd")


def make_node(root):
    os.mkdir(root + "/proc")
    for number in range(PROCESSES):
        make_process(root + "/proc", number)
    for number in range(PODS):
        os.makedirs(f"{root}/var/log/pods/shop_cart-{number}_{uid(number)}/server")


def resolve(program):
    """The node is in memory, as a real /proc is; each target is compared with only reading the files."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as root:
        make_node(root)
        output = subprocess.run([program, root, "name=^server7$", "exe=/usr/bin/server3", "cmdline=--number=77$", "uid=4",
                                 "cgroup=/kubepods.slice", "unit=unit-5.service", "container=" + container(123)[:12],
                                 "pod=shop/cart-61"], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in output.splitlines()]
    *found, (_, files, floor) = [(name, int(count), float(time)) for name, count, time in rows]
    if any(count == 0 for _, count, _ in found):
        sys.exit("resolve: a target was not found: " + output)
    slowest = max(found, key=lambda row: row[2])
    print(f"resolve: {PROCESSES} processes, {CONTAINERS} containers: "
          + ", ".join(f"{name} {time:.0f}" for name, _, time in found)
          + f" ms (aim {AIM} or less); the slowest, {slowest[0]}, takes {slowest[2] / floor:.2f} times as long as reading "
          f"{files} files plainly ({floor:.0f} ms)")
