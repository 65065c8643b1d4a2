/* crowd COUNT: starts COUNT processes that do nothing, prints their pids, and ends them when its input ends. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char** words) {
  int size = count > 1 ? atoi(words[1]) : 0;

  if (size <= 0) return 2;
  for (int number = 0; number < size; number++) {
    pid_t child = fork();

    if (child < 0) return 1; /* its children end with it */
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(STDIN_FILENO);
      close(STDOUT_FILENO);
      for (;;) pause();
    }
    printf("%d\n", child);
    fflush(stdout);
  }
  fclose(stdout);
  while (getchar() != EOF) continue;
  return 0; /* its children end too: PR_SET_PDEATHSIG */
}
