"""Distributions, one host of each family, without SystemTap: what os-release(5) of each says, a kernel's
release as `uname -r` gives it there, and the package managers that it has. From public copies of the files
(which-distro/os-release) and from what people showed of their hosts; expectations are written by hand."""

from collections import namedtuple

import hosts

# The programs that install packages, and other first words of commands that only some hosts have.
TOOLS = ("apt-get", "apt-key", "dnf", "yum", "tdnf", "zypper", "transactional-update", "rpm-ostree", "pacman", "apk",
         "emerge", "xbps-install", "subscription-manager", "amazon-linux-extras", "nixos-rebuild", "steamos-readonly", "rpm")

# commands: for each need the expected commands; None: nothing is expected. status: of kernel.release and bpf.btf.
# codename: UBUNTU_CODENAME.
Family = namedtuple("Family", "id like version name release tools commands release_status btf text machine codename",
                    defaults=("pass", True, (), "x86_64", None))


def family(id, like, version, name, release, tools, commands, **more):
    return Family(id, like, version, name, release, tools.split(), commands, **more)


def package_commands(manager, headers, debuginfo=None, compiler=None):
    """What differs between most families: the package manager and the names."""
    install = manager if " " in manager else f"{manager} install"
    found = {"stap.present": [f"{install} systemtap gcc make"], "kernel.build": headers,
             "toolchain.compiler": [compiler or f"{install} gcc make"]}
    if debuginfo is not None:
        found["kernel.debuginfo"] = debuginfo
    return found


def rpm_family(manager, release, debuginfo=None):
    return package_commands(manager, [f"{manager} install kernel-devel-{release}"], debuginfo or [
        f"{manager} install --enablerepo='*debug*' kernel-debuginfo-{release}"])


def of_tencent(manager, release):
    """uname -r is only the beginning of the packages' versions."""
    return package_commands(manager, [f"{manager} install 'kernel-devel-{release}*'"],
                            [f"{manager} install --enablerepo='*debug*' 'kernel-debuginfo-{release}*'"])


def nothing():
    """A host on which no package can be installed."""
    return {"stap.present": [], "kernel.build": [], "kernel.debuginfo": [], "toolchain.compiler": []}


READ_ONLY = ("stap.present", "read-only image", "bpf")
AUR = ["pacman -S --needed base-devel git",
       "git clone https://aur.archlinux.org/systemtap.git && cd systemtap && makepkg -si"]
VAULT = ("printf '%s\\n' '[vault-os]' 'name=CentOS-6.10 - os' 'baseurl=http://vault.centos.org/6.10/os/$basearch/' "
         "gpgcheck=1 gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-6 enabled=0 '[vault-updates]' "
         "'name=CentOS-6.10 - updates' 'baseurl=http://vault.centos.org/6.10/updates/$basearch/' "
         "gpgcheck=1 gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-6 enabled=0 > "
         "/etc/yum.repos.d/CentOS-vault-6.repo")
FROM_VAULT = "yum --disablerepo='*' --enablerepo='vault-*' install"


def oracle(manager, major, kind, release):
    where = f"https://oss.oracle.com/ol{major}/debuginfo"
    common = f"kernel-uek-debuginfo-common-{release}" if kind else f"kernel-debuginfo-common-$(uname -m)-{release}"
    return package_commands(manager, [f"{manager} install kernel-{kind}devel-{release}"],
                            [f"{manager} install {where}/kernel-{kind}debuginfo-{release}.rpm {where}/{common}.rpm"])


def elrepo(manager, release):
    each = [f"{manager} install --enablerepo=elrepo-kernel kernel-{line}-devel-{release}" for line in ("lt", "ml")]
    return package_commands(manager, [" || ".join(each)], [])


def of_rhel(major, release, kind=""):
    repository = (f"rhel-{major}-server-debug-rpms" if major < 8 else
                  f"rhel-{major}-for-$(uname -m)-{'rt' if kind else 'baseos'}-debug-rpms")
    manager = "yum" if major < 8 else "dnf"
    plain = release.partition("+")[0]
    common = "" if kind else f" kernel-debuginfo-common-$(uname -m)-{plain}"
    return package_commands(manager, [f"{manager} install kernel-{kind}devel-{plain}"],
                            [f"subscription-manager repos --enable {repository}",
                             f"{manager} install kernel-{kind}debuginfo-{plain}{common}"])


def of_ubuntu(release, codename):
    """Ubuntu's own archive of debuginfo, for those that have its kernels."""
    image = f"linux-image-{release}-dbgsym || apt-get install linux-image-unsigned-{release}-dbgsym"
    return apt(release, [
        "apt-get install ubuntu-dbgsym-keyring",
        "printf 'deb http://ddebs.ubuntu.com %s main restricted universe multiverse\\n' "
        f"{codename} {codename}-updates {codename}-proposed > /etc/apt/sources.list.d/ddebs.list",
        "apt-get update", f"apt-get install {image}"]) | {
            "kernel.symbols": [f"apt-get install --reinstall linux-modules-{release}"]}


