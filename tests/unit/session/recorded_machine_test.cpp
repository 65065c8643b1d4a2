// What a session asks about files is answered again from its recording.
#include "session/recorded_machine.h"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "session/live_machine.h"
#include "session/recordings.h"

using namespace recordings;
using namespace stapkill;

namespace {

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// A kill by somebody whose program has been deleted and has a name that looks random.
Lines kill_with(const Lines& notes, const std::string& before = "# a remark") {
  Lines lines = {"# stapkill-events 3 bpf 1700000000000000000 6.1.0",
                 "# machine 1000 machine x86_64 id 4096 core 1",
                 "# target name ^skt-victim$",
                 "# armed 2000 BPF 6.1.0 -1",
                 before,
                 "F 0 1 3000 1 1 0 100 20 0 skt-victim",
                 "P 0 3 5000 200 200 30 1 0 vGhyM0 /usr/bin/vGhyM0%20(deleted) / / 5 xk20%00"};
  lines.insert(lines.end(), notes.begin(), notes.end());
  for (const char* line : {"S 0 4 6000 9 0 0 1 62 1 200 200 30 0 vGhyM0 100 100 20 0 skt-victim 1.0",
                           "K 0 5 6100 200 200 0 0", "E 0 6 7000 100 100 20 9 1 0 0 skt-victim 100",
                           "# replaced /usr/bin/vGhyM0 1", "# package /usr/bin/vGhyM0 1", "# end 9000000000"}) {
    lines.emplace_back(line);
  }
  return lines;
}

Lines flags_of_killer(const Lines& lines) {
  for (const auto& record : replay(lines)) {
    if (record["type"] == "loss") FAIL(record.dump());
    if (record["type"] != "death") continue;
    const auto& killer = record["verdict"]["killer"];
    return killer.contains("flags") ? killer["flags"].get<Lines>() : Lines();
  }
  FAIL("nobody died");
  return {};
}

}  // namespace

TEST_CASE("recording: a replay answers what was asked about files as it was answered then", "[recordings]") {
  CHECK(flags_of_killer(kill_with({"# replaced /usr/bin/vGhyM0 0", "# package /usr/bin/vGhyM0 0"})) ==
        Lines{"deleted-exe", "random-name"});
  CHECK(flags_of_killer(kill_with({"# replaced /usr/bin/vGhyM0 0", "# package /usr/bin/vGhyM0 1"})) ==
        Lines{"deleted-exe"});
  CHECK(flags_of_killer(kill_with({"# replaced /usr/bin/vGhyM0 1", "# package /usr/bin/vGhyM0 1"})).empty());
  // An answer holds until another one is written.
  CHECK(flags_of_killer(kill_with({"# replaced /usr/bin/vGhyM0 0"}, "# package /usr/bin/vGhyM0 0")) ==
        Lines{"deleted-exe", "random-name"});
}

TEST_CASE("recording: one without answers about files is judged by their paths", "[recordings]") {
  CHECK(flags_of_killer(kill_with({})).empty());
  auto elsewhere = kill_with({});
  for (auto& line : elsewhere) {
    if (auto at = line.find("/usr/bin/"); line[0] == 'P') line.replace(at, 9, "/srv/");
  }
  CHECK(flags_of_killer(elsewhere) == Lines{"deleted-exe", "random-name"});
}

TEST_CASE("recording: an answer about a file is written when it is another one", "[recordings]") {
  Temporary root;
  auto path = (root / "events").string();
  boost::asio::io_context loop;
  auto recording = RecordingWriter::open(loop, path);
  REQUIRE(recording.has_value());
  auto machine = log_machine(live_machine(), *recording);
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(machine->has_package("/srv/vGhyM0 x"));
    CHECK_FALSE(machine->is_replaced("/srv/vGhyM0 x"));
    CHECK(machine->is_replaced("/usr/bin/env"));
  }
  CHECK((*recording)->output().drain(1000));
  auto text = read_file(path).value_or("");
  CHECK(count(text, "# package /srv/vGhyM0%20x 0\n") == 1);
  CHECK(count(text, "# replaced /srv/vGhyM0%20x 0\n") == 1);
  CHECK(count(text, "# replaced /usr/bin/env 1\n") == 1);
  CHECK(count(text, "\n") == 3);
}

