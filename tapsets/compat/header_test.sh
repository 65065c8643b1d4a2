#!/bin/sh
# header_test.sh COMPILER FLAG… -fsyntax-only -xc FILE: the answer of one of SystemTap's tests of what the kernel's headers
# declare, about a hundred for each kernel. Nearly all of a test's time is spent on the same headers. So most of them are
# compiled once (GCC manual, "Using Precompiled Headers"), and tests that include the same headers are one compilation.
#
# In $TMPDIR: most.h, which is precompiled; flags and flags.common, the FLAGs for GCC's @FILE, without and with most.h;
# tests/NAME.group, which tests are compiled together; tests/NAME.answer, 0 or 1, once that is known.
set -eu
export LC_ALL=C
for file; do :; done
compiler=$1 folder=${file%/*} name=${file##*/} tests=$TMPDIR/tests

# What most tests need. A precompiled header takes the longer to load the more it holds.
headers='sched mm fs module blkdev'

# Tests of these alone start from linux/sched.h. They also may ask what linux/sched.h lacks.
few='linux/sched.h linux/kernel.h linux/types.h linux/list.h linux/rculist.h linux/rcupdate.h linux/string.h linux/wait.h
linux/smp.h linux/percpu.h linux/atomic.h linux/bug.h linux/cred.h linux/uidgid.h linux/ktime.h linux/hrtimer.h asm/ptrace.h
asm/processor.h'

# Names that several tests give to what they define.
own='foo bar baz foobar func fn __something __autoconf_func ___autoconf_func ____autoconf_func gupr_wrapper gupr_wrapper2
new_style_hook netfilter_ops dumper context_vdso'

# once NAME COMMAND…: tests run in parallel; the first runs the command, the others wait as long as the first lives.
once() {
  lock=$TMPDIR/$1.begun tries=100
  shift
  if mkdir "$lock" 2>/dev/null; then
    echo $$ >"$lock/owner"
    "$@" || :
    : >"$lock/done"
  fi
  while [ ! -e "$lock/done" ] && [ $tries -gt 0 ]; do
    if read -r owner 2>/dev/null <"$lock/owner"; then kill -0 "$owner" 2>/dev/null || break; else tries=$((tries - 1)); fi
    sleep 0.05
  done
}

# compile GROUP FILE
compile() {
  case $1 in
    few) "$compiler" "@$TMPDIR/flags" -ftrack-macro-expansion=0 -fsyntax-only -xc "$2" ;;
    *) "$compiler" -include "$TMPDIR/most.h" "@$TMPDIR/flags.common" -ftrack-macro-expansion=0 -fsyntax-only -xc "$2" ;;
  esac
}

prepare() {
  # The precompiled header must come first, and has what the other -include name.
  shift
  printf '%s\n' "$@" | sed -e '/^-fsyntax-only$/,$d' -e "s/[\\\\\"' ]/\\\\&/g" >"$TMPDIR/flags"
  sed '/^-include$/{N;d;}' "$TMPDIR/flags" >"$TMPDIR/flags.common"
  for header in $headers; do echo "#include <linux/$header.h>"; done >"$TMPDIR/most.h"
  "$compiler" "@$TMPDIR/flags" -MD -MF "$TMPDIR/most.d" -x c-header -o "$TMPDIR/most.part" "$TMPDIR/most.h"
  mkdir "$tests"
  awk -v few="$few" -v tests="$tests/" -v list="$TMPDIR/most.d" '
    function add(header) { if (!(header in held)) key = key " " header; if (!(header in is_few)) group = "" }
    function end() {
      if (!name) return
      if (group == "") group = key in number ? number[key] : number[key] = ++count
      print group >(tests name ".group")
      close(tests name ".group")
      print name >>(tests "group." group)
      close(tests "group." group)
    }
    BEGIN {
      for (left = split(few, words); left; left--) is_few[words[left]]
      while ((getline line <list) > 0)
        for (left = split(line, words); left; left--) if (sub(/.*\/include\/(generated\/)?/, "", words[left])) held[words[left]]
    }
    FNR == 1 { end(); name = FILENAME; sub(/.*\//, "", name); key = ""; group = "few" }
    $1 == "#include" && $2 ~ /^<.*>$/ { add(substr($2, 2, length($2) - 2)); next }
    $1 == "#include" || $1 == "#" { add($0) }
    END { end() }' "$folder"/autoconf-*.c
  mv "$TMPDIR/most.part" "$TMPDIR/most.h.gch"
}

# together GROUP: compiles its tests as one file. A test with an error in its own lines is wrong; the others are compiled
# again without it, until they are right. What spoils the others (a mistake in the grammar), and a name that another test
# defines too, is compiled alone.
together() {
  list=$tests/group.$1 unit=$tests/unit.$1.c
  while [ -s "$list" ]; do
    awk -v own="$own" -v folder="$folder" -v few="$1" '
      BEGIN { count = split(own, names); if (few == "few") print "#include <linux/sched.h>" }
      {
        for (i = 1; i <= count; i++) print "#define " names[i] " " names[i] "_" NR
        print "#include \"" folder "/" $0 "\""
        for (i = 1; i <= count; i++) print "#undef " names[i]
      }' "$list" >"$unit"
    if compile "$1" "$unit" 2>"$unit.errors"; then
      while read -r member; do echo 0 >"$tests/$member.answer"; done <"$list"
      return
    fi
    awk -v folder="$folder/" -v tests="$tests/" -v list="$list.left" '
      NR == FNR { members[NR] = $0; next }
      !match($0, /:[0-9]+(:[0-9]+)?: (fatal )?error: /) { next }
      { grammar = / error: .*(expected|storage class)/; if (grammar) spoilt = 1 }
      substr($0, 1, length(folder)) == folder {
        member = substr($0, length(folder) + 1, RSTART - length(folder) - 1)
        wrong[member]; wrongs++
        if (grammar) { spoiler[member]; spoilers++ }
        if (/ error: .*(redefin|redeclar|conflicting|previous|follows)/) unsure[member]
      }
      END {
        printf "" >list
        leave = spoilt ? spoilers : wrongs
        for (i = 1; leave && i in members; i++) {
          if (!(members[i] in wrong) || (spoilt && !(members[i] in spoiler))) print members[i] >list
          else if (!spoilt && !(members[i] in unsure)) print 1 >(tests members[i] ".answer")
        }
      }' "$list" "$unit.errors"
    mv "$list.left" "$list"
  done
}

once prepared prepare "$@"
[ -e "$TMPDIR/most.h.gch" ] || exec "$@"
group=
if read -r group 2>/dev/null <"$tests/$name.group"; then
  once "group.$group" together "$group"
  if read -r answer 2>/dev/null <"$tests/$name.answer"; then exit "$answer"; fi
fi
compile "$group" "$file"
