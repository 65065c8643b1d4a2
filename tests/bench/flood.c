/* flood PID COUNT: sends SIGURG to PID as fast as it can; prints nanoseconds a signal. SIGURG is ignored unless handled.
 * flood handle: whom to send it to, for it handles it. flood call COUNT: prints nanoseconds a getppid(2). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;

  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static void handle(int signal) {
  (void)signal;
}

int main(int count, char** words) {
  long times = count > 2 ? atol(words[2]) : 0;
  double begun;

  if (count > 1 && !strcmp(words[1], "handle")) {
    signal(SIGURG, handle);
    for (;;) pause();
  }
  if (times <= 0) return 2;
  begun = now();
  if (!strcmp(words[1], "call")) {
    for (long turn = 0; turn < times; turn++) syscall(SYS_getppid);
  } else {
    pid_t pid = atoi(words[1]);

    for (long turn = 0; turn < times; turn++)
      if (kill(pid, SIGURG)) return 1;
  }
  printf("%.1f\n", (now() - begun) / times);
  return 0;
}
