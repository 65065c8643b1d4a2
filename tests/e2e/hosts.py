"""Captured hosts for `stapkill doctor --root`: the files that its checks read, reduced to what they look for, and what
a person who knows the distribution says of each. The verdicts are written by hand, never copied from a run."""

import gzip
import os
import struct
from collections import namedtuple
from pathlib import Path

# ---------------------------------------------------------------------------------------------------------------------
# Trees: a dict from path (without the leading slash) to its content. Text and bytes are a file's contents.

Link = namedtuple("Link", "target")
Empty = namedtuple("Empty", "size")  # a file of that size without contents, if only the size matters
Program = namedtuple("Program", "text mode", defaults=("#!/bin/sh\ntouch /stapkill-ran-something\n", 0o755))
Folder = namedtuple("Folder", "")
Fifo = namedtuple("Fifo", "")


def plant(tree, root):
    """Writes the tree below a directory."""
    for path, what in tree.items():
        place = Path(root) / path
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True)
        if isinstance(what, Link):
            place.symlink_to(what.target)
        elif isinstance(what, Empty):
            with open(place, "wb") as file:
                file.truncate(what.size)
        elif isinstance(what, Program):
            place.write_text(what.text)
            place.chmod(what.mode)
        elif isinstance(what, Folder):
            place.mkdir(exist_ok=True)
        elif isinstance(what, Fifo):
            os.mkfifo(place)
        else:
            place.write_bytes(what if isinstance(what, bytes) else what.encode())


def notes(build_id):
    """ELF notes with a GNU build id, as in /sys/kernel/notes."""
    return struct.pack("<III4s", 4, len(build_id), 3, b"GNU\0") + build_id


def elf(build_id, debug=True):
    """A vmlinux with a build id, and with or without DWARF."""
    names = b"\0.notes\0.debug_info\0.shstrtab\0"
    parts = [(1, 7, notes(build_id))]  # name, sh_type, contents
    if debug:
        parts.append((8, 1, b"\0" * 64))
    parts.append((20, 3, names))
    body, headers = b"", b"\0" * 64
    for name, kind, contents in parts:
        headers += struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, 64 + len(body), len(contents), 0, 0, 1, 0)
        body += contents
    return struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, 0, 0, 64 + len(body), 0, 64, 56, 0, 64,
                       len(parts) + 1, len(parts)) + body + headers


def config(compiler=None, lacking=(), **more):
    """A kernel's .config: the distributions' options, without those that this kernel lacks."""
    names = ["MODULES", "MODULE_UNLOAD", "KPROBES", "KALLSYMS", "TRACEPOINTS", "RELAY", "DEBUG_FS", "UPROBES",
             "DEBUG_INFO", "BPF_SYSCALL"]
    lines = ["#", "# Automatically generated file; DO NOT EDIT.", "#"]
    if compiler:
        lines += [f'CONFIG_CC_VERSION_TEXT="{compiler}"', "CONFIG_CC_IS_GCC=y"]
    lines += [f"# CONFIG_{name} is not set" if name in lacking else f"CONFIG_{name}=y" for name in names]
    return "\n".join(lines + [f"CONFIG_{name}={value}" for name, value in more.items()]) + "\n"


NEW = {"DEBUG_INFO_BTF": "y", "SECURITY_LOCKDOWN_LSM": "y"}  # Linux 5.4 and later, as the distributions build it


def headers(release, build, source, configuration, version, stated=None, cancel_func=False):
    """A kernel's build tree at `build`, with the sources at `source` (the same, or Debian's common ones)."""
    def since(*at):
        return version >= at

    include = {
        "sched.h": "struct task_struct {\n",
        "task_work.h": "task_work_cancel_func(struct task_struct *);\n" if cancel_func or since(6, 11)
                       else "task_work_cancel(struct task_struct *);\n",
        "uprobes.h": "uprobe_unregister_nosync(struct uprobe *);\n" if since(6, 12) else "uprobe_unregister(x);\n",
        "hrtimer.h": ("void hrtimer_setup(x);\n" if since(6, 13) else "")
                     + ("" if since(6, 15) else "void hrtimer_init(x);\n"),
        "module.h": "enum mod_mem_type { MOD_TEXT = 0 };\n" if since(6, 4) else "struct module_layout core_layout;\n",
        "proc_fs.h": ("struct proc_ops {\n" if since(5, 6) else "")
                     + ("void *pde_data(x);\n" if since(5, 17) else "void *PDE_DATA(x);\n"),
        "mm_types.h": "struct rw_semaphore mmap_lock;\n" if since(5, 8) else "struct rw_semaphore mmap_sem;\n",
        "timer.h": "#define timer_setup(x)\n" if since(4, 15) else "#define init_timer(timer)\n",
    }
    if since(6, 6):
        include["args.h"] = "#define COUNT_ARGS(X...) __COUNT_ARGS(, ##X, 12)\n"
    tree = {f"{source}/include/linux/{name}": text for name, text in include.items()}
    tree |= {
        f"{build}/Makefile": "# made for a test\n",
        f"{build}/Module.symvers": "0x00000000\tprintk\tvmlinux\tEXPORT_SYMBOL\n",
        f"{build}/.config": configuration,
        f"{build}/include/config/kernel.release": (stated or release) + "\n",
        f"{build}/include/generated/utsrelease.h": f'#define UTS_RELEASE "{release}"\n',
    }
    return tree


