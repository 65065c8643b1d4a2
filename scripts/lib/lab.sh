# shellcheck shell=bash disable=SC2016  # text that another shell expands is in single quotes
# The lab: a distribution's tree and kernel, a layer over the tree with this build and filled caches, and QEMU.
# Sourced by scripts/vm-lab after common.sh, never run.
#
# $LAB_HOME/<kernel>/
#   tree/         the distribution's files (debian12: the machine's own root instead)
#   image/        its unpacked kernel package            initramfs    busybox, the modules that mount the root, guest-init
#   layer/        is mounted over the tree in the guest: /usr/local/bin/stapkill, /var/cache/stapkill, /root/.systemtap,
#                 and /mnt/lab-program, whose functions are probed
#   console.log   the output of the last guest's kernel
LAB_HOME=${STAPKILL_LAB:-/var/cache/stapkill-lab}

lab_prepare() {
  local kernel=$1
  LAB_DIR=$LAB_HOME/$kernel
  mkdir -p "$LAB_DIR"
  exec 9>"$LAB_DIR/lock"
  flock 9
  lab_tree "$kernel"
  lab_image "$kernel"
  lab_initramfs
  lab_layer
  lab_modules
  lab_warm_watch
  flock -u 9
}

# Sets LAB_TREE, the tree below the guest's root, and LAB_RELEASE, the kernel release to boot.
lab_tree() {
  case $1 in
    debian12)
      . /etc/os-release
      [ "${ID:-}${VERSION_ID:-}" = debian12 ] || die "the debian12 lab uses the machine's own root and needs Debian 12"
      LAB_TREE=/
      LAB_RELEASE=$(lab_newest_release apt-cache) || exit 1
      [ -e "/lib/modules/$LAB_RELEASE/build" ] || apt_install "linux-headers-$LAB_RELEASE"
      ;;
    debian11 | debian12-systemd | debian13 | forky)
      LAB_TREE=$LAB_DIR/tree
      [ -e "$LAB_DIR/tree.done" ] || lab_debootstrap "$1"
      LAB_RELEASE=$(find "$LAB_TREE/lib/modules" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
      ;;
  esac
}

# The release that the metapackage linux-image-amd64 depends on today.
lab_newest_release() {
  apt_update
  local package
  package=$("$@" depends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
  [ -n "$package" ] || die "apt knows no linux-image-amd64: are its lists there? (apt-get update)"
  echo "${package#linux-image-}"
}

# The archive in this machine's apt: the one with security updates, or with -v the other.
lab_archive() {
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u | grep "$@" -e security | head -n 1
}

lab_debootstrap() {
  say "making a tree of $1 in $LAB_TREE (once)"
  local suite=$1 sources more=
  case $1 in
    # Its last kernels came as security updates, which have an archive of their own.
    debian11)
      suite=bullseye
      sources="deb $(lab_archive -v) bullseye main
deb $(lab_archive) bullseye-security main"
      ;;
    # With systemd as pid 1, and real managers. Their daemons are started by the cases.
    debian12-systemd)
      suite=bookworm more=,systemd-sysv,dbus,polkitd,docker.io,containerd,runc,crun,podman,supervisor,openssh-server
      more+=,openssh-client,apparmor,cron,sudo,curl,busybox-static,iproute2,kmod,catatonit,libpam-systemd,auditd,systemd-coredump,acct
      sources="deb $(lab_archive -v) bookworm main
deb $(lab_archive) bookworm-security main"
      ;;
    debian13) suite=trixie sources="deb $(lab_archive -v) trixie main" ;;
    forky) sources="deb $(lab_archive -v) forky main" ;;
  esac
  rm -rf "$LAB_TREE"
  # The lists of testing on a mirror that is no longer updated have expired.
  mmdebstrap --quiet --mode=root --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=systemtap,linux-headers-amd64,gcc,libc6-dev,make,procps,util-linux,mount,python3"$more" \
    "$suite" "$LAB_TREE" - >&2 <<<"$sources" || die "mmdebstrap could not make the tree of $1"
  touch "$LAB_DIR/tree.done"
}

