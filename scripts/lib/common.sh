# shellcheck shell=bash
# Shared by the scripts of scripts/: paths, messages, and the packages that each job needs.
# Sourced, never run.

set -eu
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

need_root() { [ "$(id -u)" = 0 ] || die "needs root (it installs packages): run it with sudo"; }

# The packages of each job, by Debian's names. Packages of kernels are named without a version.
packages_for() {
  case $1 in
    build) echo g++ cmake ninja-build pkg-config ca-certificates libboost1.81-dev libboost-program-options1.81-dev \
      nlohmann-json3-dev libkainjow-mustache-dev libfmt-dev libexpected-dev libre2-dev libelf-dev libdw-dev libbz2-dev libsqlite3-dev \
      libcap-dev libseccomp-dev libutf8proc-dev libarchive-dev liblzma-dev libzstd-dev zlib1g-dev \
      clang bpftool libbpf-dev gettext ;;
    stap) echo systemtap gcc make ;;
    lab) echo qemu-system-x86 busybox-static cpio kmod mmdebstrap mount xz-utils ;;
    test) echo catch2 ccache clang-format clang-tidy shellcheck flake8 python3 python3-html5lib cmark-gfm systemd-journal-remote zstd zsh fish bash-completion mandoc groff procps util-linux mount strace rpm "linux-headers-amd64" \
      debuginfod supervisor podman runc busybox-static ;;
    browser) echo chromium fonts-wqy-zenhei ;;
    bench) echo python3 bpftrace ;;
    software) echo redis-server nodejs golang-go default-jdk-headless ruby perl nginx-light apache2 php-fpm postgresql \
      mariadb-server gunicorn make ninja-build sudo tini dumb-init tmux procps openssh-server dropbear-bin cron \
      supervisor runit podman runc busybox-static ;;
    causes) echo python3 util-linux ;;
    *) die "no package list is called '$1'" ;;
  esac
}

# Installs the packages of the named jobs. It asks apt only for missing packages, so that a second run is quick.
install_for() {
  local job missing=()
  for job in "$@"; do
    for package in $(packages_for "$job"); do
      dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
  done
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

apt_install() {
  need_root
  say "installing $*"
  apt_update
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# Refreshes apt's lists when they are missing or older than a day.
apt_update() {
  [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -1 2>/dev/null | head -n 1)" ] ||
    apt-get update -qq >&2
}

# With ccache, a clone at any path finds what another clone compiled.
use_ccache() {
  command -v ccache >/dev/null || return 0
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$REPO CCACHE_NOHASHDIR=1
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
}

# build_tree NAME [CMAKE OPTION…]: configures and builds build/NAME.
build_tree() {
  local name=$1
  shift
  say "building build/$name"
  use_ccache
  cmake -S "$REPO" -B "$REPO/build/$name" -G Ninja "$@" >"$REPO/build/$name.configure.log" 2>&1 ||
    { cat "$REPO/build/$name.configure.log" >&2; die "cmake could not configure build/$name"; }
  cmake --build "$REPO/build/$name" >&2
}

# One binary for every host, old or new. The lab, the demo and the benchmarks run the same binary that people copy.
build_release() {
  mkdir -p "$REPO/build"
  build_tree release -DCMAKE_BUILD_TYPE=Release -DSTAPKILL_STATIC=ON -DSTAPKILL_TESTS=OFF
}
