/* forks COUNT [PROGRAM [LEVELS [RATE]]]: starts COUNT processes, one after the other, as the last of LEVELS children, each
 * the child of the one before; with RATE, so many a second at most. Each runs PROGRAM, or ends at once if none is named.
 * Prints the time of each, and its CPU time, in microseconds. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deep.h"

extern char** environ;

static double now(void) {
  struct timespec time;

  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

/* Of this process and of its children that have ended. */
static double on_cpu(void) {
  struct rusage own, children;

  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  return (own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1e6 +
         (own.ru_utime.tv_usec + own.ru_stime.tv_usec + children.ru_utime.tv_usec + children.ru_stime.tv_usec);
}

static pid_t start(char* program) {
  char* words[] = {program, NULL};
  pid_t child;

  if (program) return posix_spawn(&child, program, NULL, NULL, words, environ) ? -1 : child;
  child = fork();
  if (child == 0) _exit(0);
  return child;
}

static void wait_until(double time) {
  double wait = time - now();
  struct timespec rest = {.tv_sec = (time_t)(wait / 1e6), .tv_nsec = (long)(wait * 1e3) % 1000000000};

  if (wait > 0) nanosleep(&rest, NULL);
}

int main(int count, char** words) {
  long times = count > 1 ? atol(words[1]) : 0;
  double rate = count > 4 ? atof(words[4]) : 0;
  double begun;

  if (times <= 0) return 2;
  if (count > 3) go_deep(atol(words[3]));
  begun = now();
  for (long turn = 0; turn < times; turn++) {
    pid_t child;

    if (rate > 0) wait_until(begun + turn * 1e6 / rate);
    child = start(count > 2 ? words[2] : NULL);
    if (child < 0 || waitpid(child, NULL, 0) != child) return 1;
  }
  printf("%.2f %.2f\n", (now() - begun) / times, on_cpu() / times);
  return 0;
}