# Downloads the kernel package of LAB_RELEASE with the apt of the tree, and unpacks it.
lab_image() {
  LAB_IMAGE=$LAB_DIR/image-$LAB_RELEASE
  [ ! -e "$LAB_IMAGE/boot/vmlinuz-$LAB_RELEASE" ] || return 0
  say "fetching linux-image-$LAB_RELEASE"
  local fetch=$LAB_DIR/fetch
  rm -rf "$LAB_DIR"/image-* "$LAB_DIR"/initramfs-* "$fetch"
  mkdir -p "$fetch"
  if [ "$LAB_TREE" = / ]; then
    (cd "$fetch" && apt-get -qq download "linux-image-$LAB_RELEASE" 2>/dev/null) || die "apt could not fetch linux-image-$LAB_RELEASE"
  else
    mkdir -p "$LAB_TREE/fetch"
    # Since forky the image depends on other packages: one with the kernel itself, one with its modules.
    chroot "$LAB_TREE" sh -c "cd /fetch && apt-get -qq update && apt-get -qq download 'linux-image-$LAB_RELEASE' \
      \$(apt-cache depends 'linux-image-$LAB_RELEASE' | sed -n 's/^  Depends: \(linux-binary-\|linux-modules-\)/\1/p')" 2>/dev/null ||
      die "apt could not fetch linux-image-$LAB_RELEASE"
    mv "$LAB_TREE"/fetch/*.deb "$fetch/"
  fi
  local package
  for package in "$fetch"/*.deb; do dpkg -x "$package" "$LAB_IMAGE.part"; done
  # trixie ships its modules below /usr/lib; depmod looks in only one place.
  [ -e "$LAB_IMAGE.part/lib/modules" ] || ln -s usr/lib "$LAB_IMAGE.part/lib"
  # forky has the kernel next to its modules, and the list of built-in modules with the headers.
  mkdir -p "$LAB_IMAGE.part/boot"
  [ -e "$LAB_IMAGE.part/boot/vmlinuz-$LAB_RELEASE" ] ||
    ln -s "../lib/modules/$LAB_RELEASE/vmlinuz" "$LAB_IMAGE.part/boot/vmlinuz-$LAB_RELEASE"
  [ -e "$LAB_IMAGE.part/lib/modules/$LAB_RELEASE/modules.builtin" ] ||
    cp "$LAB_TREE/lib/modules/$LAB_RELEASE"/modules.{builtin,builtin.modinfo,order} "$LAB_IMAGE.part/lib/modules/$LAB_RELEASE/"
  depmod -b "$LAB_IMAGE.part" "$LAB_RELEASE"
  rm -rf "$fetch"
  mv "$LAB_IMAGE.part" "$LAB_IMAGE"
}

# Makes an initramfs that mounts the root: busybox, the modules in modprobe's order, and guest-init.
lab_initramfs() {
  LAB_INITRAMFS=$LAB_DIR/initramfs-$LAB_RELEASE.gz
  [ ! -e "$LAB_INITRAMFS" ] || [ "$LAB_INITRAMFS" -ot "$REPO/scripts/lib/guest-init" ] || return 0
  local stage=$LAB_DIR/initramfs.d module file
  rm -rf "$stage"
  mkdir -p "$stage"/{bin,modules,proc,sys,dev,lower,layer,upper,root}
  cp "$(command -v busybox)" "$stage/bin/busybox"
  cp "$REPO/scripts/lib/guest-init" "$stage/init"
  for module in virtio_pci 9pnet_virtio 9p overlay virtio_console; do
    modprobe -d "$LAB_IMAGE" -S "$LAB_RELEASE" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | awk '!seen[$0]++' | while read -r file; do
    case $file in
      *.xz) xz -dc "$file" >"$stage/modules/$(basename "$file" .xz)"; basename "$file" .xz ;;
      *) cp "$file" "$stage/modules/"; basename "$file" ;;
    esac
  done >"$stage/modules/order"
  (cd "$stage" && find . | cpio -o -H newc --quiet | gzip -1) >"$LAB_INITRAMFS.part"
  mv "$LAB_INITRAMFS.part" "$LAB_INITRAMFS"
  rm -rf "$stage"
}

lab_layer() {
  LAB_LAYER=$LAB_DIR/layer
  local binary=${STAPKILL_BINARY:-$REPO/build/release/stapkill}
  [ -n "${STAPKILL_BINARY:-}" ] || build_release
  mkdir -p "$LAB_LAYER"/usr/local/bin "$LAB_LAYER"/var/cache/stapkill "$LAB_LAYER"/root/.systemtap "$LAB_LAYER"/mnt
  chmod 755 "$LAB_LAYER"/mnt "$LAB_LAYER" "$LAB_LAYER"/usr "$LAB_LAYER"/usr/local "$LAB_LAYER"/usr/local/bin "$LAB_LAYER"/var "$LAB_LAYER"/var/cache
  chmod 700 "$LAB_LAYER"/root "$LAB_LAYER"/var/cache/stapkill
  install -m 755 "$binary" "$LAB_LAYER/usr/local/bin/stapkill"
}

# Makes /lib/modules/RELEASE as it would be if the kernel's package were installed on the machine or in the tree.
lab_modules() {
  local place=$LAB_DIR/modules
  if [ "$LAB_TREE" != / ]; then
    [ -e "$LAB_TREE/lib/modules/$LAB_RELEASE/kernel" ] ||
      cp -an "$LAB_IMAGE/lib/modules/$LAB_RELEASE/." "$LAB_TREE/lib/modules/$LAB_RELEASE/"
    return 0
  fi
  rm -rf "$place"
  mkdir -p "$place"
  cp -a "/lib/modules/$LAB_RELEASE/build" "/lib/modules/$LAB_RELEASE/source" "$place/"
  ln -s "$LAB_IMAGE/lib/modules/$LAB_RELEASE/kernel" "$place/kernel"
}

# lab_in_tree COMMAND…: runs it in the guest's tree, on the machine's own kernel. The layer's directories are mounted where
# the guest will see them, so the guest finds what the command caches.
lab_in_tree() {
  local tree=$LAB_TREE
  export LAB_RELEASE
  mkdir -p "${tree%/}"/var/cache/stapkill "${tree%/}"/root/.systemtap
  unshare -m bash -eu -c '
    tree=${1%/} layer=$2
    shift 2
    mount --make-rprivate /
    # The root in there must be a mount, as on a host: else nothing can be mounted in a new namespace.
    if [ -n "$tree" ]; then mount --bind "$tree" "$tree"; fi
    mount --bind "$layer/var/cache/stapkill" "$tree/var/cache/stapkill"
    mount --bind "$layer/root/.systemtap" "$tree/root/.systemtap"
    mount --bind "$layer/mnt" "$tree/mnt"
    # The machine has the headers of the kernel that the guest boots, but not its modules.
    if [ -z "$tree" ] && [ -d "$layer/../modules" ]; then mount --bind "$layer/../modules" "/lib/modules/$LAB_RELEASE"; fi
    export HOME=/root
    if [ -z "$tree" ]; then exec "$@"; fi
    mount --bind "$layer/usr/local/bin" "$tree/usr/local/bin"
    mount -t proc proc "$tree/proc"
    mount --bind /dev "$tree/dev"
    exec chroot "$tree" "$@"
  ' lab "$LAB_TREE" "$LAB_LAYER" "$@" 9>&-
}

lab_stapkill() { [ "$LAB_TREE" = / ] && echo "$LAB_LAYER/usr/local/bin/stapkill" || echo /usr/local/bin/stapkill; }

# lab_warm_watch [OPTION…]: compiles the watch module for the guest, with these options of stapkill.
lab_warm_watch() {
  lab_in_tree "$(lab_stapkill)" --quiet watch --prepare --kernel "$LAB_RELEASE" "$@" >&2 ||
    die "stapkill could not compile its probes for $LAB_RELEASE"
}

# lab_emit DIR: writes the scripts that the guest runs with plain stap, and compiles them into stap's cache of the guest.
# DIR/answers.stap gets the answers of stap's tests of the kernel's headers, as it compiles them itself.
lab_emit() {
  local name place
  # A private directory below the tree: no other user can change the scripts there.
  place=$(mktemp -d "${LAB_TREE%/}/tmp/stapkill-emit.XXXXXX")
  for name in watch signal-send kill-syscalls process-tree; do
    say "emitting $name and compiling it for $LAB_RELEASE"
    lab_in_tree env "STAPKILL_KERNEL=$LAB_RELEASE" "$(lab_stapkill)" emit "$name" >"$1/$name.stp"
    # In the guest it is run from /tmp; stap's cache does not depend on the script's path.
    cp "$1/$name.stp" "$place/"
    lab_in_tree bash -eu -c '
      cd "$3"
      command=$(sed -n "s/^# run: sudo //p" "$1")
      eval "${command/#stap /stap -p4 -r \"$2\" }"
    ' emit "$name.stp" "$LAB_RELEASE" "/tmp/$(basename "$place")" >&2 || die "stap could not compile $name for $LAB_RELEASE"
  done
  rm -rf "$place"
  find "$LAB_LAYER"/root/.systemtap/cache -name 'stapconf_*.h' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2- |
    xargs sort >"$1/answers.stap"
}

# Compiles the modules that the guest runs with `stapkill emit --run`, one for each line of tests/lab/scripts.txt: CASE
# TEMPLATE NAME=VALUE…; and the program that some of them probe.
lab_scripts() {
  local source=$REPO/tests/lab/program.c program=$LAB_LAYER/mnt/lab-program name template values value words
  # The program's time is part of the cache's key.
  if [ ! "$program" -nt "$source" ]; then
    cp "$source" "$LAB_LAYER/mnt/program.c"
    lab_in_tree gcc -g -O0 -o /mnt/lab-program /mnt/program.c
  fi
  rm -rf "$LAB_LAYER/mnt/uncompiled"
  mkdir "$LAB_LAYER/mnt/uncompiled"
  while read -r name template values; do
    say "compiling $name for $LAB_RELEASE"
    words=()
    for value in $values; do words+=(--set "$value"); done
    lab_in_tree env "STAPKILL_KERNEL=$LAB_RELEASE" "$(lab_stapkill)" --quiet emit "$template" "${words[@]}" --prepare \
      2>"$LAB_LAYER/mnt/compiling" && continue
    # If one cannot be compiled, only its case fails: the others still run.
    cat "$LAB_LAYER/mnt/compiling" >&2
    mv "$LAB_LAYER/mnt/compiling" "$LAB_LAYER/mnt/uncompiled/$name"
  done < <(grep -v '^#' "$REPO/tests/lab/scripts.txt")
}

# Compiles the modules of the field notes' scripts, which cases_run.py runs unchanged, from the path that the guest uses.
lab_notes() {
  local script
  rm -rf "$LAB_LAYER/mnt/notes"
  cp -r "$REPO/tests/samples/notes" "$LAB_LAYER/mnt/notes"
  for script in "$LAB_LAYER"/mnt/notes/*.stp; do
    script=/mnt/notes/${script##*/}
    say "compiling $script for $LAB_RELEASE"
    lab_in_tree env "STAPKILL_KERNEL=$LAB_RELEASE" "$(lab_stapkill)" --quiet run "$script" --prepare >&2 ||
      die "stapkill could not compile $script for $LAB_RELEASE"
  done
}

