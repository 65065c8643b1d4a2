#include <algorithm>
#include <csignal>

#include "catch.h"
#include "report/renderer.h"

using namespace stapkill;

namespace {

ProcessPtr make_process(int pid, std::string comm) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->comm = comm;
  process->exe = "/tmp/" + comm;
  process->cwd = "/tmp/" + comm;
  process->cgroup = "/" + comm;
  process->argv = std::vector<std::string>{comm, comm + " " + comm};
  return process;
}

SignalRecord make_signal(const std::string& comm) {
  SignalRecord record;
  record.seq = 1;
  record.number = 9;
  record.by = By::process;
  record.sender = make_process(200, comm);
  record.target = make_process(100, comm);
  record.syscall = Syscall{"kill", 0};
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{make_process(150, comm)});
  return record;
}

DeathRecord make_death(const std::string& comm) {
  DeathRecord record;
  record.process = make_process(100, comm);
  record.wait_status = 9;
  record.verdict.cause = Cause::kill;
  record.verdict.by = By::process;
  record.verdict.killer = make_process(200, comm);
  record.verdict.confidence = Confidence::certain;
  record.verdict.summary = comm + "(100) was killed by SIGKILL from " + comm + "(200).";
  record.verdict.evidence = {comm};
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{make_process(150, comm)});
  return record;
}

std::string render(const Record& record, TextStyle style) {
  std::string out;
  make_text_renderer(style)->render(record, out);
  return out;
}

}  // namespace

TEST_CASE("text: a signal and a death name both processes", "[report]") {
  for (const Record& record : {Record(make_signal("somebody")), Record(make_death("somebody"))}) {
    auto text = render(record, {});
    INFO(text);
    CHECK(text.find("SIGKILL") != std::string::npos);
    CHECK(text.find("100") != std::string::npos);
    CHECK(text.find("200") != std::string::npos);
    CHECK(text.find("somebody") != std::string::npos);
    CHECK(text.back() == '\n');
  }
}

TEST_CASE("text: the code that sent a signal; for an interpreter only where all is asked for", "[report]") {
  auto record = make_signal("somebody");
  record.frames = {{1, "libc.so.6", 2, "kill", {}, {}, {}}, {3, "somebody", 4, "stop\x1b[2J", "x.c", 7, {}}};
  CHECK(render(record, {}).find("in kill < stop\\x1b[2J, x.c:7\n") != std::string::npos);
  auto shell = std::make_shared<Process>(*record.sender);
  shell->comm = "bash";
  shell->exe = "/usr/bin/bash";
  shell->argv = std::vector<std::string>{"bash", "x.sh"};
  record.sender = shell;
  CHECK(render(record, {}).find("in kill") == std::string::npos);
  TextStyle all;
  all.verbose = true;
  CHECK(render(record, all).find("in kill < stop") != std::string::npos);
}

TEST_CASE("text: who the sender is, who logged in, and its terminal", "[report]") {
  auto record = make_signal("kill");
  auto sender = std::make_shared<Process>(*record.sender);
  auto shown = [&] {
    record.sender = sender;
    auto text = render(record, {});
    auto line = text.substr(0, text.find('\n'));
    return line.substr(line.find("kill(200), ") + 11);
  };
  CHECK(shown() == "uid unknown");
  sender->uid = 0;
  sender->user = "root";
  sender->login = Login{};
  sender->tty = "";
  CHECK(shown() == "uid 0 (root)");
  sender->login = Login{1000, 3};
  CHECK(shown() == "uid 0 (root), login 1000");
  sender->login_user = "alice";
  sender->tty = "pts/3";
  CHECK(shown() == "uid 0 (root), login alice, pts/3");
  sender->login_user = "a\x1b[2J";
  sender->tty = "p\x1b[2J";
  CHECK(shown().find('\x1b') == std::string::npos);
}