def kernel_proc(release, version, compiler="gcc version 4.8.5 20150623 (Red Hat 4.8.5-28) (GCC) ", tracefs=True):
    """The running kernel's files in /proc and /sys."""
    mounts = ["sysfs /sys sysfs rw 0 0", "proc /proc proc rw 0 0", "securityfs /sys/kernel/security securityfs rw 0 0",
              "debugfs /sys/kernel/debug debugfs rw 0 0"]
    if tracefs:
        mounts.append("tracefs /sys/kernel/tracing tracefs rw 0 0")
    return {
        "proc/version": f"Linux version {release} (builder@builder.example) ({compiler}) {version}\n",
        "proc/sys/kernel/osrelease": release + "\n",
        "proc/sys/kernel/version": version + "\n",
        "proc/sys/kernel/modules_disabled": "0\n",
        "proc/modules": "ext4 737280 1 - Live 0x0000000000000000\n",
        "proc/self/mounts": "\n".join(mounts) + "\n",
        "proc/1/cgroup": "0::/init.scope\n",
        "sys/kernel/security/lsm": "lockdown,capability,yama\n",
        "sys/kernel/notes": notes(b"\x11" * 20),
        "sys/module/module/parameters/sig_enforce": "N\n",
    }


UNLOCKED = {"sys/kernel/security/lockdown": "[none] integrity confidentiality\n"}
BTF = {"sys/kernel/btf/vmlinux": Empty(5 << 20)}


def installed(release, map_size=4 << 20, modules="lib/modules"):
    """An installed kernel image, without headers."""
    return {f"boot/vmlinuz-{release}": Empty(8 << 20),
            f"boot/System.map-{release}": Empty(map_size),
            f"{modules}/{release}/modules.dep": ""}


STUB = 83  # bytes of Debian's "ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package"


def systemtap(version):
    """SystemTap's programs, and its runtime reduced to the words that show a misfit."""
    def since(*at):
        return tuple(int(part) for part in version.split(".")) >= at

    runtime = {
        "sym.c": "",
        "stp_task_work.c": 'kallsyms_lookup_name("task_work_cancel");\n' + ("task_work_cancel_func\n" * since(5, 2)),
        "transport/transport.c": '("uprobe_unregister")\n' + ("uprobe_unregister_nosync\n" * since(5, 2)),
        "linux/timer.h": "hrtimer_setup\n" if since(5, 3) else "hrtimer_init\n",
        "transport/symbols.c": "core_layout\n" + ("MOD_TEXT\n" * since(5, 0)),
        "procfs-probes.c": "PDE_DATA\n" + ("pde_data\n" * since(4, 7)),
        "linux/task_finder2.c": "mmap_sem\n" + ("mmap_lock\n" * since(4, 4)),
        "procfs.c": "file_operations\n" + ("proc_ops\n" * since(4, 3)),
        "transport/relay_v2.c": "timer_setup\n" if since(3, 3) else "init_timer\n",
    }
    tree = {f"usr/share/systemtap/runtime/{name}": text for name, text in runtime.items()}
    words = ("#ifndef COUNT_ARGS\n" * since(5, 2)) + "#define COUNT_ARGS(...)\n"
    return tree | {"usr/bin/stap": Program("#!/bin/sh\ntouch /stapkill-ran-something\n" + words),
                   "usr/bin/staprun": Program(mode=0o4754)}


def dpkg(**versions):
    """/var/lib/dpkg/status; underscores in the names stand for dashes, two of them for a dot."""
    text = ""
    for name, version in versions.items():
        text += (f"Package: {name.replace('__', '.').replace('_', '-')}\nStatus: install ok installed\n"
                 f"Architecture: amd64\nVersion: {version}\nDescription: made for a test\n Package: not-this\n\n")
    return {"var/lib/dpkg/status": text}


def gcc(name, major, triplet="x86_64-linux-gnu"):
    """Debian's: links to a name with the triplet and the number."""
    return {"usr/bin/make": Program(), f"usr/bin/{triplet}-{name}": Program(),
            f"usr/bin/{name}": Link(f"{triplet}-{name}"), "usr/bin/gcc": Link(name),
            f"usr/lib/gcc/{triplet}/{major}/cc1": ""}


def red_hat_gcc(version):
    return {"usr/bin/make": Program(), "usr/bin/gcc": Program(), f"usr/lib/gcc/x86_64-redhat-linux/{version}/cc1": ""}


# ---------------------------------------------------------------------------------------------------------------------
# Verdicts: check id to a status, or to an Expected

Expected = namedtuple("Expected", "status words commands reboot blocked_by text", defaults=((), None, False, None, ()))


def fails(*words, commands=None, reboot=False, text=()):
    return Expected("fail", words, commands, reboot, None, text)


def warns(*words, commands=None, reboot=False, text=()):
    return Expected("warn", words, commands, reboot, None, text)


def passes(*words):
    return Expected("pass", words)


def waits(check):
    return Expected("skip", (check,), None, False, check)


SKIP = Expected("skip")
NOT_TRIED = Expected("skip", ("not tried",))

# The checks that a tree cannot answer, and those that pass on every sound host.
SOUND = {name: passes() for name in (
    "stap.present", "stap.version", "stap.runtime", "stap.staprun", "kernel.release", "kernel.config", "kernel.modules",
    "kernel.build",
    "kernel.build.others", "kernel.symbols", "toolchain.compiler", "kernel.lockdown", "kernel.signing",
    "env.container", "fs.tracefs", "bpf.syscall", "bpf.btf")}
SOUND |= {"user.privilege": SKIP, "fs.space": SKIP, "bpf.pids": SKIP, "smoke.build": NOT_TRIED, "smoke.run": NOT_TRIED}
OLD_KERNEL = {"kernel.release": warns("compiled in parts", "never loaded", "5.10"),
              "bpf.syscall": fails("5.8", commands=[], text=["CONFIG_DEBUG_INFO_BTF"]),
              "bpf.btf": fails("CONFIG_DEBUG_INFO_BTF", commands=[], text=["5.8"])}

Host = namedtuple("Host", "tree expected ready facts", defaults=(None,))  # ready: with stap


def no_debuginfo(*commands):
    return {"kernel.debuginfo": warns("stapkill's probes need none", commands=list(commands)),
            "kernel.debuginfo.match": Expected("skip", ("vmlinux",), None, False, "kernel.debuginfo")}


