#include "sys/oom_score.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>

namespace stapkill {
namespace {

constexpr char kFile[] = "/proc/self/oom_score_adj";

bool write_score(std::string_view score) {
  int file = ::open(kFile, O_WRONLY | O_CLOEXEC);
  bool written = file >= 0 && ::write(file, score.data(), score.size()) == static_cast<ssize_t>(score.size());
  if (file >= 0) ::close(file);
  return written;
}

bool is_protected() {
  int file = ::open(kFile, O_RDONLY | O_CLOEXEC);
  char first = 0;
  bool negative = file >= 0 && ::read(file, &first, 1) == 1 && first == '-';
  if (file >= 0) ::close(file);
  return negative;
}

}  // namespace

void be_taken_last() {
  if (!is_protected()) (void)write_score("-900");
}

void be_taken_as_others() {
  if (is_protected()) (void)write_score("0");
}

}  // namespace stapkill