TEST_CASE("text: no byte of another process reaches a terminal raw", "[report]") {
  const std::string hostile = "a\x1b[2J\r\n\x9b\xc2\x9b\xe2\x80\xae\x7f\x01z";
  TraceRecord trace{TraceRecord::Kind::exec, 0, make_process(100, hostile), make_process(1, hostile), 0};
  const Record records[] = {make_signal(hostile), make_death(hostile), trace,
                            DiagnosticRecord{DiagnosticRecord::Level::error, 0, "x", hostile, hostile}};
  for (bool utf8 : {true, false}) {
    for (int width : {0, 20, 80}) {
      for (bool verbose : {true, false}) {
        for (const auto& record : records) {
          auto text = render(record, {.color = false, .utf8 = utf8, .width = width, .verbose = verbose});
          INFO(record.index() << ": " << text);
          for (char c : text) CHECK((c == '\n' || (c >= 0x20 && c != 0x7f) || static_cast<unsigned char>(c) >= 0x80));
          for (const char* raw : {"\xc2\x9b", "\xe2\x80\xae", "\x9b\\", "a\n"}) {
            CHECK(text.find(raw) == std::string::npos);
          }
          if (!utf8) {
            for (char c : text) CHECK(static_cast<unsigned char>(c) < 0x80);
          }
        }
      }
    }
  }
}

TEST_CASE("text: nor does one of a recorded stream", "[report]") {
  CHECK(render(LossRecord{0, 1, "a\x1b[2J"}, {}).find('\x1b') == std::string::npos);
}

TEST_CASE("text: colours only where they are asked for", "[report]") {
  for (const Record& record : {Record(make_signal("x")), Record(make_death("x"))}) {
    CHECK(render(record, {.color = false}).find('\x1b') == std::string::npos);
    CHECK(render(record, {.color = true}).find('\x1b') != std::string::npos);
  }
}

namespace {

/// From vGhyM0, which has two flags, below a parent with one.
SignalRecord make_suspicious() {
  auto record = make_signal("x");
  auto sender = std::make_shared<Process>(*make_process(200, "vGhyM0"));
  sender->flags = {"temporary-exe", "random-name"};
  record.sender = sender;
  auto parent = std::make_shared<Process>(*make_process(150, "a\x1b"));
  parent->exe = "/memfd:a\n\x1b (deleted)";
  parent->flags = {"memfd-exe"};
  record.ancestry =
      std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{parent, make_process(1, "systemd")});
  return record;
}

}  // namespace

TEST_CASE("text: what is suspicious is marked, and explained once below the chain", "[report]") {
  auto text = render(make_suspicious(), {.color = false, .utf8 = true});
  INFO(text);
  CHECK(text.find("from ▲ vGhyM0(200), ") != std::string::npos);
  CHECK(
      text.ends_with("systemd(1) › ▲ a\\x1b(150) › ▲ vGhyM0(200)\n"
                     "              ▲ vGhyM0(200): it runs from a directory for temporary files, /tmp/vGhyM0; its name "
                     "looks random, and no package is known to have /tmp/vGhyM0\n"
                     "              ▲ a\\x1b(150): its program exists only in memory, as /memfd:a\\n\\x1b\n"));
}

TEST_CASE("text: a bystander is not marked", "[report]") {
  auto record = make_suspicious();
  record.by = By::kernel;
  CHECK(render(record, {.color = false, .utf8 = true}).find("▲") == std::string::npos);
  CHECK(render(record, {.color = false, .utf8 = true, .verbose = true}).find("▲") != std::string::npos);
}

TEST_CASE("text: the mark in ascii and in colour", "[report]") {
  auto ascii = render(make_suspicious(), {.color = false, .utf8 = false});
  CHECK(ascii.find("from ! vGhyM0(200), ") != std::string::npos);
  CHECK(ascii.find("! a\\x1b(150) > ! vGhyM0(200)\n") != std::string::npos);
  CHECK(ascii.find("              ! vGhyM0(200): it runs") != std::string::npos);
  auto colour = render(make_suspicious(), {.color = true, .utf8 = true});
  CHECK(colour.find("\033[33m▲\033[0m vGhyM0(200): it runs") != std::string::npos);
}

TEST_CASE("text: colours do not count when the chain is broken into lines", "[report]") {
  auto plain = render(make_suspicious(), {.color = false, .utf8 = true, .width = 45});
  auto colour = render(make_suspicious(), {.color = true, .utf8 = true, .width = 45});
  CHECK(std::count(plain.begin(), plain.end(), '\n') == std::count(colour.begin(), colour.end(), '\n'));
}