def signing(release):
    """The commands that sign stapkill's module with the user's own key."""
    return ["openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj /CN=stapkill/ "
            "-keyout /root/stapkill.key -outform DER -out /root/stapkill.der",
            "mokutil --import /root/stapkill.der", "systemctl reboot", "stapkill watch --prepare",
            f"for module in /var/cache/stapkill/modules/*/stapkill_*.ko; do /lib/modules/{release}/build/scripts/sign-file "
            'sha256 /root/stapkill.key /root/stapkill.der "$module"; done']


# ---------------------------------------------------------------------------------------------------------------------
# Debian

def debian(version, codename):
    return {"etc/os-release": Link("../usr/lib/os-release"),
            "usr/lib/os-release": f'PRETTY_NAME="Debian GNU/Linux {version} ({codename})"\nNAME="Debian GNU/Linux"\n'
                                  f'VERSION_ID="{version}"\nVERSION="{version} ({codename})"\n'
                                  f'VERSION_CODENAME={codename}\nID=debian\n'}


def debian_headers(release, base, configuration, version, stated, **more):
    build, source = f"usr/src/linux-headers-{release}", f"usr/src/linux-headers-{base}-common"
    return headers(release, build, source, configuration, version, stated, **more) | {
        f"lib/modules/{release}/build": Link(f"/{build}"), f"lib/modules/{release}/source": Link(f"/{source}")}


def debian_11(running, image, headers_build, debuginfo=None, vmlinux_id=b"\x11" * 20):
    """Debian 11 with several builds of one release: the case of the field notes."""
    release, compiler = "5.10.0-16-amd64", "gcc-10 (Debian 10.2.1-6) 10.2.1 20210110"
    configuration = config(compiler, **NEW)
    packages = {"linux_image_5__10__0_16_amd64": image, "linux_headers_5__10__0_16_amd64": headers_build,
                "linux_headers_5__10__0_16_common": headers_build, "linux_headers_amd64": headers_build,
                "systemtap": "4.4-2", "systemtap_common": "4.4-2", "systemtap_runtime": "4.4-2"}
    tree = (debian(11, "bullseye") | systemtap("4.4") | gcc("gcc-10", 10) | installed(release, STUB) | UNLOCKED | BTF
            | kernel_proc(release, f"#1 SMP Debian {running} (2022-06-30)", compiler)
            | {f"boot/config-{release}": configuration}
            | debian_headers(release, "5.10.0-16", configuration, (5, 10), "5.10.127"))
    if debuginfo:
        packages["linux_image_5__10__0_16_amd64_dbg"] = debuginfo
        tree |= {f"usr/lib/debug/boot/vmlinux-{release}": elf(vmlinux_id),
                 f"usr/lib/debug/boot/System.map-{release}": Empty(4 << 20)}
    return tree | dpkg(**packages)


MAP_ELSEWHERE = warns("/usr/lib/debug/boot/System.map-5.10.0-16-amd64", "does not look", commands=[
    "ln -s /usr/lib/debug/boot/System.map-5.10.0-16-amd64 /usr/src/linux-headers-5.10.0-16-amd64/System.map"])

DEBIAN_11_COMPLETE = Host(
    debian_11("5.10.127-1", "5.10.127-1", "5.10.127-1", "5.10.127-1"),
    SOUND | {"kernel.debuginfo": passes("/usr/lib/debug/boot/vmlinux-5.10.0-16-amd64"),
             "kernel.debuginfo.match": passes("build id"), "kernel.symbols": MAP_ELSEWHERE},
    True)

# "runs 5.10.127-1, with the debuginfo of 5.10.127-2 installed": stap hangs, the kernel says "module verification failed".
DEBIAN_11_OTHER_DEBUGINFO = Host(
    debian_11("5.10.127-1", "5.10.127-1", "5.10.127-1", "5.10.127-2", b"\x22" * 20),
    SOUND | {"kernel.debuginfo": passes(),
             "kernel.debuginfo.match": fails("5.10.127-2", "5.10.127-1", commands=[
                 "apt-get install linux-image-5.10.0-16-amd64-dbg=5.10.127-1"]),
             "kernel.symbols": MAP_ELSEWHERE},
    True)

DEBIAN_11_UPDATED_NOT_REBOOTED = Host(
    debian_11("5.10.127-1", "5.10.127-2", "5.10.127-2", "5.10.127-2", b"\x22" * 20),
    SOUND | {"kernel.build": warns("5.10.127-2", "5.10.127-1", commands=["systemctl reboot"], reboot=True,
                                   text=["5.10.127-2"]),
             "kernel.debuginfo": passes(),
             "kernel.debuginfo.match": fails("5.10.127-1 is running", "5.10.127-2 of the same release", commands=[
                 "systemctl reboot"], reboot=True, text=["5.10.127-2"]),
             "kernel.symbols": MAP_ELSEWHERE},
    True)

# Only the headers were updated: a reboot would boot the old image again.
DEBIAN_11_NEWER_HEADERS = Host(
    debian_11("5.10.127-1", "5.10.127-1", "5.10.127-2"),
    SOUND | no_debuginfo("apt-get install linux-image-5.10.0-16-amd64-dbg") | {
        "kernel.build": warns("5.10.127-2", "5.10.127-1", commands=[
            "apt-get install linux-image-5.10.0-16-amd64", "systemctl reboot"], reboot=True),
        "kernel.symbols": warns("stub")},
    True)

# The image was updated and booted, the headers were not: a reboot does not fix that.
DEBIAN_11_OLDER_HEADERS = Host(
    debian_11("5.10.127-2", "5.10.127-2", "5.10.127-1"),
    SOUND | no_debuginfo("apt-get install linux-image-5.10.0-16-amd64-dbg") | {
        "kernel.build": warns("5.10.127-2", "5.10.127-1", commands=["apt-get install linux-headers-5.10.0-16-amd64"]),
        "kernel.symbols": warns("stub")},
    True)


