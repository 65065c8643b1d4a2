#include "report/routine.h"

#include <algorithm>

#include "catch.h"
#include "report/renderer.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kStart = 1'700'000'000 * kSecond;
const std::string kId(64, 'c');

DeathRecord end_of(int pid, Time at, int status = 0, std::string comm = "check",
                   std::string cgroup = "/docker/" + kId) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = static_cast<std::uint64_t>(pid);
  process->comm = std::move(comm);
  process->cgroup = std::move(cgroup);
  DeathRecord record;
  record.time = kStart + at;
  record.process = std::move(process);
  record.wait_status = status;
  record.verdict.cause = Cause::exit;
  record.verdict.summary = "check(" + std::to_string(pid) + ") ended by itself.";
  return record;
}

/// What a watch of that target shows of some ends, at its end.
std::string shown(const std::string& target, const std::vector<Record>& records, bool verbose = false) {
  TextStyle style;
  style.verbose = verbose;
  auto renderer = make_text_renderer(style);
  SessionRecord session;
  session.targets = {{target, {"web"}}};
  std::string out;
  renderer->render(session, out);
  for (const auto& record : records) renderer->render(record, out);
  SummaryRecord summary;
  summary.time = kStart + 200 * kSecond;
  summary.deaths = records.size();
  renderer->render(summary, out);
  return out;
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("routine: a health check's clean ends are counted, a line in a minute", "[routine]") {
  std::vector<Record> records;
  for (int i = 0; i < 90; ++i) records.emplace_back(end_of(100 + i, i * kSecond));
  auto text = shown("container", records);
  INFO(text);
  CHECK(lines_in(text) == 5);  // two ends, two counts, the summary
  CHECK(text.find("59 more of this name ended by themselves with exit status 0 within 59.0 s") != std::string::npos);
  CHECK(text.find("29 more of this name") != std::string::npos);
  CHECK(text.find("90 deaths") != std::string::npos);
  CHECK(lines_in(shown("container", records, true)) > 90);
  CHECK(lines_in(shown("name", records)) == 91);
}

TEST_CASE("routine: what differs is shown", "[routine]") {
  auto asked = end_of(5, 4 * kSecond);
  asked.verdict.chain.emplace_back();
  std::vector<Record> records = {end_of(1, 0),
                                 end_of(2, kSecond, 256),
                                 end_of(3, 2 * kSecond, 0, "other"),
                                 end_of(4, 3 * kSecond, 0, "check", "/docker/" + std::string(64, 'd')),
                                 asked,
                                 end_of(6, 5 * kSecond, 0, "check", "/")};
  CHECK(lines_in(shown("pod", records)) == 7);
}

TEST_CASE("routine: the end of a main process is shown", "[routine]") {
  std::vector<Record> records;
  for (int run = 0; run < 3; ++run) {
    auto main = end_of(10 + run, run * kSecond);
    ContainerRecord started;
    started.time = main.time - 1;
    started.what = ContainerRecord::What::started;
    started.container.id = kId;
    started.process = main.process;
    records.emplace_back(started);
    records.emplace_back(main);
  }
  auto text = shown("container", records);
  for (const char* end : {"check(10) ended", "check(11) ended", "check(12) ended"})
    CHECK(text.find(end) != std::string::npos);
}