# Compiles the modules of the case retune: one that gives up at once, and the one that --retune starts after it.
lab_warm_retune() {
  lab_warm_watch --stap-arg=-DMAXACTION=1
  lab_warm_watch --stap-arg=-DMAXACTION=1 --stap-arg=-DMAXACTION=102400
}

# Makes stap build its programs for tracepoints, which would take minutes in the guest. After one list they are cached.
lab_warm_probes() {
  local point
  for point in nd_syscall.kill 'kernel.trace("signal:signal_generate")'; do
    lab_in_tree env "STAPKILL_KERNEL=$LAB_RELEASE" "$(lab_stapkill)" --quiet probes --timeout 1800 "$point" >/dev/null ||
      die "stapkill could not list $point for $LAB_RELEASE"
  done
}

# Lists every file of the headers: its size, time and checksum.
lab_list_headers() {
  lab_in_tree bash -c 'find /usr/src/linux-* /usr/lib/linux-kbuild-* -type f -printf "%s %T@ %p\n" -exec sha256sum {} + | sort -k 2'
}

# lab_headers DIR: lists the headers before and after stapkill has compiled into a new cache, in DIR/headers.before and
# DIR/headers.after. It compiles once normally, and once without the capability with which it confines the compiler.
# DIR/answers.stapkill gets the answers of stap's tests of the kernel's headers.
lab_headers() {
  local without
  say "compiling for $LAB_RELEASE into a new cache, and comparing the headers"
  : >"$1/answers.stapkill"
  lab_list_headers >"$1/headers.before"
  for without in "" "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin"; do
    rm -rf "$LAB_LAYER/mnt/cache"
    # shellcheck disable=SC2086
    lab_in_tree env STAPKILL_CACHE=/mnt/cache $without "$(lab_stapkill)" --quiet watch --prepare --keep --kernel "$LAB_RELEASE" >&2 ||
      die "stapkill could not compile its probes for $LAB_RELEASE into a new cache"
  done
  # If the tests were done again in stap's own way, the command says so.
  grep -q CHECK_BUILD= "$LAB_LAYER"/mnt/cache/build.*/command || echo "stapkill: no precompiled header" >"$1/answers.stapkill"
  find "$LAB_LAYER"/mnt/cache/build.*/stap -name 'stapconf_*.h' -exec sort {} + >>"$1/answers.stapkill"
  rm -rf "$LAB_LAYER/mnt/cache"
  lab_list_headers >"$1/headers.after"
}