def debian_12(release="6.1.0-56-amd64", with_headers=True):
    compiler = "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0"
    configuration = config(compiler, **NEW)
    tree = (debian(12, "bookworm") | systemtap("4.8") | gcc("gcc-12", 12) | installed(release, STUB) | UNLOCKED | BTF
            | kernel_proc(release, "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)", compiler)
            | {f"boot/config-{release}": configuration})
    packages = {"linux_image_6__1__0_56_amd64": "6.1.192-2", "systemtap": "4.8-2", "systemtap_runtime": "4.8-2"}
    if with_headers:
        tree |= debian_headers(release, "6.1.0-56", configuration, (6, 1), "6.1.192", cancel_func=True)
        packages |= {"linux_headers_6__1__0_56_amd64": "6.1.192-2", "linux_headers_6__1__0_56_common": "6.1.192-2"}
    return tree | dpkg(**packages)


DEBIAN_12_MISSING = no_debuginfo("apt-get install linux-image-6.1.0-56-amd64-dbg") | {
    "kernel.symbols": warns("stub", commands=[
        "apt-get install linux-image-6.1.0-56-amd64-dbg",
        "ln -s /usr/lib/debug/boot/System.map-6.1.0-56-amd64 /lib/modules/6.1.0-56-amd64/build/System.map"])}

DEBIAN_12 = Host(debian_12(), SOUND | DEBIAN_12_MISSING | {"stap.runtime": passes("shims", "task_work_cancel")}, True)

# Debian does not set CONFIG_IMA_ARCH_POLICY: sig_enforce stays N, and it is the lockdown that refuses.
DEBIAN_12_SECURE_BOOT = Host(
    debian_12() | {
        "sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
        "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": b"\x06\0\0\0\x01"},
    SOUND | DEBIAN_12_MISSING | {
        "kernel.lockdown": fails("integrity", commands=[], reboot=True),
        "kernel.signing": fails("only signed modules", "Secure Boot", commands=signing("6.1.0-56-amd64"), reboot=True,
                                text=["machine owner key", "--sign-module", "bpf"])},
    False)

# 6.1.0-56 is installed with its headers and waits for a reboot; 6.1.0-55 runs and has none.
DEBIAN_12_NEEDS_REBOOT = Host(
    debian_12() | kernel_proc("6.1.0-55-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.190-1 (2026-10-20)",
                              "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0")
    | installed("6.1.0-55-amd64", STUB) | installed("6.1.0-9-amd64", STUB)
    | {"boot/config-6.1.0-55-amd64": config("gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0", **NEW)}
    | dpkg(linux_image_6__1__0_9_amd64="6.1.27-1", linux_image_6__1__0_55_amd64="6.1.190-1",
           linux_image_6__1__0_56_amd64="6.1.192-2", linux_headers_6__1__0_56_amd64="6.1.192-2",
           linux_headers_6__1__0_56_common="6.1.192-2", systemtap="4.8-2", systemtap_runtime="4.8-2"),
    SOUND | no_debuginfo("apt-get install linux-image-6.1.0-55-amd64-dbg") | {
        "kernel.build": fails("6.1.0-55-amd64", "6.1.0-56-amd64", commands=[
            "apt-get install linux-headers-6.1.0-55-amd64"], reboot=True, text=["reboot into 6.1.0-56-amd64"]),
        "stap.runtime": waits("kernel.build"), "kernel.symbols": warns("stub"),
        "smoke.build": waits("kernel.build"), "smoke.run": waits("kernel.build")},
    False)

# A mounted disk: no /proc, no /sys. Facts that only a running kernel gives are not known.
DEBIAN_12_DISK = Host(
    {path: what for path, what in debian_12().items() if not path.startswith(("proc/", "sys/"))},
    SOUND | DEBIAN_12_MISSING | {
        "kernel.lockdown": SKIP, "kernel.signing": SKIP, "fs.tracefs": SKIP},
    True)

# Debian 13's kernel calls its compiler by the triplet; the package is gcc-14.
DEBIAN_13_NO_COMPILER = Host(
    debian(13, "trixie") | systemtap("5.1") | UNLOCKED | BTF | installed("6.12.107+deb13-amd64", STUB)
    | kernel_proc("6.12.107+deb13-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-10-01)")
    | {"boot/config-6.12.107+deb13-amd64": config("x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0", **NEW)}
    | debian_headers("6.12.107+deb13-amd64", "6.12.107+deb13",
                     config("x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0", **NEW), (6, 12), "6.12.107")
    # Debian's 5.1-5 has the later release's patch; its headers contain a vmlinux for BTF, stripped of everything else.
    | {"usr/share/systemtap/runtime/stp_task_work.c":
       'kallsyms_lookup_name("task_work_cancel")\n#define TASK_WORK_CANCEL_FN task_work_cancel_func\n',
       "usr/src/linux-headers-6.12.107+deb13-amd64/vmlinux": elf(b"\x11" * 20, debug=False)}
    | dpkg(systemtap="5.1-5", systemtap_runtime="5.1-5"),
    SOUND | no_debuginfo("apt-get install linux-image-6.12.107+deb13-amd64-dbg") | {
        "stap.version": warns("6.9", "6.12", commands=["apt-get build-dep systemtap"], text=["5.2"]),
        "stap.runtime": passes("shims", "count_args", "uprobe_unregister"),
        "toolchain.compiler": fails("make", commands=["apt-get install gcc-14 make"]),
        "kernel.symbols": warns("stub"),
        "smoke.build": waits("toolchain.compiler"), "smoke.run": waits("toolchain.compiler")},
    False)

# ---------------------------------------------------------------------------------------------------------------------
# Ubuntu


def ubuntu(version, codename):
    return {"etc/os-release": f'NAME="Ubuntu"\nVERSION_ID="{version}"\nPRETTY_NAME="Ubuntu {version} LTS"\nID=ubuntu\n'
                              f'ID_LIKE=debian\nVERSION_CODENAME={codename}\nUBUNTU_CODENAME={codename}\n'}


