#!/bin/sh
# header_test.sh COMPILER FLAG… -fsyntax-only -xc FILE: compiles one of SystemTap's tests of what the kernel's headers
# declare, about a hundred for each kernel. Nearly all of a test's time is spent on the same headers: they are compiled once,
# in $TMPDIR, and the tests start from there (GCC manual, "Using Precompiled Headers").
set -eu
for file; do :; done

# A precompiled header takes the longer to load the more it holds: a test of these headers alone starts from linux/sched.h.
# It also may ask what linux/sched.h lacks.
few=' <linux/sched.h> <linux/kernel.h> <linux/types.h> <linux/list.h> <linux/rculist.h> <linux/rcupdate.h> <linux/string.h>
<linux/wait.h> <linux/smp.h> <linux/percpu.h> <linux/atomic.h> <linux/bug.h> <linux/cred.h> <linux/uidgid.h> <linux/ktime.h>
<linux/hrtimer.h> <asm/ptrace.h> <asm/processor.h> '
name=few headers=sched
while read -r word header; do
  case $word:$few in
    '#include:'*[[:space:]]"$header"[[:space:]]*) ;;
    '#include:'* | '#:'*) name=most headers='sched mm fs module blkdev' ;;
  esac
done <"$file"
common=$TMPDIR/$name.h

# precompile COMPILER FLAG… -fsyntax-only -xc FILE
precompile() {
  for header in $headers; do echo "#include <linux/$header.h>"; done >"$common"
  left=$(($# - 3)) compiler=$1
  shift
  for word; do
    left=$((left - 1))
    shift
    [ $left -le 0 ] || set -- "$@" "$word"
  done
  "$compiler" "$@" -x c-header -o "$common.part" "$common" && mv "$common.part" "$common.gch"
}

# The tests run in parallel: the first precompiles, the others wait, 10 s at most.
if [ ! -e "$common.begun" ] && mkdir "$common.begun" 2>/dev/null; then
  precompile "$@" || :
  : >"$common.done"
fi
tries=100
while [ ! -e "$common.done" ] && [ $tries -gt 0 ]; do
  sleep 0.1
  tries=$((tries - 1))
done
[ -e "$common.gch" ] || exec "$@"

# The precompiled header must come first, and has what the other -include name.
compiler=$1 drop=no
shift
set -- "$@" end
while [ "$1" != end ]; do
  word=$1
  shift
  if [ $drop = yes ]; then
    drop=no
  elif [ "$word" = -include ]; then
    drop=yes
  else
    set -- "$@" "$word"
  fi
done
shift
exec "$compiler" -include "$common" "$@"