TEST_CASE("recording: the file of a job of at, and where a script is", "[recordings]") {
  Temporary root;
  Lines lines = {"# stapkill-events 3 bpf 1700000000000000000 6.1.0",
                 "# machine 1000 machine x86_64 id 4096 core 1",
                 "# armed 2000 BPF 6.1.0 -1",
                 "# all",
                 "# proc 1 0 12 34 0 sh /usr/bin/dash /usr / 10 sh%00run.sh%00",
                 "# script 12 34 /opt/my%20app",
                 "# proc 1 0 13 34 0 sh /usr/bin/dash /usr / 10 sh%00run.sh%00",
                 "# job 12 34 /var/spool/cron/atjobs/a0000101c2d3e4",
                 "# end 9000000000"};
  auto recorded = RecordingReader::read(root.write("events", join(lines, '\n') + '\n'));
  REQUIRE(recorded.has_value());
  CHECK((*recorded)->facts().scripts == decltype(RecordingReader::Facts::scripts){{{12, 34}, "/opt/my app"}});
  auto machine = recorded_machine(*recorded);
  Process process;
  process.pid = 12;
  process.start = 34;
  CHECK(machine->at_job(process) == "/var/spool/cron/atjobs/a0000101c2d3e4");
  process.start = 35;
  CHECK_FALSE(machine->at_job(process));
}

TEST_CASE("recording: a shell that lives shows where its script is", "[recordings]") {
  Temporary root;
  root.write("place/run.sh", "echo; read go\n");
  auto path = (root / "events").string();
  boost::asio::io_context loop;
  auto recording = RecordingWriter::open(loop, path);
  REQUIRE(recording.has_value());
  auto machine = log_machine(live_machine(), *recording);
  int ready[2], go[2];
  REQUIRE((::pipe(ready) == 0 && ::pipe(go) == 0));
  int child = ::fork();
  if (child == 0) {
    ::dup2(go[0], 0);
    ::dup2(ready[1], 1);
    if (::chdir((root / "place").c_str()) == 0) ::execl("/bin/sh", "sh", "run.sh", nullptr);
    ::_exit(127);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  auto entry = machine->read_process(child);
  REQUIRE(entry.has_value());
  CHECK(entry->process.exec_cwd == (root / "place").string());
  CHECK((*recording)->output().drain(1000));
  CHECK(read_file(path).value_or("").find("# script " + std::to_string(child) + ' ') != std::string::npos);
  CHECK(::write(go[1], "\n", 1) == 1);
  ::waitpid(child, nullptr, 0);
  for (int file : {ready[0], ready[1], go[0], go[1]}) ::close(file);
}

TEST_CASE("recording: who logged in, from where, and the terminal", "[recordings]") {
  Temporary root;
  Lines lines = {"# stapkill-events 5 bpf 1700000000000000000 6.1.0",
                 "# machine 1000 machine x86_64 id 4096 core 1",
                 "# armed 2000 BPF 6.1.0 -1",
                 "# all",
                 "# proc 1 0 12 34 0 sh /usr/bin/dash /usr / 3 sh%00 1000 3 pts/0 /other",
                 "# proc 1 0 13 34 0 sh /usr/bin/dash /usr / 3 sh%00 - - -",
                 "# login 3 ssh%20from%20192.0.2.7",
                 "# end 9000000000"};
  auto recorded = RecordingReader::read(root.write("events", join(lines, '\n') + '\n'));
  REQUIRE(recorded.has_value());
  CHECK(recorded_machine(*recorded)->login_origin(3) == "ssh from 192.0.2.7");
  CHECK_FALSE(recorded_machine(*recorded)->login_origin(4));
  while (auto line = (*recorded)->next()) {
    if (line->text.starts_with("# armed")) (*recorded)->look_ahead();
    if (line->text.starts_with("# armed")) break;
  }
  std::vector<ProcEntry> living;
  recorded_machine(*recorded)->for_each_process([&](ProcEntry entry) { living.push_back(std::move(entry)); });
  REQUIRE(living.size() == 2);
  CHECK(living[0].process.login == Login{1000, 3});
  CHECK(living[0].process.tty == "pts/0");
  CHECK(living[0].other_cgroups == Lines{"/other"});
  CHECK_FALSE(living[1].process.login);
  CHECK_FALSE(living[1].process.tty);
}
