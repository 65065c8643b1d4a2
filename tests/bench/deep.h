/* For measuring with many ancestors. */
#pragma once

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns in the last of so many children, each the child of the one before; the others end with its status. */
static void go_deep(long levels) {
  for (long level = 0; level < levels; level++) {
    pid_t child = fork();
    int status = 0;

    if (child == 0) continue;
    exit(child < 0 || waitpid(child, &status, 0) != child || status ? 1 : 0);
  }
}
