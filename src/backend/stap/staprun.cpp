#include "backend/stap/staprun.h"

#include <fcntl.h>
#include <re2/re2.h>
#include <unistd.h>

#include "backend/stap/messages.h"
#include "sys/child.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr char kKptrRestrict[] = "/proc/sys/kernel/kptr_restrict";

std::string one_line(const std::string& path) {
  auto text = read_file(path).value_or("");
  return text.substr(0, text.find('\n'));
}

}  // namespace

KeptSysctls::KeptSysctls() : kptr_restrict_(one_line(kKptrRestrict)) {}

/// The first override leaves kprobes' jump optimization alone: it does not matter here, because kretprobes of system
/// calls go through ftrace. kptr_restrict matters only at 2, where it hides addresses from root.
std::vector<std::pair<std::string, std::string>> KeptSysctls::environment() const {
  std::vector<std::pair<std::string, std::string>> variables = {{"LC_ALL", "C"}, {"STAP_PR13193_OVERRIDE", "1"}};
  if (kptr_restrict_ != "2") variables.emplace_back("STAP_BZ1552745_OVERRIDE", "1");
  return variables;
}

void KeptSysctls::restore() const {
  if (kptr_restrict_ != "2" || one_line(kKptrRestrict) == kptr_restrict_) return;
  Fd file(::open(kKptrRestrict, O_WRONLY | O_CLOEXEC));
  if (!file) return;
  if (::write(file.get(), kptr_restrict_.data(), kptr_restrict_.size()) < 0) { /* nothing more can be done */
  }
}

Error staprun_error(int status, const Phrase& when, const std::string& words) {
  Error error;
  error.message = phrase("staprun {}{}", status_words(status), when);
  if (!words.empty()) error.message += ": " + words;
  error.id = "stap.staprun";
  error.remedy = phrase("run again with -v to see all of its output");
  if (auto known = explain_message(words)) {
    error.id = std::move(known->id);
    error.remedy = std::move(known->remedy);
    error.check = std::move(known->check);
  }
  return error;
}

void ToolLines::take(std::string_view text, const std::function<void(const std::string&)>& line) {
  constexpr std::size_t longest = 16384;
  partial_ += text;
  for (auto end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n')) {
    std::string whole = partial_.substr(0, end);
    partial_.erase(0, end + 1);
    line(whole);
  }
  if (partial_.size() > longest) partial_.clear();
}

StaprunWord staprun_word(std::string_view line) {
  // Sources: dbug() in staprun/staprun.h; staprun/staprun.c prints what it executes, staprun/mainloop.c the module's
  // result.
  static const re2::RE2 own("^((staprun|stapio):\\w+:\\d+ |(execing|spawning): )");
  re2::StringPiece text(line.data(), line.size());
  if (!re2::RE2::PartialMatch(text, own)) return StaprunWord::module;
  bool armed = line.find(" systemtap_module_init() returned 0") != std::string_view::npos;
  return armed ? StaprunWord::armed : StaprunWord::own;
}

}  // namespace stapkill