def ddebs(codename):
    return ("printf 'deb http://ddebs.ubuntu.com %s main restricted universe multiverse\\n' "
            f"{codename} {codename}-updates {codename}-proposed > /etc/apt/sources.list.d/ddebs.list")


# The field notes' host, as the distribution installs it.
UBUNTU_16_04 = Host(
    ubuntu("16.04", "xenial") | installed("4.4.0-104-generic")
    | kernel_proc("4.4.0-104-generic", "#127-Ubuntu SMP Mon Dec 11 12:16:42 UTC 2017",
                  "gcc version 5.4.0 20160609 (Ubuntu 5.4.0-6ubuntu1~16.04.5) ", tracefs=False)
    | {"boot/config-4.4.0-104-generic": config()}
    | dpkg(linux_image_4__4__0_104_generic="4.4.0-104.127", linux_image_extra_4__4__0_104_generic="4.4.0-104.127",
           linux_image_generic="4.4.0.104.109"),
    SOUND | OLD_KERNEL | no_debuginfo(
        "apt-key adv --keyserver keyserver.ubuntu.com --recv-keys F2EDC64DC5AEE1F6B9C621F0C8CAB6595FDFF622",
        ddebs("xenial"), "apt-get update", "apt-get install linux-image-4.4.0-104-generic-dbgsym") | {
        "stap.present": fails("no stap", commands=["apt-get install systemtap gcc make"]),
        "stap.version": waits("stap.present"), "stap.runtime": waits("stap.present"),
        "stap.staprun": waits("stap.present"),
        "kernel.build": fails("4.4.0-104-generic", commands=["apt-get install linux-headers-4.4.0-104-generic"]),
        "toolchain.compiler": fails("make", commands=["apt-get install gcc make"]),
        "smoke.build": waits("stap.present"), "smoke.run": waits("stap.present")},
    False)

UBUNTU_24_04_SECURE_BOOT = Host(
    ubuntu("24.04", "noble") | systemtap("5.0") | gcc("gcc-13", 13) | installed("6.8.0-49-generic") | BTF
    | kernel_proc("6.8.0-49-generic", "#49-Ubuntu SMP PREEMPT_DYNAMIC Mon Nov  4 02:06:24 UTC 2024")
    | {"boot/config-6.8.0-49-generic": config("x86_64-linux-gnu-gcc-13 (Ubuntu 13.2.0-23ubuntu4) 13.2.0", **NEW),
       "lib/modules/6.8.0-49-generic/build": Link("/usr/src/linux-headers-6.8.0-49-generic"),
       "sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
       "sys/module/module/parameters/sig_enforce": "Y\n",
       "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": b"\x06\0\0\0\x01",
       "sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23": b"\x06\0\0\0" + b"\xa1" * 900,
       # The files that Ubuntu's flavours share are in another directory, with a link for each part.
       "usr/src/linux-headers-6.8.0-49-generic/include/linux": Link("../../linux-headers-6.8.0-49/include/linux")}
    | headers("6.8.0-49-generic", "usr/src/linux-headers-6.8.0-49-generic", "usr/src/linux-headers-6.8.0-49",
              config("x86_64-linux-gnu-gcc-13 (Ubuntu 13.2.0-23ubuntu4) 13.2.0", **NEW), (6, 8))
    | dpkg(linux_image_6__8__0_49_generic="6.8.0-49.49", linux_headers_6__8__0_49_generic="6.8.0-49.49",
           linux_headers_6__8__0_49="6.8.0-49.49", linux_headers_generic="6.8.0-49.49", systemtap="5.0-2ubuntu1",
           systemtap_runtime="5.0-2ubuntu1"),
    SOUND | no_debuginfo(
        "apt-get install ubuntu-dbgsym-keyring", ddebs("noble"), "apt-get update",
        "apt-get install linux-image-6.8.0-49-generic-dbgsym || "
        "apt-get install linux-image-unsigned-6.8.0-49-generic-dbgsym") | {
        "stap.version": warns("6.6", "6.8", commands=["apt-get build-dep systemtap"], text=["5.1"]),
        "stap.runtime": passes("shims", "count_args"),
        "kernel.lockdown": fails("integrity", commands=[], reboot=True, text=["bpf"]),
        "kernel.signing": fails("only signed modules", "Secure Boot", commands=signing("6.8.0-49-generic"), reboot=True)},
    False)

# ---------------------------------------------------------------------------------------------------------------------
# Red Hat's family. Its package database is not read in a tree: the packages are given as facts.


def rpm(*packages):
    return {"packages": {"": {"is": {"manager": "rpm", "all": [list(one) for one in packages]}}}}


CENTOS_7_RELEASE = "3.10.0-862.9.1.el7.x86_64"

# The field notes' host: three kernel-devel. Only /proc/version shows gcc 4.8.5; there is no tracefs in 3.10.
CENTOS_7 = Host(
    {"etc/os-release": 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n'
                       'PRETTY_NAME="CentOS Linux 7 (Core)"\n',
     "var/lib/rpm/Packages": b"\0" * 12 + b"\x61\x15\x06\0" + b"\0" * 4080,
     f"boot/config-{CENTOS_7_RELEASE}": config(),
     "usr/share/doc/systemtap-client-4.0/README": "", "usr/share/doc/systemtap-runtime-4.0/README": "",
     "usr/lib/gcc/x86_64-redhat-linux/4.8.2": Link("4.8.5")}
    | systemtap("4.0") | red_hat_gcc("4.8.5")
    | kernel_proc(CENTOS_7_RELEASE, "#1 SMP Mon Jul 16 16:29:36 UTC 2018", tracefs=False)
    | {f"lib/modules/{release}/build": Link(f"/usr/src/kernels/{release}")
       for release in ("3.10.0-327.el7.x86_64", "3.10.0-514.26.2.el7.x86_64", CENTOS_7_RELEASE)}
    | installed("3.10.0-327.el7.x86_64") | installed("3.10.0-514.26.2.el7.x86_64") | installed(CENTOS_7_RELEASE)
    | {path: what for release in ("3.10.0-327.el7.x86_64", "3.10.0-514.26.2.el7.x86_64", CENTOS_7_RELEASE)
       for path, what in headers(release, f"usr/src/kernels/{release}", f"usr/src/kernels/{release}", config(),
                                 (3, 10)).items()},
    SOUND | OLD_KERNEL | {
        "kernel.build.others": warns("3.10.0-327.el7.x86_64", "3.10.0-514.26.2.el7.x86_64", commands=[
            "rpm -e kernel-devel-3.10.0-327.el7.x86_64 kernel-devel-3.10.0-514.26.2.el7.x86_64"]),
        "kernel.debuginfo": warns(commands=[
            "printf '%s\\n' '[base-debuginfo]' 'name=CentOS-7 - Debuginfo' "
            "'baseurl=http://debuginfo.centos.org/7/$basearch/' gpgcheck=1 "
            "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-Debug-7 enabled=0 > "
            "/etc/yum.repos.d/CentOS-Debuginfo.repo",
            f"yum --disablerepo='*' --enablerepo=base-debuginfo install kernel-debuginfo-{CENTOS_7_RELEASE} "
            f"kernel-debuginfo-common-$(uname -m)-{CENTOS_7_RELEASE}"]),
        "kernel.debuginfo.match": waits("kernel.debuginfo")._replace(words=())},
    True)