def of_debian(release):
    image = f"apt-get install linux-image-{release}-dbg"
    return apt(release, [image]) | {"kernel.symbols": [
        image, f"ln -s /usr/lib/debug/boot/System.map-{release} /lib/modules/{release}/build/System.map"]}


def apt(release, debuginfo=None, headers=None, compiler="apt-get install gcc make"):
    return package_commands("apt-get", [f"apt-get install {headers or 'linux-headers-' + release}"], debuginfo, compiler)


FAMILIES = {
    # Red Hat and its relatives
    "rhel_7": family("rhel", "fedora", "7.9", "Red Hat Enterprise Linux Server 7.9 (Maipo)", "3.10.0-1160.119.1.el7.x86_64",
                     "yum rpm subscription-manager", of_rhel(7, "3.10.0-1160.119.1.el7.x86_64"), release_status="warn",
                     btf=False),
    "rhel_8": family("rhel", "fedora", "8.10", "Red Hat Enterprise Linux 8.10 (Ootpa)", "4.18.0-553.22.1.el8_10.x86_64",
                     "dnf yum rpm subscription-manager", of_rhel(8, "4.18.0-553.22.1.el8_10.x86_64"),
                     release_status="warn"),
    "rhel_8_rt": family("rhel", "fedora", "8.10", "Red Hat Enterprise Linux 8.10 (Ootpa)",
                        "4.18.0-553.rt7.342.el8_10.x86_64", "dnf yum rpm subscription-manager",
                        of_rhel(8, "4.18.0-553.rt7.342.el8_10.x86_64", "rt-"), release_status="warn"),
    "rhel_9_rt": family("rhel", "fedora", "9.5", "Red Hat Enterprise Linux 9.5 (Plow)",
                        "5.14.0-503.14.1.el9_5.x86_64+rt", "dnf yum rpm subscription-manager",
                        of_rhel(9, "5.14.0-503.14.1.el9_5.x86_64+rt", "rt-")),
    "rocky_9_debug": family("rocky", "rhel centos fedora", "9.5", "Rocky Linux 9.5 (Blue Onyx)",
                            "5.14.0-503.14.1.el9_5.x86_64+debug", "dnf yum rpm", package_commands(
                                "dnf", ["dnf install kernel-debug-devel-5.14.0-503.14.1.el9_5.x86_64"],
                                ["dnf install --enablerepo='*debug*' kernel-debug-debuginfo-5.14.0-503.14.1.el9_5.x86_64"])),
    "centos_6": family("centos", "rhel fedora", None, "CentOS release 6.10 (Final)", "2.6.32-754.35.1.el6.x86_64",
                       "yum rpm", {
                           "stap.present": [VAULT, f"{FROM_VAULT} systemtap gcc make"],
                           "toolchain.compiler": [VAULT, f"{FROM_VAULT} gcc make"],
                           "kernel.build": [VAULT, f"{FROM_VAULT} kernel-devel-2.6.32-754.35.1.el6.x86_64"],
                           "kernel.debuginfo": [
                               "printf '%s\\n' '[base-debuginfo]' 'name=CentOS-6 - Debuginfo' "
                               "'baseurl=http://debuginfo.centos.org/6/$basearch/' gpgcheck=1 "
                               "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-Debug-6 enabled=0 > "
                               "/etc/yum.repos.d/CentOS-Debuginfo.repo",
                               "yum --disablerepo='*' --enablerepo=base-debuginfo install "
                               "kernel-debuginfo-2.6.32-754.35.1.el6.x86_64 "
                               "kernel-debuginfo-common-$(uname -m)-2.6.32-754.35.1.el6.x86_64"]},
                       release_status="fail", btf=False),
    "centos_7_elrepo": family("centos", "rhel fedora", "7", "CentOS Linux 7 (Core)", "5.4.278-1.el7.elrepo.x86_64",
                              "yum rpm", elrepo("yum", "5.4.278-1.el7.elrepo.x86_64"), release_status="warn"),
    "alma_9_elrepo": family("almalinux", "rhel centos fedora", "9.4", "AlmaLinux 9.4 (Seafoam Ocelot)",
                            "6.9.1-1.el9.elrepo.x86_64", "dnf yum rpm", elrepo("dnf", "6.9.1-1.el9.elrepo.x86_64")),
    "alma_8": family("almalinux", "rhel centos fedora", "8.10", "AlmaLinux 8.10 (Cerulean Leopard)",
                     "4.18.0-553.el8_10.x86_64", "dnf yum rpm", rpm_family("dnf", "4.18.0-553.el8_10.x86_64"),
                     release_status="warn"),
    "oracle_7_uek": family("ol", "fedora", "7.9", "Oracle Linux Server 7.9", "5.4.17-2136.338.4.2.el7uek.x86_64",
                           "yum rpm", oracle("yum", 7, "uek-", "5.4.17-2136.338.4.2.el7uek.x86_64"),
                           release_status="warn"),
    "oracle_7": family("ol", "fedora", "7.9", "Oracle Linux Server 7.9", "3.10.0-1160.119.1.el7.x86_64", "yum rpm",
                       oracle("yum", 7, "", "3.10.0-1160.119.1.el7.x86_64"), release_status="warn", btf=False),
    "oracle_8_uek": family("ol", "fedora", "8.9", "Oracle Linux Server 8.9", "5.15.0-202.135.2.el8uek.x86_64",
                           "dnf yum rpm", oracle("dnf", 8, "uek-", "5.15.0-202.135.2.el8uek.x86_64")),
    "amazon_2": family("amzn", "centos rhel fedora", "2", "Amazon Linux 2", "4.14.355-276.618.amzn2.x86_64",
                       "yum rpm amazon-linux-extras", package_commands(
                           "yum", ["yum install kernel-devel-4.14.355-276.618.amzn2.x86_64"],
                           ["yum install --enablerepo=amzn2-core-debuginfo kernel-debuginfo-4.14.355-276.618.amzn2.x86_64"])
                       | {"bpf.syscall": ["amazon-linux-extras install kernel-5.10", "systemctl reboot"]},
                       release_status="warn", btf=False),
    "amazon_2_5_10": family("amzn", "centos rhel fedora", "2", "Amazon Linux 2", "5.10.176-157.645.amzn2.x86_64",
                            "yum rpm amazon-linux-extras", package_commands(
                                "yum", ["yum install kernel-devel-5.10.176-157.645.amzn2.x86_64"],
                                ["yum install --enablerepo=amzn2extra-kernel-5.10-debuginfo "
                                 "kernel-debuginfo-5.10.176-157.645.amzn2.x86_64"])),
    "amazon_2023": family("amzn", "fedora", "2023", "Amazon Linux 2023.6.20241010", "6.1.112-122.189.amzn2023.x86_64",
                          "dnf yum rpm", package_commands(
                              "dnf", ["dnf install kernel-devel-6.1.112-122.189.amzn2023.x86_64"],
                              ["dnf install --enablerepo=amazonlinux-debuginfo "
                               "kernel-debuginfo-6.1.112-122.189.amzn2023.x86_64"])),
    "amazon_2023_6_12": family("amzn", "fedora", "2023", "Amazon Linux 2023.8.20250715",
                               "6.12.35-55.103.amzn2023.x86_64", "dnf yum rpm", package_commands(
                                   "dnf", ["dnf install kernel6.12-devel-6.12.35-55.103.amzn2023.x86_64"],
                                   ["dnf install --enablerepo=amazonlinux-debuginfo "
                                    "kernel6.12-debuginfo-6.12.35-55.103.amzn2023.x86_64"])),
    "anolis_7": family("anolis", "rhel fedora centos", "7.9", "Anolis OS 7.9", "4.19.91-27.7.an7.x86_64", "yum rpm",
                       rpm_family("yum", "4.19.91-27.7.an7.x86_64"), release_status="warn", btf=False),
    "anolis_8": family("anolis", "rhel fedora centos", "8.10", "Anolis OS 8.10", "5.10.134-19.3.1.an8.x86_64",
                       "dnf yum rpm", rpm_family("dnf", "5.10.134-19.3.1.an8.x86_64")),
    "alibaba_2": family("alinux", "rhel fedora centos", "2.1903",
                        "Alibaba Cloud Linux (Aliyun Linux) 2.1903 LTS (Hunting Beagle)",
                        "4.19.91-27.6.al7.x86_64", "yum rpm", rpm_family("yum", "4.19.91-27.6.al7.x86_64"),
                        release_status="warn", btf=False),
    "alibaba_3": family("alinux", "rhel fedora centos anolis", "3", "Alibaba Cloud Linux 3 (Soaring Falcon)",
                        "5.10.134-16.1.al8.x86_64", "dnf yum rpm", rpm_family("dnf", "5.10.134-16.1.al8.x86_64")),
    "tencent_2": family("tencentos", "rhel fedora centos tlinux", "2.4", "TencentOS Server 2.4", "5.4.119-19.0009.28",
                        "yum rpm", of_tencent("yum", "5.4.119-19.0009.28"), release_status="warn"),
    "tencent_3": family("tencentos", "rhel fedora centos", "3.1", "TencentOS Server 3.1 (Final)",
                        "5.4.119-19.0009.44", "dnf yum rpm", of_tencent("dnf", "5.4.119-19.0009.44"),
                        release_status="warn"),
    "tencent_4": family("tencentos", None, "4.4", "TencentOS Server 4.4", "6.6.98-40.2.tl4.x86_64", "dnf yum rpm",
                        rpm_family("dnf", "6.6.98-40.2.tl4.x86_64")),
    "opencloud_8": family("opencloudos", "rhel fedora centos", "8.5", "OpenCloudOS 8.5",
                          "5.4.119-19.0010.ocrelease.6", "dnf yum rpm", of_tencent("dnf", "5.4.119-19.0010.ocrelease.6"),
                          release_status="warn"),
    "opencloud_9": family("opencloudos", "opencloudos", "9.0", "OpenCloudOS 9.0", "6.6.47-12.oc9.x86_64",
                          "dnf yum rpm", rpm_family("dnf", "6.6.47-12.oc9.x86_64")),
    "bclinux_8": family("bclinux", "rhel fedora centos anolis", "8.8", "BigCloud Enterprise Linux 8.8 (Core)",
                        "4.19.91-27.4.an8.x86_64", "dnf yum rpm", rpm_family("dnf", "4.19.91-27.4.an8.x86_64"),
                        release_status="warn", btf=False),
    "bclinux_euler": family("bclinux", None, "21.10", "BigCloud Enterprise Linux For Euler 21.10 LTS",
                            "4.19.90-2107.6.0.0192.8.oe1.bclinux.x86_64", "dnf yum rpm",
                            rpm_family("dnf", "4.19.90-2107.6.0.0192.8.oe1.bclinux.x86_64"), release_status="warn",
                            btf=False),
    "openeuler_20": family("openEuler", None, "20.03", "openEuler 20.03 (LTS-SP1)",
                           "4.19.90-2003.4.0.0036.oe1.x86_64", "dnf yum rpm",
                           rpm_family("dnf", "4.19.90-2003.4.0.0036.oe1.x86_64"), release_status="warn", btf=False),
    "openeuler_22": family("openEuler", None, "22.03", "openEuler 22.03 (LTS-SP3)",
                           "5.10.0-182.0.0.95.oe2203sp3.x86_64", "dnf yum rpm",
                           rpm_family("dnf", "5.10.0-182.0.0.95.oe2203sp3.x86_64")),
    "kylin_server": family("kylin", None, "V10", "Kylin Linux Advanced Server V10 (Halberd)",
                           "4.19.90-89.11.v2401.ky10.x86_64", "dnf yum rpm",
                           rpm_family("dnf", "4.19.90-89.11.v2401.ky10.x86_64"), release_status="warn", btf=False),
    "uos_server": family("uos", None, "20", "UnionTech OS Server 20", "4.19.0-91.82.152.uelc20.x86_64", "dnf yum rpm",
                         rpm_family("dnf", "4.19.0-91.82.152.uelc20.x86_64"), release_status="warn", btf=False),
    "azure_3": family("azurelinux", None, "3.0", "Microsoft Azure Linux 3.0", "6.6.57.1-6.azl3", "tdnf rpm",
                      package_commands("tdnf", ["tdnf install kernel-devel-6.6.57.1-6.azl3"],
                                       ["tdnf install azurelinux-repos-debug",
                                        "tdnf install kernel-debuginfo-6.6.57.1-6.azl3"])),
    "photon_5": family("photon", None, "5.0", "VMware Photon OS/Linux", "6.1.62-9.ph5", "tdnf rpm",
                       package_commands("tdnf", ["tdnf install linux-devel-6.1.62-9.ph5"],
                                        ["tdnf install linux-debuginfo-6.1.62-9.ph5"])),
    "photon_4_esx": family("photon", None, "4.0", "VMware Photon OS/Linux", "5.10.260-3.ph4-esx", "tdnf rpm",
                           package_commands("tdnf", ["tdnf install linux-esx-devel-5.10.260-3.ph4"],
                                            ["tdnf install linux-esx-debuginfo-5.10.260-3.ph4"])),
    "fedora_coreos": family("fedora", None, "40", "Fedora CoreOS 40.20240825.3.0", "6.10.6-200.fc40.x86_64",
                            "rpm-ostree rpm", package_commands(
                                "rpm-ostree", ["rpm-ostree install kernel-devel-6.10.6-200.fc40.x86_64"],
                                ["rpm-ostree install elfutils-debuginfod-client"])),

    "rocky_8": family("rocky", "rhel centos fedora", "8.10", "Rocky Linux 8.10 (Green Obsidian)",
                      "4.18.0-553.22.1.el8_10.x86_64", "dnf yum rpm", rpm_family("dnf", "4.18.0-553.22.1.el8_10.x86_64"),
                      release_status="warn"),
    "rocky_9_rt": family("rocky", "rhel centos fedora", "9.5", "Rocky Linux 9.5 (Blue Onyx)",
                         "5.14.0-503.14.1.el9_5.x86_64+rt", "dnf yum rpm", package_commands(
                             "dnf", ["dnf install kernel-rt-devel-5.14.0-503.14.1.el9_5.x86_64"],
                             ["dnf install --enablerepo='*debug*' kernel-rt-debuginfo-5.14.0-503.14.1.el9_5.x86_64"])),
    "rocky_10": family("rocky", "rhel centos fedora", "10.0", "Rocky Linux 10.0 (Red Quartz)",
                       "6.12.0-55.9.1.el10_0.x86_64", "dnf yum rpm", rpm_family("dnf", "6.12.0-55.9.1.el10_0.x86_64")),
    "alma_9": family("almalinux", "rhel centos fedora", "9.6", "AlmaLinux 9.6 (Sage Margay)",
                     "5.14.0-570.12.1.el9_6.x86_64", "dnf yum rpm", rpm_family("dnf", "5.14.0-570.12.1.el9_6.x86_64")),
    "centos_7": family("centos", "rhel fedora", "7", "CentOS Linux 7 (Core)", "3.10.0-1160.119.1.el7.x86_64", "yum rpm",
                       package_commands("yum", ["yum install kernel-devel-3.10.0-1160.119.1.el7.x86_64"]),
                       release_status="warn", btf=False, text=("stap.present", "CentOS 7 has ended", "vault.centos.org")),
    "centos_7_plus": family("centos", "rhel fedora", "7", "CentOS Linux 7 (Core)",
                            "3.10.0-1127.19.1.el7.centos.plus.x86_64", "yum rpm", package_commands(
                                "yum", ["yum install --enablerepo=centosplus "
                                        "kernel-plus-devel-3.10.0-1127.19.1.el7.centos.plus.x86_64"], []),
                            release_status="warn", btf=False),
    "centos_8": family("centos", "rhel fedora", "8", "CentOS Linux 8", "4.18.0-348.7.1.el8_5.x86_64", "dnf yum rpm",
                       rpm_family("dnf", "4.18.0-348.7.1.el8_5.x86_64"), release_status="warn",
                       text=("kernel.build", "CentOS 8 has ended", "vault.centos.org")),
    "centos_stream_9": family("centos", "rhel fedora", "9", "CentOS Stream 9", "5.14.0-522.el9.x86_64", "dnf yum rpm",
                              rpm_family("dnf", "5.14.0-522.el9.x86_64")),
    "oracle_9": family("ol", "fedora", "9.1", "Oracle Linux Server 9.1", "5.14.0-427.13.1.el9_4.x86_64", "dnf yum rpm",
                       oracle("dnf", 9, "", "5.14.0-427.13.1.el9_4.x86_64")),
    "oracle_9_uek": family("ol", "fedora", "9.1", "Oracle Linux Server 9.1", "5.15.0-203.146.5.1.el9uek.x86_64",
                           "dnf yum rpm", oracle("dnf", 9, "uek-", "5.15.0-203.146.5.1.el9uek.x86_64")),
    "fedora_41": family("fedora", None, "41", "Fedora Linux 41 (Server Edition)", "6.11.4-301.fc41.x86_64",
                        "dnf yum rpm", package_commands("dnf", ["dnf install kernel-devel-6.11.4-301.fc41.x86_64"],
                                                        ["dnf install elfutils-debuginfod-client"])),
    "euler_9": family("euleros", None, "2.0", "EulerOS 2.0 (SP9x86_64)", "4.18.0-147.5.1.6.h841.eulerosv2r9.x86_64",
                      "dnf yum rpm", rpm_family("dnf", "4.18.0-147.5.1.6.h841.eulerosv2r9.x86_64"),
                      release_status="warn", btf=False),
    "mariner_2": family("mariner", None, "2.0", "CBL-Mariner/Linux", "5.15.138.1-1.cm2", "tdnf dnf rpm",
                        package_commands("tdnf", ["tdnf install kernel-devel-5.15.138.1-1.cm2"],
                                         ["tdnf install mariner-repos-debug",
                                          "tdnf install kernel-debuginfo-5.15.138.1-1.cm2"])),
    "mageia_9": family("mageia", "mandriva fedora", "9", "Mageia 9", "6.6.43-desktop-1.mga9", "dnf rpm",
                       package_commands("dnf", ["dnf install kernel-desktop-devel-6.6.43-1.mga9"],
                                        ["dnf install --enablerepo='*debug*' kernel-desktop-debuginfo-6.6.43-1.mga9"])),
    "openmandriva_5": family("openmandriva", None, "5.0", "OpenMandriva Lx 5.0 (Iodine) Rock", "6.6.2-desktop-3omv2390",
                             "dnf rpm", package_commands("dnf", ["dnf install kernel-desktop-devel"], [])),

    # Debian and its relatives
    "mint_22": family("linuxmint", "ubuntu debian", "22", "Linux Mint 22", "6.8.0-38-generic", "apt-get",
                      of_ubuntu("6.8.0-38-generic", "noble"), codename="noble"),
    "mint_debian_6": family("linuxmint", "debian", "6", "LMDE 6 (faye)", "6.1.0-13-amd64", "apt-get",
                            of_debian("6.1.0-13-amd64")),
    "pop_22": family("pop", "ubuntu debian", "22.04", "Pop!_OS 22.04 LTS", "6.9.3-76060903-generic", "apt-get",
                     apt("6.9.3-76060903-generic", []), codename="jammy",
                     text=("kernel.debuginfo", "no package of debuginfo of this kernel is known")),
    "elementary_7": family("elementary", "ubuntu debian", "7", "elementary OS 7 Horus", "6.2.0-39-generic", "apt-get",
                           of_ubuntu("6.2.0-39-generic", "jammy"), codename="jammy"),
    "trisquel_11": family("trisquel", "debian", "11.0", "Trisquel GNU/Linux Aramo (11.0)", "5.15.0-122-generic",
                          "apt-get", apt("5.15.0-122-generic", []) | {"kernel.symbols": [
                              "apt-get install --reinstall linux-modules-5.15.0-122-generic"]}, codename="jammy"),
    "kali": family("kali", "debian", "2019.4", "Kali GNU/Linux Rolling", "6.11.2-amd64", "apt-get",
                   of_debian("6.11.2-amd64")),
    "devuan_5": family("devuan", "debian", "5", "Devuan GNU/Linux 5 (daedalus)", "6.1.0-26-amd64", "apt-get",
                       of_debian("6.1.0-26-amd64")),
    "debian_10": family("debian", None, "10", "Debian GNU/Linux 10 (buster)", "4.19.0-27-amd64", "apt-get",
                        of_debian("4.19.0-27-amd64"), release_status="warn", btf=False,
                        text=("kernel.build", "Debian 10", "archive.debian.org")),
    "debian_12_liquorix": family("debian", None, "12", "Debian GNU/Linux 12 (bookworm)", "6.5.5-2-liquorix-amd64",
                                 "apt-get", apt("6.5.5-2-liquorix-amd64", []) | {"kernel.symbols": []}),
    "debian_13_xanmod": family("debian", None, "13", "Debian GNU/Linux 13 (trixie)", "7.0.9-x64v3-xanmod1", "apt-get",
                               apt("7.0.9-x64v3-xanmod1", []) | {"kernel.symbols": []}),
    "alt_10": family("altlinux", None, "10", "ALT Starterkit 10 (Hypericum)", "5.10.109-std-def-alt1", "apt-get rpm",
                     apt("5.10.109-std-def-alt1", [], headers="kernel-headers-modules-std-def")),
    "wsl_1": family("ubuntu", "debian", "20.04", "Ubuntu 20.04.6 LTS", "4.4.0-19041-Microsoft", "apt-get apt-key", {
        "kernel.build": [], "kernel.debuginfo": []}, release_status="warn", btf=False,
        text=("kernel.build", "WSL 1", "nothing can trace here")),
    "orbstack": family("ubuntu", "debian", "24.04", "Ubuntu 24.04.1 LTS", "6.19.13-orbstack-gbd1dc07b8cf4",
                       "apt-get apt-key", {"kernel.build": [], "kernel.debuginfo": [], "kernel.symbols": []},
                       text=("kernel.build", "OrbStack", "bpf")),
    "ubuntu_22": family("ubuntu", "debian", "22.04", "Ubuntu 22.04.5 LTS", "5.15.0-122-generic", "apt-get apt-key",
                        apt("5.15.0-122-generic") | {"kernel.symbols": [
                            "apt-get install --reinstall linux-modules-5.15.0-122-generic"]}),
    "proxmox_8": family("debian", None, "12", "Debian GNU/Linux 12 (bookworm)", "6.8.12-4-pve", "apt-get", apt(
        "6.8.12-4-pve", [], headers="proxmox-headers-6.8.12-4-pve || apt-get install pve-headers-6.8.12-4-pve")),
    "raspbian_11": family("raspbian", "debian", "11", "Raspbian GNU/Linux 11 (bullseye)", "5.10.103-v7l+", "apt-get",
                          apt("5.10.103-v7l+", headers="raspberrypi-kernel-headers"), machine="armv7l",
                          release_status="fail"),
    "raspberry_pi_os_11": family("debian", None, "11", "Debian GNU/Linux 11 (bullseye)", "6.1.21-v8+", "apt-get",
                                 apt("6.1.21-v8+", headers="raspberrypi-kernel-headers"), machine="aarch64",
                                 release_status="fail"),
    "raspbian_12": family("raspbian", "debian", "12", "Raspbian GNU/Linux 12 (bookworm)", "6.6.20+rpt-rpi-v7l", "apt-get",
                          apt("6.6.20+rpt-rpi-v7l"), machine="armv7l", release_status="fail"),
    "uos_desktop": family("uos", None, "20", "UnionTech OS Desktop 20 Pro", "4.19.0-amd64-desktop", "apt-get",
                          apt("4.19.0-amd64-desktop", []), release_status="warn", btf=False),
    "deepin_20": family("Deepin", None, "20.9", "Deepin 20.9", "5.15.77-amd64-desktop", "apt-get",
                        apt("5.15.77-amd64-desktop", [])),
    "kylin_desktop": family("kylin", None, "V10", "Kylin V10 SP1", "5.4.18-53-generic", "apt-get",
                            apt("5.4.18-53-generic", []), release_status="warn"),
    "wsl_ubuntu": family("ubuntu", "debian", "22.04", "Ubuntu 22.04.5 LTS", "5.15.153.1-microsoft-standard-WSL2",
                         "apt-get apt-key", {
                             "stap.present": ["apt-get install systemtap gcc make"], "kernel.build": [],
                             "kernel.debuginfo": [], "toolchain.compiler": ["apt-get install gcc make"],
                             "kernel.symbols": []},
                         text=("kernel.build", "WSL2-Linux-Kernel", "bpf")),
    "debian_with_a_kernel_of_its_own": family("debian", None, "12", "Debian GNU/Linux 12 (bookworm)", "6.18.5-web1", "apt-get", {
        "kernel.build": [], "kernel.debuginfo": [], "toolchain.compiler": ["apt-get install gcc make"]},
        text=("kernel.build", "not from this distribution", "/lib/modules/6.18.5-web1/build")),
    "rocky_with_a_mainline_kernel": family("rocky", "rhel centos fedora", "9.5", "Rocky Linux 9.5", "6.12.9", "dnf", {
        "kernel.build": [], "kernel.debuginfo": [], "toolchain.compiler": ["dnf install gcc make"]},
        text=("kernel.build", "not from this distribution", "/lib/modules/6.12.9/build")),
    "linuxkit_alpine": family("alpine", None, "3.20.3", "Alpine Linux v3.20", "6.10.14-linuxkit", "apk", {
        "stap.present": [], "kernel.build": [], "kernel.debuginfo": [], "toolchain.compiler": ["apk add gcc make"]},
        text=("kernel.build", "LinuxKit", "bpf")),

    # SUSE
    "sles_15": family("sles", "suse", "15.6", "SUSE Linux Enterprise Server 15 SP6", "6.4.0-150600.23.25-default",
                      "zypper rpm", package_commands(
                          "zypper", ["zypper install 'kernel-default-devel = 6.4.0-150600.23.25'"],
                          ["zypper --plus-content debug install kernel-default-debuginfo"])),
    "sl_micro_6": family("sl-micro", "suse", "6.0", "SUSE Linux Micro 6.0", "6.4.0-17-default",
                         "transactional-update zypper rpm", package_commands(
                             "transactional-update pkg install",
                             ["transactional-update pkg install 'kernel-default-devel = 6.4.0-17'"],
                             ["transactional-update pkg install kernel-default-debuginfo"])),
    "sle_micro_5": family("suse-microos", "suse", "5.1", "SUSE Linux Enterprise Micro 5.1",
                          "5.3.18-150300.59.93-default", "transactional-update zypper rpm", package_commands(
                              "transactional-update pkg install",
                              ["transactional-update pkg install 'kernel-default-devel = 5.3.18-150300.59.93'"]),
                          release_status="warn"),

    "leap_15_6": family("opensuse-leap", "suse opensuse", "15.6", "openSUSE Leap 15.6", "6.4.0-150600.23.25-default",
                        "zypper rpm", package_commands("zypper", [
                            "zypper install 'kernel-default-devel = 6.4.0-150600.23.25'"],
                            ["zypper --plus-content debug install kernel-default-debuginfo"])),
    "tumbleweed": family("opensuse-tumbleweed", "opensuse suse", "20240823", "openSUSE Tumbleweed", "6.10.5-1-default",
                         "zypper rpm", package_commands("zypper", [
                             "zypper install 'kernel-default-devel = 6.10.5-1'"],
                             ["zypper --plus-content debug install kernel-default-debuginfo"])),

    # Others
    "garuda": family("garuda", None, None, "Garuda Linux", "6.9.1-zen1-1-zen", "pacman", {
        "stap.present": AUR, "kernel.build": ["pacman -Syu linux-zen-headers"], "kernel.debuginfo": [],
        "toolchain.compiler": ["pacman -S --needed gcc make"]}),
    "void": family("void", None, None, "Void Linux", "6.6.64_1", "xbps-install", {
        "stap.present": ["xbps-install -S systemtap gcc make"],
        "kernel.build": ["xbps-install -S linux6.6-headers linux6.6"],
        "kernel.debuginfo": ["xbps-install -S void-repo-debug", "xbps-install -S linux6.6-dbg"],
        "kernel.symbols": ["xbps-install -S void-repo-debug", "xbps-install -S linux6.6-dbg"],
        "toolchain.compiler": ["xbps-install -S gcc make"]}),
    "clear": family("clear-linux-os", "clear-linux-os", "38250", "Clear Linux OS", "6.1.13-1253.native", "", nothing()),
    "slackware": family("slackware", None, "15.0", "Slackware 15.0 x86_64", "5.15.19", "", nothing()),
    "ubuntu_core": family("ubuntu-core", None, "20", "Ubuntu Core 20", "5.4.0-122-generic", "", nothing(),
                          release_status="warn", text=READ_ONLY),
    "manjaro": family("manjaro", "arch", None, "Manjaro Linux", "6.6.54-2-MANJARO", "pacman", {
        "stap.present": AUR, "kernel.build": ["pacman -Syu linux66-headers"], "kernel.debuginfo": [],
        "toolchain.compiler": ["pacman -S --needed gcc make"]}),
    "steamos": family("steamos", "arch", "3.6.20", "SteamOS", "6.5.0-valve22-1-neptune-65-g9a338ed8a75e",
                      "pacman steamos-readonly", {
                          "stap.present": ["steamos-readonly disable", *AUR], "kernel.build": [
                              "steamos-readonly disable", "pacman -S --needed linux-neptune-65-headers"],
                          "kernel.debuginfo": [], "toolchain.compiler": [
                              "steamos-readonly disable", "pacman -S --needed gcc make"]}),
    "alpine": family("alpine", None, "3.20.3", "Alpine Linux v3.20", "6.6.58-0-lts", "apk", {
        "stap.present": [], "kernel.build": ["apk add --upgrade linux-lts-dev linux-lts"], "kernel.debuginfo": [],
        "toolchain.compiler": ["apk add gcc make"]}),
    "gentoo": family("gentoo", None, "2.18", "Gentoo Linux", "6.6.58-gentoo-r1", "emerge", {
        "stap.present": ["emerge --noreplace dev-debug/systemtap"], "kernel.build": [], "kernel.debuginfo": [],
        "toolchain.compiler": ["emerge --noreplace sys-devel/gcc dev-build/make"]},
        text=("kernel.build", "sources", "Module.symvers")),
    "nixos": family("nixos", None, "24.05", "NixOS 24.05 (Uakari)", "6.6.58", "nixos-rebuild", {
        "stap.present": ["nixos-rebuild switch"], "kernel.build": [], "kernel.debuginfo": [], "toolchain.compiler": []},
        text=("kernel.build", "kernel.dev", "STAPKILL_MODULES")),
    "flatcar": family("flatcar", "coreos", "4459.0.0", "Flatcar Container Linux by Kinvolk 4459.0.0", "6.12.54-flatcar",
                      "", nothing(), text=READ_ONLY),
    "bottlerocket": family("bottlerocket", None, "1.47.0", "Bottlerocket OS 1.47.0 (aws-k8s-1.34)", "6.12.46", "",
                           nothing(), text=READ_ONLY),
    "cos": family("cos", None, "117", "Container-Optimized OS from Google", "6.6.105+", "", nothing(), text=READ_ONLY),
    "talos": family("talos", None, "1.8.1", "Talos (v1.8.1)", "6.6.54-talos", "", nothing(), text=READ_ONLY),
    # No row for it: the tree's package manager decides.
    "unknown_dnf": family("somelinux", None, "1", "Some Linux 1", "6.1.0-1.sl1.x86_64", "dnf yum rpm",
                          rpm_family("dnf", "6.1.0-1.sl1.x86_64")),
    "unknown_apt": family("otherlinux", None, "1", "Other Linux 1", "6.1.0-1-amd64", "apt-get",
                          apt("6.1.0-1-amd64", [])),
    "unknown_nothing": family("thirdlinux", None, "1", "Third Linux 1", "6.1.0-1", "", nothing()),
    "fedora_like_with_yum": family("fourthlinux", "rhel fedora", "7", "Fourth Linux 7", "3.10.0-1127.el7.x86_64",
                                   "yum rpm", rpm_family("yum", "3.10.0-1127.el7.x86_64"), release_status="warn",
                                   btf=False),
    "debian_arm": family("debian", None, "12", "Debian GNU/Linux 12 (bookworm)", "6.1.0-56-arm64", "apt-get",
                         apt("6.1.0-56-arm64", ["apt-get install linux-image-6.1.0-56-arm64-dbg"]), machine="aarch64",
                         release_status="fail"),
}


def tree_of(one):
    """A captured tree without /sys: its config has the answers."""
    text = f'NAME="{one.name}"\nPRETTY_NAME="{one.name}"\nID="{one.id}"\n'
    if one.like is not None:
        text += f'ID_LIKE="{one.like}"\n'
    if one.version is not None:
        text += f'VERSION_ID="{one.version}"\n'
    if "Ubuntu" in one.name:
        text += "VERSION_CODENAME=jammy\n"
    if one.codename is not None:
        text += f"UBUNTU_CODENAME={one.codename}\n"
    tree = {"etc/os-release": text, "proc/sys/kernel/osrelease": one.release + "\n",
            "proc/sys/kernel/arch": one.machine + "\n", f"lib/modules/{one.release}/modules.dep": "",
            f"boot/config-{one.release}": hosts.config(**({"DEBUG_INFO_BTF": "y"} if one.btf else {}))}
    if one.name.startswith("CentOS release"):
        del tree["etc/os-release"]
        tree["etc/redhat-release"] = one.name + "\n"
    if "rpm-ostree" in one.tools:
        tree["run/ostree-booted"] = ""
    return tree | {f"usr/bin/{tool}": hosts.Program() for tool in one.tools}