TEST_CASE("text: an ordinary process is not marked, a flag of another version is shown as it is", "[report]") {
  CHECK(render(make_signal("x"), {.color = false, .utf8 = true}).find("▲") == std::string::npos);
  auto record = make_suspicious();
  auto sender = std::make_shared<Process>(*record.sender);
  sender->flags = {"new\x1b-flag"};
  record.sender = sender;
  CHECK(render(record, {.color = false, .utf8 = true}).find("▲ vGhyM0(200): new\\x1b-flag\n") != std::string::npos);
}

TEST_CASE("text: harmless signals are left out, unless they are asked for", "[report]") {
  auto record = make_signal("somebody");
  for (int number : {17, 18, 23, 28}) {
    record.number = number;
    CHECK(render(record, {}).empty());
    CHECK_FALSE(render(record, {.harmless = true}).empty());
  }
}

TEST_CASE("text: a sender is shown with its parents once, a bystander not at all", "[report]") {
  auto record = make_signal("somebody");
  auto renderer = make_text_renderer({});
  auto lines = [&](const SignalRecord& one) {
    std::string out;
    renderer->render(one, out);
    return std::count(out.begin(), out.end(), '\n');
  };
  CHECK(lines(record) == 3);
  record.time += 1'000'000'000;
  CHECK(lines(record) == 1);
  record.time += 11'000'000'000;
  CHECK(lines(record) == 3);
  record.sender = make_process(201, "another");
  CHECK(lines(record) == 3);
  record.by = By::kernel;
  record.sender = make_process(202, "bystander");
  CHECK(lines(record) == 1);
}

TEST_CASE("text: a container by its name, or by its id, which is no name", "[report]") {
  ContainerRecord record;
  record.what = ContainerRecord::What::present;
  record.container.id = std::string(64, 'c');
  auto shown = [&] {
    auto text = render(record, {});
    return text.substr(text.find("container"), text.find('\n') - text.find("container"));
  };
  CHECK(shown() == "container cccccccccccc");
  record.container.runtime = "docker";
  CHECK(shown() == "container cccccccccccc (docker)");
  record.pod = "shop/cart-0";
  CHECK(shown() == "container cccccccccccc of pod shop/cart-0 (docker)");
  record.name = "web";
  CHECK(shown() == "container web of pod shop/cart-0 (docker cccccccccccc)");
}

TEST_CASE("text: a runtime's own steps are left out, and the summary counts what is shown", "[report]") {
  auto step = make_death("runc:[1:CHILD]");
  step.verdict.cause = Cause::exit;
  step.verdict.killer = nullptr;
  auto killed = make_death("runc:[1:CHILD]");
  auto harmless = make_signal("kill");
  harmless.number = SIGURG;
  SummaryRecord summary;
  summary.signals = 2;
  summary.deaths = 2;
  for (bool verbose : {false, true}) {
    TextStyle style;
    style.verbose = style.harmless = verbose;
    auto renderer = make_text_renderer(style);
    std::string steps, others, end;
    renderer->render(step, steps);
    renderer->render(killed, others);
    renderer->render(harmless, steps);
    renderer->render(make_signal("kill"), others);
    renderer->render(summary, end);
    CHECK(steps.empty() != verbose);
    CHECK(others.find("was killed by SIGKILL") != std::string::npos);
    CHECK(end.find(verbose ? "2 signals, 2 deaths" : "1 signal, 1 death,") != std::string::npos);
  }
}

TEST_CASE("text: ids of containers have 12 digits in command lines", "[report]") {
  auto record = make_signal("kill");
  auto sender = std::make_shared<Process>(*record.sender);
  std::string id(64, 'd');
  sender->argv = std::vector<std::string>{"docker", "kill", id};
  sender->argv_bytes = 77;
  record.sender = sender;
  CHECK(render(record, {}).find("docker kill dddddddddddd ") != std::string::npos);
  TextStyle verbose;
  verbose.verbose = true;
  CHECK(render(record, verbose).find("docker kill " + id) != std::string::npos);
}