ROOT = {"identity": {"": {"is": {"uid": 0, "groups": ["root"], "capabilities": (1 << 41) - 1}}},
        "bpf_syscall": {"": {"is": ""}}, "pid_namespace": {"": {"is": "pid:[4026531836]"}},
        "free_space": {path: {"is": 40 << 30} for path in ("/var/cache/stapkill", "/tmp", "/usr/lib/debug")}}
ROCKY_RELEASE = "5.14.0-503.14.1.el9_5.x86_64"


def trial(release):
    return {"outcome": {f"{what} {release}": {"is": {"status": 0, "out": "done", "err": ""}}
                        for what in ("build empty", "build watch", "run watch")}}


def red_hat_9(release, base, systemtap_version="5.1", build_id=b"\x11" * 20):
    compiler = "gcc (GCC) 11.5.0 20240719 (Red Hat 11.5.0-2)"
    build = f"usr/src/kernels/{release}"
    return ({"etc/os-release": 'NAME="Rocky Linux"\nVERSION="9.5 (Blue Onyx)"\nID="rocky"\n'
                               'ID_LIKE="rhel centos fedora"\nVERSION_ID="9.5"\n'
                               'PRETTY_NAME="Rocky Linux 9.5 (Blue Onyx)"\n',
             "var/lib/rpm/rpmdb.sqlite": b"SQLite format 3\0",
             f"lib/modules/{release}/config": config(compiler, **NEW),
             f"lib/modules/{release}/build": Link(f"/{build}"), f"lib/modules/{release}/source": Link("build"),
             f"usr/lib/debug/lib/modules/{release}/vmlinux": elf(build_id)}
            | systemtap(systemtap_version) | red_hat_gcc("11") | installed(release) | UNLOCKED | BTF
            | kernel_proc(release, "#1 SMP PREEMPT_DYNAMIC Fri Nov 15 12:04:32 UTC 2024")
            | headers(release, build, build, config(compiler, **NEW), base))


ROCKY_9 = Host(
    red_hat_9(ROCKY_RELEASE, (5, 14)),
    {name: passes() for name in [*SOUND, "kernel.debuginfo", "kernel.debuginfo.match"]},
    True,
    ROOT | trial(ROCKY_RELEASE) | rpm(
        ("kernel", "5.14.0-503.14.1.el9_5", "x86_64"), ("kernel-core", "5.14.0-503.14.1.el9_5", "x86_64"),
        ("kernel-devel", "5.14.0-503.14.1.el9_5", "x86_64"),
        ("kernel-devel-matched", "5.14.0-503.11.1.el9_5", "x86_64"),
        ("kernel-headers", "5.14.0-503.11.1.el9_5", "x86_64"),
        ("kernel-tools-libs-devel", "5.14.0-503.11.1.el9_5", "x86_64"),
        ("systemtap", "5.1-4.el9_5", "x86_64"), ("systemtap-client", "5.1-4.el9_5", "x86_64"),
        ("systemtap-runtime", "5.1-4.el9_5", "x86_64")))

# A real-time kernel: its release has a suffix that its package's version lacks.
RHEL_9_RT = Host(
    red_hat_9(ROCKY_RELEASE + "+rt", (5, 14)),
    {"kernel.build": passes(), "kernel.build.others": warns("kernel-devel-5.14.0-427.el9.x86_64", commands=[
        "rpm -e kernel-devel-5.14.0-427.el9.x86_64"])},
    True,
    ROOT | trial(ROCKY_RELEASE + "+rt") | rpm(
        ("kernel-rt-core", "5.14.0-503.14.1.el9_5", "x86_64"), ("kernel-rt-devel", "5.14.0-503.14.1.el9_5", "x86_64"),
        ("kernel-devel", "5.14.0-427.el9", "x86_64"), ("systemtap", "5.1-4.el9_5", "x86_64")))


def fedora(release, version, systemtap_version):
    compiler = "gcc (GCC) 15.1.1 20250425 (Red Hat 15.1.1-1)"
    build = f"usr/src/kernels/{release}"
    return ({"etc/os-release": Link("../usr/lib/os-release"),
             "usr/lib/os-release": 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=42\nVERSION_CODENAME=""\n'
                                   'PRETTY_NAME="Fedora Linux 42 (Server Edition)"\n',
             "lib": Link("usr/lib"), "var/lib/rpm": Link("../../usr/lib/sysimage/rpm"),
             "usr/lib/sysimage/rpm/rpmdb.sqlite": b"SQLite format 3\0",
             f"usr/lib/modules/{release}/config": config(compiler, **NEW),
             f"usr/lib/modules/{release}/build": Link(f"/{build}"),
             f"usr/lib/modules/{release}/source": Link("build"),
             "etc/debuginfod/fedora.urls": "ima:enforcing https://debuginfod.fedoraproject.org/ ima:ignore\n"}
            | systemtap(systemtap_version) | red_hat_gcc("15") | UNLOCKED | BTF
            | installed(release, modules="usr/lib/modules")
            | kernel_proc(release, "#1 SMP PREEMPT_DYNAMIC Tue Jun 24 19:20:26 UTC 2025")
            | headers(release, build, build, config(compiler, **NEW), version))


