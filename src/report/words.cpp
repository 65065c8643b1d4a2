#include "report/words.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include "base/signals.h"
#include "base/text.h"
#include "model/containers.h"

namespace stapkill::words {
namespace {

constexpr std::size_t kMostName = 64;  // the kernel's have 15 bytes, a recording's can have more
constexpr Time kMillisecond = 1'000'000, kSecond = 1'000'000'000;

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::string shortened(std::string_view text, std::size_t most) {
  bool cut = text.size() > 4 * most;  // no character takes more than four bytes
  std::string out = printable(text.substr(0, 4 * most));
  std::size_t count = 0, last = 0;
  for (std::size_t at = 0; at < out.size(); ++at) {
    if (continues(out[at])) continue;
    if (count + 1 == most) last = at;
    if (++count > most) {
      cut = true;
      break;
    }
  }
  if (!cut) return out;
  return (count > most ? out.substr(0, last) : out) + "…";
}

std::string name(const Process& process) {
  auto text = fmt::format("{}({})", process.comm.empty() ? "?" : shortened(process.comm, kMostName), process.pid);
  auto where = host(process.host);
  return where.empty() ? text : where + ": " + text;
}

std::string host(const HostPtr& host) {
  return host ? shortened(host->label, kMostName) : "";
}

std::vector<std::string> host_names(const std::vector<HostPtr>& hosts) {
  constexpr std::size_t most = 12;
  std::vector<std::string> names;
  for (const auto& one : hosts) {
    if (names.size() == most) {
      names.push_back(more_hosts(hosts.size() - most));
      break;
    }
    names.push_back(host(one));
  }
  return names;
}

std::string clocks() {
  return tr("The order of events of different hosts is only as good as the clocks of these hosts.");
}

std::string on_host(const HostPtr& host, const std::string& text) {
  auto where = words::host(host);
  return where.empty() ? text : tr("{}: {}", where, text);
}

std::string command(const Process& process, std::size_t most) {
  if (!process.argv || process.argv->empty()) return process.exe ? shortened(*process.exe, most) : "";
  std::string line = shortened(with_short_ids(shell_words(*process.argv)), most);
  std::size_t held = 0;
  for (const auto& word : *process.argv) held += word.size() + 1;
  if (process.argv_bytes > held) line += tr(" ({} bytes in all)", process.argv_bytes);
  return line;
}

std::string user(const Process& process) {
  std::string text;
  if (process.uid)
    text = fmt::format("uid {}{}", *process.uid, process.user ? " (" + shortened(*process.user, kMostName) + ")" : "");
  auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
  if (process.login && process.login->uid >= 0)
    add(tr("login {}", shortened(process.login_user.value_or(std::to_string(process.login->uid)), kMostName)));
  if (!process.tty.value_or("").empty()) add(shortened(*process.tty, kMostName));
  return text;
}

std::string deed(const ChainStep& step) {
  std::string signal = step.number ? signal_name(step.number) : tr("a signal"), text;
  switch (step.what) {
    case ChainStep::What::signal:
      text = step.process ? tr("sent {}", signal) : signal;
      break;
    case ChainStep::What::relay:
      text = tr("passed {} on", signal);
      break;
    case ChainStep::What::request:
      text = step.number ? tr("asked for {}", signal) : tr("asked for its end");
      break;
    case ChainStep::What::exit:
      text = step.number ? tr("ended, which sends {}", signal) : tr("ended");
      break;
    case ChainStep::What::limit:
      return step.number ? tr("reached its limit: {}", signal) : tr("reached its limit");
    case ChainStep::What::handler:
      return step.number ? tr("handled {} itself", signal) : tr("ended by its own handler");
  }
  if (!step.process || step.through.empty()) return text;
  auto through = shortened(step.through, kMostName);
  return step.what == ChainStep::What::exit ? text + " (" + through + ')' : tr("{} through {}", text, through);
}

std::string who(const ChainStep& step) {
  if (step.process) return name(*step.process);
  return step.through.empty() ? tr("the kernel") : shortened(step.through, kMostName);
}

std::string wait(const ChainStep& step, Time time) {
  if (step.number) return tr("waited {} after {}", span(time), signal_name(step.number));
  if (step.what == ChainStep::What::exit) return tr("waited {} after another process ended", span(time));
  if (step.what == ChainStep::What::limit) return tr("waited {} after a limit was reached", span(time));
  return tr("waited {} after it was asked to end", span(time));
}

std::string ending(int wait_status) {
  if (WIFSIGNALED(wait_status))
    return signal_name(WTERMSIG(wait_status)) + (WCOREDUMP(wait_status) ? tr(", core dumped") : "");
  return tr("exit status {}", WEXITSTATUS(wait_status));
}

std::string how(const SignalRecord& record) {
  std::string text;
  if (record.by == By::kernel) {
    text = tr("kernel, {}", code_name(record));
  } else if (record.syscall) {
    text = fmt::format("{}(2)", record.syscall->name);
    if (record.syscall->ret) text += fmt::format(" = {}", *record.syscall->ret);
  }
  constexpr std::string_view results[] = {"", msgid("ignored"), msgid("already pending"), msgid("queue full: dropped"),
                                          msgid("info lost")};
  if (record.result == SignalResult::delivered) return text;
  auto result = std::string(tr_from(results[static_cast<int>(record.result)]));
  return text.empty() ? result : tr("{}, {}", text, result);
}

std::string count(std::uint64_t number, MessageText<1> one, MessageText<1> many) {
  return number == 1 ? tr(one, number) : tr(many, number);
}

std::string deaths(std::uint64_t number) {
  return count(number, msgid("{} death"), msgid("{} deaths"));
}
std::string more_deaths(std::uint64_t number) {
  return count(number, msgid("{} more death"), msgid("{} more deaths"));
}
std::string hosts(std::uint64_t number) {
  return count(number, msgid("{} host"), msgid("{} hosts"));
}
std::string more_hosts(std::uint64_t number) {
  return count(number, msgid("{} more host"), msgid("{} more hosts"));
}
std::string signals(std::uint64_t number) {
  return count(number, msgid("{} signal"), msgid("{} signals"));
}
std::string more_signals(std::uint64_t number) {
  return count(number, msgid("{} more signal"), msgid("{} more signals"));
}
std::string events(std::uint64_t number) {
  return count(number, msgid("{} event"), msgid("{} events"));
}

std::string confidence(Confidence confidence) {
  constexpr std::string_view words[] = {msgid("certain"), msgid("likely"), msgid("unknown")};
  return std::string(tr_from(words[static_cast<int>(confidence)]));
}

std::string date(Time time) {
  std::string text;
  append_rfc3339(text, time);  // 2026-11-20T19:22:30.123456789Z
  text.resize(std::string_view("2026-11-20T19:22:30.123").size());
  text[10] = ' ';
  return text;
}

std::string clock(Time time) {
  return date(time).substr(11);
}

std::string span(Time nanoseconds) {
  auto value = static_cast<double>(nanoseconds);
  if (nanoseconds < 10 * kMillisecond) return fmt::format("{:.2g} ms", value / kMillisecond);
  if (nanoseconds < kSecond) return fmt::format("{:.0f} ms", value / kMillisecond);
  if (nanoseconds < 120 * kSecond) return fmt::format("{:.1f} s", value / kSecond);
  if (nanoseconds < 7200 * kSecond) return fmt::format("{:.0f} min", value / (60 * kSecond));
  return fmt::format("{:.1f} h", value / (3600 * kSecond));
}

}  // namespace stapkill::words