# lab_plain DIR: compiles an empty probe with this distribution's stap, without stapkill's help; its status and output go to
# DIR/plain.status and DIR/plain.log. If it compiles, the guest finds the module in stap's cache.
lab_plain() {
  local status=0
  say "compiling an empty probe for $LAB_RELEASE with plain stap"
  lab_in_tree stap -p4 -r "$LAB_RELEASE" -e 'probe begin { exit() }' >"$1/plain.log" 2>&1 || status=$?
  echo "$status" >"$1/plain.status"
}

# lab_boot KERNEL SHARE LIMIT COMMAND…: boots one guest, runs one command, and passes on its output and its status.
lab_boot() {
  local kernel=$1 share=$2 limit=$3 control status console=$LAB_DIR/console.log
  shift 3
  control=$(mktemp -d "${TMPDIR:-/tmp}/stapkill-lab.XXXXXX")
  LAB_CONTROL=$control
  trap 'rm -rf "$LAB_CONTROL"' EXIT  # a global: at the script's end there are no locals
  cp "$REPO/scripts/lib/guest-run" "$control/run"
  printf '%q ' "$@" >"$control/command"
  mkfifo "$control/stdout" "$control/stderr"
  cat <"$control/stdout" & local out=$!
  cat <"$control/stderr" >&2 & local err=$!
  local share_args=() more=
  [ "$kernel" != debian12-systemd ] || more=lab.systemd
  [ -z "$share" ] || share_args=(-fsdev "local,id=share,path=$share,security_model=none,multidevs=remap"
    -device "virtio-9p-pci,fsdev=share,mount_tag=share")
  set +e
  timeout --kill-after=10 "$limit" qemu-system-x86_64 \
    -accel tcg,thread=multi -cpu max -smp 2 -m "${STAPKILL_LAB_MEMORY:-3072}" -nodefaults -no-user-config -display none -no-reboot \
    -serial "file:$console" -kernel "$LAB_IMAGE/boot/vmlinuz-$LAB_RELEASE" -initrd "$LAB_INITRAMFS" \
    -append "console=ttyS0 panic=-1 quiet loglevel=4 mitigations=off $more" \
    -fsdev "local,id=tree,path=$LAB_TREE,security_model=none,readonly=on,multidevs=remap" \
    -device virtio-9p-pci,fsdev=tree,mount_tag=tree \
    -fsdev "local,id=layer,path=$LAB_LAYER,security_model=none,readonly=on,multidevs=remap" \
    -device virtio-9p-pci,fsdev=layer,mount_tag=layer \
    -fsdev "local,id=control,path=$control,security_model=none,multidevs=remap" \
    -device virtio-9p-pci,fsdev=control,mount_tag=control \
    "${share_args[@]}" \
    -device virtio-serial-pci \
    -chardev "file,id=stdout,path=$control/stdout" -device virtserialport,chardev=stdout,name=stdout \
    -chardev "file,id=stderr,path=$control/stderr" -device virtserialport,chardev=stderr,name=stderr \
    </dev/null >"$LAB_DIR/qemu.log" 2>&1
  status=$?
  # If the guest never opened the fifos, the readers still wait: open and close the fifos here.
  timeout 5 bash -c ': >"$1"; : >"$2"' fifo "$control/stdout" "$control/stderr" 2>/dev/null
  wait $out $err 2>/dev/null
  set -e
  if [ -s "$control/status" ]; then
    return "$(cat "$control/status")"
  fi
  if [ $status = 124 ] || [ $status = 137 ]; then
    echo "vm-lab: the guest was stopped after $limit s; its console is in $console" >&2
    return 124
  fi
  tail -n 20 "$console" "$LAB_DIR/qemu.log" >&2
  echo "vm-lab: the guest ended without running the command; its console is in $console" >&2
  return 125
}
