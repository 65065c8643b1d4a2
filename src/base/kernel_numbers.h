/* The kernel's numbers that both sides of the ring buffer use: the BPF programs (C) and stapkill. */
#pragma once

/* The system calls that send signals: name, number (arch/x86/entry/syscalls/syscall_64.tbl), and number in 32-bit
 * programs (syscall_32.tbl). */
#define SK_SENDING_CALLS(CALL)      \
  CALL(kill, 62, 37)                \
  CALL(tkill, 200, 238)             \
  CALL(tgkill, 234, 270)            \
  CALL(rt_sigqueueinfo, 129, 178)   \
  CALL(rt_tgsigqueueinfo, 297, 335) \
  CALL(pidfd_send_signal, 424, 424)

/* What is packed with the number of the line that a bash runs, in the lowest bits (model/kernel_event.h). */
#define SK_BASH_TEXT 1
#define SK_BASH_FUNCTION 2
#define SK_BASH_SOURCE 4
#define SK_BASH_FLAG_BITS 3

/* A stack that ends at its guard is in use so many bytes above its end; a guard is as large at most (glibc, musl). */
#define SK_STACK_ABOVE 65536

/* Frequent signals whose default action ends no process (signal(7)). */
#define SK_HARMLESS_SIGNALS(SIGNAL) \
  SIGNAL(SIGCHLD, 17)               \
  SIGNAL(SIGCONT, 18)               \
  SIGNAL(SIGURG, 23)                \
  SIGNAL(SIGWINCH, 28)
