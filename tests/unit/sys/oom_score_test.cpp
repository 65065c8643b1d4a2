#include "sys/oom_score.h"

#include <sys/wait.h>
#include <unistd.h>

#include "catch.h"
#include "sys/file.h"

using namespace stapkill;

namespace {

int score() {
  return std::stoi(read_file("/proc/self/oom_score_adj").value_or("0"));
}

/// In a child: the score stays with a process.
bool holds_in_child(bool (*check)()) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

}  // namespace

TEST_CASE("oom score: protected where that is allowed, and as others again", "[oom_score]") {
  CHECK(holds_in_child([] {
    int before = score();
    be_taken_last();
    bool right = score() == before || score() == -900;  // not without CAP_SYS_RESOURCE
    be_taken_as_others();
    return right && score() >= 0;
  }));
}