FEDORA_REMEDY = no_debuginfo("dnf install elfutils-debuginfod-client")

# 6.15 removed hrtimer_init; SystemTap 5.2 needs it.
FEDORA_NEWER_KERNEL = Host(
    fedora("6.15.4-200.fc42.x86_64", (6, 15), "5.2"),
    SOUND | FEDORA_REMEDY | {
        "stap.version": warns("6.12", "6.15", commands=["dnf upgrade systemtap"], text=["5.3"]),
        "stap.runtime": fails("hrtimer_setup", "5.3", commands=["dnf upgrade systemtap"], text=["5.3"]),
        "user.privilege": passes("root"), "fs.space": passes(), "bpf.pids": passes(),
        "smoke.build": waits("stap.runtime"), "smoke.run": waits("stap.runtime")},
    False,
    ROOT | rpm(("kernel-devel", "6.15.4-200.fc42", "x86_64"), ("systemtap", "5.2-1.fc42", "x86_64"),
               ("systemtap-runtime", "5.2-1.fc42", "x86_64")))

# Newer than any known SystemTap: doctor asks for a later SystemTap, and nothing shows that this one does not fit.
FEDORA_BEYOND = Host(
    fedora("7.1.3-200.fc44.x86_64", (7, 1), "5.5"),
    SOUND | FEDORA_REMEDY | {
        "stap.version": warns("7.0", "7.1", commands=["dnf upgrade systemtap"], text=["5.6"]),
        "user.privilege": passes("root"), "fs.space": passes(), "bpf.pids": passes()},
    True,
    ROOT | rpm(("kernel-devel", "7.1.3-200.fc44", "x86_64"), ("systemtap", "5.5-1.fc44", "x86_64"),
               ("systemtap-runtime", "5.5-1.fc44", "x86_64")))

# ---------------------------------------------------------------------------------------------------------------------
# Others

LEAP_RELEASE = "6.4.0-150600.23.25-default"

# staprun has no setuid bit here; the files in boot are links to the kernel's own directory.
LEAP_15_6 = Host(
    {"etc/os-release": 'NAME="openSUSE Leap"\nVERSION="15.6"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\n'
                       'VERSION_ID="15.6"\nPRETTY_NAME="openSUSE Leap 15.6"\n',
     "lib/modules": Link("../usr/lib/modules"), "var/lib/rpm": Link("../../usr/lib/sysimage/rpm"),
     "usr/lib/sysimage/rpm/Packages.db": b"RpmP" + b"\0" * 4092,
     f"boot/config-{LEAP_RELEASE}": Link(f"../usr/lib/modules/{LEAP_RELEASE}/config"),
     f"boot/System.map-{LEAP_RELEASE}": Link(f"../usr/lib/modules/{LEAP_RELEASE}/System.map"),
     f"usr/lib/modules/{LEAP_RELEASE}/config": config("gcc (SUSE Linux) 7.5.0", **NEW),
     f"usr/lib/modules/{LEAP_RELEASE}/System.map": Empty(6 << 20),
     f"usr/lib/modules/{LEAP_RELEASE}/vmlinuz": Empty(12 << 20),
     f"usr/lib/modules/{LEAP_RELEASE}/modules.dep": "",
     "usr/bin/make": Program(), "usr/bin/gcc-7": Program(), "usr/bin/gcc": Link("gcc-7")}
    | systemtap("5.0") | {"usr/bin/staprun": Program()} | UNLOCKED | BTF
    | kernel_proc(LEAP_RELEASE, "#1 SMP PREEMPT_DYNAMIC Tue Oct  1 10:54:01 UTC 2024 (ea7c56d)"),
    SOUND | no_debuginfo("zypper --plus-content debug install kernel-default-debuginfo") | {
        "stap.runtime": waits("kernel.build"), "stap.staprun": passes("not setuid"),
        "kernel.build": fails(LEAP_RELEASE, commands=[
            "zypper install 'kernel-default-devel = 6.4.0-150600.23.25'"]),
        "user.privilege": passes("root"), "fs.space": passes(), "bpf.pids": passes(),
        "smoke.build": waits("kernel.build"), "smoke.run": waits("kernel.build")},
    False,
    ROOT | rpm(("kernel-default", "6.4.0-150600.23.25.1", "x86_64"), ("systemtap", "5.0-150600.2.6", "x86_64"),
               ("systemtap-runtime", "5.0-150600.2.6", "x86_64")))

# An appliance: its options are only in /proc/config.gz.
NO_MODULES = Host(
    {"etc/os-release": 'NAME=Buildroot\nVERSION=2022.02\nID=buildroot\nVERSION_ID=2022.02\n'
                       'PRETTY_NAME="Buildroot 2022.02"\n',
     "proc/config.gz": gzip.compress(config("x86_64-buildroot-linux-gnu-gcc.br_real (Buildroot 2022.02) 11.2.0",
                                            lacking=["MODULES", "MODULE_UNLOAD", "KPROBES", "UPROBES", "DEBUG_INFO",
                                                     "BPF_SYSCALL"]).encode())}
    | {path: what for path, what in kernel_proc("5.15.90", "#1 SMP Thu Feb 2 2023").items()
       if path not in ("proc/modules", "proc/sys/kernel/modules_disabled",
                       "sys/module/module/parameters/sig_enforce")} | {"sys/module/printk": Folder()},
    SOUND | {
        "stap.present": fails("no stap", commands=[]), "stap.version": waits("stap.present"),
        "stap.runtime": waits("stap.present"), "stap.staprun": waits("stap.present"),
        "kernel.config": fails("CONFIG_MODULES", "CONFIG_KPROBES", commands=[]),
        "kernel.modules": fails("without loadable modules", commands=[]),
        "kernel.signing": waits("kernel.modules"),
        "kernel.build": fails("5.15.90", commands=[]),
        "kernel.debuginfo": warns(commands=[]),
        "kernel.debuginfo.match": Expected("skip", (), None, False, "kernel.debuginfo"),
        "kernel.symbols": warns("no System.map"), "toolchain.compiler": fails("make"),
        "bpf.syscall": fails("CONFIG_BPF_SYSCALL"), "bpf.btf": fails("CONFIG_DEBUG_INFO_BTF"),
        "smoke.build": waits("stap.present"), "smoke.run": waits("stap.present")},
    False)

