/* flood PID COUNT [LEVELS]: sends SIGURG to PID as fast as it can, as the last of LEVELS children, each the child of the
 * one before; prints the time of one signal, and its CPU time, in nanoseconds. SIGURG is ignored unless handled.
 * flood handle: a target that handles it. flood call COUNT: prints the same for getppid(2). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "deep.h"

static double now(clockid_t clock) {
  struct timespec time;

  clock_gettime(clock, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static void handle(int signal) {
  (void)signal;
}

int main(int count, char** words) {
  long times = count > 2 ? atol(words[2]) : 0;
  double begun, begun_cpu;

  if (count > 1 && !strcmp(words[1], "handle")) {
    signal(SIGURG, handle);
    for (;;) pause();
  }
  if (times <= 0) return 2;
  if (count > 3) go_deep(atol(words[3]));
  begun = now(CLOCK_MONOTONIC);
  begun_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
  if (!strcmp(words[1], "call")) {
    for (long turn = 0; turn < times; turn++) syscall(SYS_getppid);
  } else {
    pid_t pid = atoi(words[1]);

    for (long turn = 0; turn < times; turn++)
      if (kill(pid, SIGURG)) return 1;
  }
  printf("%.1f %.1f\n", (now(CLOCK_MONOTONIC) - begun) / times, (now(CLOCK_PROCESS_CPUTIME_ID) - begun_cpu) / times);
  return 0;
}
