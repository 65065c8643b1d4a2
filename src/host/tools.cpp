#include "host/tools.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>

#include "base/signals.h"
#include "base/text.h"
#include "sys/child.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostOutput = 4 << 20;
constexpr std::size_t kShownWords = 160;

constexpr std::string_view kUsual[] = {
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/snap/bin",
    "/var/lib/rancher/rke2/bin",  // RKE2's crictl
    "/opt/bin",                   // Flatcar, kubespray
};

/// The first line of a tool's standard error, safe to show.
std::string first_words(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return printable(text.substr(0, kShownWords)) + (text.size() > kShownWords ? "..." : "");
}

/// One tool while it runs.
struct Asked {
  std::unique_ptr<Child> child;
  Answer answer;
  std::string complaint;
  bool done = false;

  void kill_all() {
    // Only until its end is noticed: its pid, also the group's id, may be reused afterwards.
    if (child && child->running()) ::kill(-child->pid(), SIGKILL);
  }

  void finish(Phrase why) {
    if (done) return;
    done = true;
    answer.why = std::move(why);
    if (!answer.why.empty()) answer.out.clear();
  }

  void take(std::string_view text) {
    if (done) return;
    answer.out += text;
    if (answer.out.size() <= kMostOutput) return;
    finish(phrase("printed more than {} MiB", kMostOutput >> 20));
    kill_all();
  }

  void ended(int status) {
    if (status == 0) return finish({});
    auto words = first_words(complaint);
    finish(words.empty() ? Phrase(describe_status(status)) : phrase("{}: {}", describe_status(status), words));
  }
};

void start(boost::asio::io_context& loop, const Node& node, const Question& question, Asked& asked) {
  std::string path = find_tool(node, question.program);
  if (path.empty()) return asked.finish(phrase("not installed"));
  ChildOptions options;
  options.argv = question.arguments;
  options.argv.insert(options.argv.begin(), path);
  options.environment = {{"LC_ALL", "C"}, {"NO_COLOR", "1"}};
  options.parent_death_signal = SIGKILL;
  auto child = Child::start(
      loop, options, [&asked](std::string_view text) { asked.take(text); },
      [&asked](std::string_view text) {
        asked.complaint += text.substr(0, kShownWords + 1 - std::min(kShownWords + 1, asked.complaint.size()));
      },
      [&asked](int status) { asked.ended(status); });
  if (!child) return asked.finish(child.error().message);
  asked.child = std::move(*child);
}

}  // namespace

std::string find_tool(const Node& node, const std::string& name) {
  for (const auto& directory : node.tools) {
    if (!directory.starts_with('/')) continue;
    std::string path = fmt::format("{}/{}", directory, name);
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

Node Node::own() {
  Node node;
  node.heard = std::make_shared<Answers>();
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    auto colon = rest.find(':');
    auto directory = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    if (directory.starts_with('/')) node.tools.emplace_back(directory);
  }
  node.tools.insert(node.tools.end(), std::begin(kUsual), std::end(kUsual));
  return node;
}

const Answer* Answers::find(const Question& question) const {
  if (auto at = hung_.find(question.program); at != hung_.end()) return &at->second;
  auto at = answers_.find({question.program, question.arguments});
  return at == answers_.end() ? nullptr : &at->second;
}

void Answers::keep(const Question& question, const Answer& answer) {
  answers_[{question.program, question.arguments}] = answer;
  if (answer.hung) hung_[question.program] = answer;
}

std::vector<Answer> ask_tools(const Node& node, const std::vector<Question>& questions, Deadline until) {
  boost::asio::io_context loop;
  std::vector<Asked> all(questions.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto* known = node.heard ? node.heard->find(questions[i]) : nullptr) {
      all[i].answer = *known;
      all[i].done = true;
    } else {
      start(loop, node, questions[i], all[i]);
    }
  }
  loop.run_until(until);
  for (auto& asked : all) {
    if (asked.done) continue;
    asked.kill_all();
    if (asked.child) asked.child->release();  // do not wait for one that hangs in the kernel
    asked.answer.hung = true;
    asked.finish(
        phrase("did not answer within {} s", fmt::format("{:.3g}", std::chrono::duration<double>(node.limit).count())));
  }
  std::vector<Answer> answers;
  answers.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (node.heard) node.heard->keep(questions[i], all[i].answer);
    answers.push_back(std::move(all[i].answer));
  }
  return answers;
}

}  // namespace stapkill