# The host's kernel, and Debian's files with all of SystemTap.
DOCKER = Host(
    {path: what for path, what in debian_12().items() if not path.startswith(("boot/", "lib/modules", "sys/kernel/sec"))}
    | {".dockerenv": "", "proc/self/mounts": "overlay / overlay rw 0 0\nproc /proc proc rw 0 0\nsysfs /sys sysfs ro 0 0\n",
       "proc/1/cgroup": "0::/\n", "sys/kernel/security": Folder(), "sys/kernel/debug": Folder()}
    | dpkg(systemtap="4.8-2", systemtap_runtime="4.8-2"),
    SOUND | no_debuginfo("apt-get install linux-image-6.1.0-56-amd64-dbg") | {
        "stap.runtime": waits("kernel.build"),
        "user.privilege": fails("CAP_SYS_MODULE", commands=[]),
        "kernel.config": warns("not known"),
        "kernel.modules": warns("container", text=["host"]),
        "kernel.build": fails("6.1.0-56-amd64", commands=["apt-get install linux-headers-6.1.0-56-amd64"]),
        "kernel.symbols": warns("no System.map"), "kernel.lockdown": warns("not known"),
        "toolchain.compiler": passes("12"),
        "env.container": fails("docker", "CAP_SYS_MODULE", "/lib/modules/6.1.0-56-amd64", "/sys/kernel/debug", commands=[
            "docker run --privileged --pid=host -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro -v "
            "/sys/kernel/debug:/sys/kernel/debug IMAGE"]),
        "fs.tracefs": warns("debugfs"), "fs.space": passes(),
        "bpf.syscall": fails("CAP_BPF and CAP_PERFMON", commands=[
            "docker run --cap-add BPF --cap-add PERFMON --pid=host IMAGE"], text=["securityContext"]),
        "bpf.pids": fails("pid namespace", commands=["docker run --pid=host IMAGE"], text=["hostPID"]),
        "smoke.build": waits("kernel.build"), "smoke.run": waits("kernel.build")},
    False,
    ROOT | {"identity": {"": {"is": {"uid": 0, "groups": ["root"], "capabilities": 0xa80425fb}}},
            "bpf_syscall": {"": {"is": "operation not permitted"}},
            "pid_namespace": {"": {"is": "pid:[4026532201]"}}})


def arch(running, kernels, **packages):
    tree = {"etc/os-release": 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
            "lib": Link("usr/lib"),
            "proc/config.gz": gzip.compress(config("gcc (GCC) 14.1.1 20240522", **NEW).encode()),
            "usr/bin/make": Program(), "usr/bin/gcc": Program(), "usr/lib/gcc/x86_64-pc-linux-gnu/14.1.1/cc1": ""}
    for release, base in kernels.items():
        tree |= {f"usr/lib/modules/{release}/{name}": text
                 for name, text in (("pkgbase", base + "\n"), ("vmlinuz", ""), ("modules.dep", ""))}
    for name, version in packages.items():
        tree[f"var/lib/pacman/local/{name.replace('_', '-')}-{version}/desc"] = ""
    return tree | systemtap("5.1") | UNLOCKED | BTF | kernel_proc(running, "#1 SMP PREEMPT_DYNAMIC Thu, 11 Jul 2024")


# After pacman -Syu: the running kernel has neither modules nor headers any more. 6.10 comes after 6.6 and 6.9.
ARCH_UPDATED = Host(
    arch("6.9.9-arch1-1", {"6.10.1-arch1-1": "linux", "6.6.41-1-lts": "linux-lts"},
         linux="6.10.1.arch1-1", linux_lts="6.6.41-1", systemtap="5.1-1"),
    SOUND | no_debuginfo() | {
        "stap.runtime": waits("kernel.build"),
        "kernel.modules": warns("gone", commands=["systemctl reboot"], reboot=True, text=["6.10.1-arch1-1"]),
        "kernel.build": fails("6.9.9-arch1-1", commands=["pacman -Syu linux-headers"], reboot=True),
        "kernel.symbols": warns("no System.map"),
        "smoke.build": waits("kernel.build"), "smoke.run": waits("kernel.build")},
    False)

# linux-lts with its headers, which contain a System.map and a stripped vmlinux.
ARCH_LTS = Host(
    arch("6.6.41-1-lts", {"6.10.1-arch1-1": "linux", "6.6.41-1-lts": "linux-lts"},
         linux="6.10.1.arch1-1", linux_lts="6.6.41-1", linux_lts_headers="6.6.41-1", systemtap="5.1-1")
    | headers("6.6.41-1-lts", "usr/lib/modules/6.6.41-1-lts/build", "usr/lib/modules/6.6.41-1-lts/build",
              config("gcc (GCC) 14.1.1 20240522", **NEW), (6, 6))
    | {"usr/lib/modules/6.6.41-1-lts/build/System.map": Empty(8 << 20),
       "usr/lib/modules/6.6.41-1-lts/build/vmlinux": elf(b"\x11" * 20, debug=False)},
    SOUND | no_debuginfo() | {"stap.runtime": passes("count_args")},
    True)
