#include "backend/replay.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "backend/recording_writer.h"
#include "catch.h"
#include "events.h"
#include "session/fake_backend.h"
#include "sys/file.h"
#include "temporary.h"

using namespace stapkill;
using events::task;

namespace {

const std::string kHead =
    "# stapkill-events 2 bpf 1700000000000000000 6.1.0-30-amd64\n"
    "# machine 1000 somewhere x86_64 00-11 4096 core\n";

/// What a replay emits: one text for each input except ticks.
struct Heard {
  std::vector<std::string> texts;
  Result<void> ended = fail("it did not end");
};

/// Makes the text for an input, and for what is known with it.
struct Listener {
  Heard& heard;
  std::shared_ptr<RecordingReader> recorded;

  void say(const std::string& text) const {
    heard.texts.push_back(recorded ? std::to_string(recorded->now().boot) + ": " + text : text);
  }
  void operator()(const Armed& armed) const {
    say("armed " + armed.toolchain + " " + armed.kernel + (armed.from_cache ? *armed.from_cache ? " yes" : " no" : ""));
    if (!recorded) return;
    for (const auto& [pid, entry] : recorded->asked()) say("  was " + entry.process.comm);
    for (const auto& entry : recorded->living()) say("  lives " + entry.process.comm);
  }
  void operator()(const KernelEvent* event) const {
    auto comm = std::visit(
        [](const auto& kind) {
          if constexpr (requires { kind.task; }) return kind.task.comm;
          return std::string_view();
        },
        event->what);
    say("event " + std::to_string(event->what.index()) + ' ' + std::string(comm));
  }
  void operator()(const Loss& loss) const { say("loss " + std::to_string(loss.count) + ' ' + loss.where); }
  void operator()(const DiagnosticRecord& record) const { say("diagnostic " + record.id + ' ' + record.message); }
  void operator()(const Ended& ended) const { heard.ended = ended.result; }
  void operator()(const Rearmed& /*rearmed*/) const { say("rearmed"); }
  void operator()(const CommandStarted& command) const {
    bool known = recorded && recorded->asked().count(command.pid);
    say("command " + std::to_string(command.pid) + (known ? " known" : ""));
  }
  void operator()(const Due& due) const { say("due " + std::to_string(due.count)); }
  void operator()(const Gone& gone) const {
    say("gone " + std::to_string(gone.process.pid) + ' ' + std::to_string(gone.process.start) + ' ' + gone.why);
  }
  void operator()(const Tick& tick) const {
    if (recorded) CHECK(tick.boot == recorded->now().boot);
  }
  template <typename Other>
  void operator()(const Other& /*other*/) const {
    FAIL("no backend says this");
  }
};

Backend::Callbacks hearing(Heard& heard, const std::shared_ptr<RecordingReader>& recorded) {
  return {[listener = Listener{heard, recorded}](const Input& input) { std::visit(listener, input); },
          [] { return std::vector<ProcessKey>(); }};
}

struct File {
  Temporary root;
  std::string path = (root / "recording").string();
  explicit File(const std::string& text = {}) { std::ofstream(path) << text; }
};

Heard replay(const std::string& path) {
  auto recorded = RecordingReader::read(path);
  REQUIRE(recorded.has_value());
  boost::asio::io_context loop;
  auto backend = make_replay_backend(loop, *recorded);
  Heard heard;
  REQUIRE(backend->start({}, hearing(heard, *recorded)).has_value());
  loop.run();
  return heard;
}

Error refusal(const std::string& text) {
  File file(text);
  auto recorded = RecordingReader::read(file.path);
  REQUIRE_FALSE(recorded.has_value());
  CHECK(recorded.error().id == "replay.format");
  CHECK(recorded.error().message.english().find(file.path) != std::string::npos);
  return recorded.error();
}

}  // namespace

TEST_CASE("replay: all that a recording holds is emitted in its order, with its time", "[replay]") {
  File file(kHead +
            "# target pid 100 %2d\n"
            "# target command sh -c a%20b\n"
            "# proc 1 0 100 44 33 sleep /usr/bin/sleep / - 6 sleep%00\n"
            "# probes one two%20words\n"
            "R 0 1 1500 7 7 early\n"
            "# armed 2000 BPF 6.1.0 -1\n"
            "# user 33 www-data\n"
            "# proc 1 0 100 44 33 sleep /usr/bin/sleep / - 6 sleep%00\n"
            "# all\n"
            "# proc 0 0 1 1 0 init - - - 0 -\n"
            "# proc 1 2 100 44 33 ending - - - 0 -\n"
            "# command 300\n"
            "# proc 100 0 300 55 - - - - - 0 -\n"
            "# proc 100 2 300 55 -1 child - - - 0 -\n"
            "# a remark\n"
            "\n"
            "#\n"
            "E 0 1 3000 100 100 44 9 1 0 33 sleep\n"
            "R 0 1 2500 7 7 late\n"
            "# loss 3 SystemTap's%20buffers 3500\n"
            "# diagnostic 0 some.id a%20message % %\n"
            "# clock 1700000000000000500\n"
            "# flush 2\n"
            "# rearmed 4000\n"
            "# unseen 100 44 for%20a%20while\n"
            "# proc 0 0 1 1 0 init - - - 0 -\n"
            "nonsense\n"
            "# peer 9\n"
            "# end 5000\n");
  auto recorded = RecordingReader::read(file.path);
  REQUIRE(recorded.has_value());
  const auto& facts = (*recorded)->facts();
  CHECK(facts.backend == "bpf");
  CHECK(facts.machine.hostname == "somewhere");
  CHECK(facts.machine.kernel == "6.1.0-30-amd64");
  CHECK(facts.machine.arch == "x86_64");
  CHECK(facts.machine.boot_id == "00-11");
  CHECK(facts.machine.memory_bytes == 4096);
  CHECK(facts.machine.core_pattern == "core");
  CHECK(facts.begun == 1000);
  CHECK(facts.boot_time == 1700000000000000000);
  CHECK(facts.probes == std::vector<std::string>{"one", "two words"});
  CHECK(facts.users.at(33) == "www-data");
  REQUIRE(facts.targets.size() == 2);
  CHECK(facts.targets[0].second == std::vector<std::string>{"100", "-"});
  CHECK(facts.targets[1].second == std::vector<std::string>{"sh", "-c", "a b"});
  CHECK((*recorded)->asked().at(100).process.argv == std::vector<std::string>{"sleep"});
  CHECK((*recorded)->now().boot == 1000);
  auto heard = replay(file.path);
  CHECK(heard.ended.has_value());
  CHECK(heard.texts == std::vector<std::string>{
                           "1500: event 4 early", "2000: armed BPF 6.1.0", "2000:   was sleep", "2000:   lives init",
                           "2000:   lives ending", "2000: command 300 known",
                           "2000: loss 1 line 15 of " + file.path + " is damaged", "3000: event 9 sleep",
                           "3000: event 4 late", "3500: loss 3 SystemTap's buffers",
                           "3500: diagnostic some.id a message", "3500: due 2", "4000: rearmed",
                           "4000: gone 100 44 for a while", "4000: loss 1 line 29 of " + file.path + " is damaged",
                           "4000: loss 1 line 30 of " + file.path + " is damaged"});
}

TEST_CASE("replay: a truncated recording is reported", "[replay]") {
  File file(kHead + "# armed 2000 BPF 6.1.0 1\nE 0 1 3000 100 100 44 9 1 0 33 sl");
  auto heard = replay(file.path);
  CHECK(heard.ended.has_value());
  REQUIRE(heard.texts.size() == 3);
  CHECK(heard.texts[0] == "2000: armed BPF 6.1.0 yes");
  CHECK(heard.texts[1] == "2000: loss 1 line 4 of " + file.path + " is damaged");
  CHECK(heard.texts[2].starts_with("2000: diagnostic replay.cut"));
}

TEST_CASE("replay: recordings of all versions are read, and a move is emitted", "[replay]") {
  for (const char* version : {"2", "3", "4"}) {
    auto text = kHead;
    text.replace(text.find("events 2") + 7, 1, version);
    File file(text + "G 0 1 1500 7 7 5 0 sh /a\n# end 2000\n");
    CHECK(replay(file.path).texts == std::vector<std::string>{"1500: event 5 sh"});
  }
}

TEST_CASE("replay: a file that is not a recording is refused, with what it is", "[replay]") {
  CHECK(refusal("").message.english().find("it is empty") != std::string::npos);
  auto stream = refusal("{\"type\":\"session\"}\n");
  CHECK(stream.message.english().find("a stream of records") != std::string::npos);
  CHECK(stream.remedy.english().find("--record-events") != std::string::npos);
  CHECK(refusal("hello world\n").message.english().find("\"hello world\" instead of \"# stapkill-events\"") !=
        std::string::npos);
  CHECK(refusal("# stapkill-events2\n").message.english().find("instead of") != std::string::npos);
  for (const auto* head :
       {"# stapkill-events 6 bpf 5 6.1\n", "# stapkill-events 6\n", "# stapkill-events 6 new thing\n"}) {
    auto message = refusal(head).message;
    CHECK(message.english().find("version 6") != std::string::npos);
    CHECK(message.english().find("versions 2 to 5") != std::string::npos);
  }
  CHECK(refusal("# stapkill-events 1 bpf 5 6.1\n").message.english().find("version 1") != std::string::npos);
  for (const auto* head : {"# stapkill-events\n", "# stapkill-events x\n", "# stapkill-events 2 bpf\n",
                           "# stapkill-events 2 bpf 5 6.1 more\n"}) {
    CHECK(refusal(head).message.english().find("first line is damaged") != std::string::npos);
  }
  auto missing = RecordingReader::read("/no/such/file");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message.english().find("/no/such/file") != std::string::npos);
}

TEST_CASE("replay: it waits while it is paused, and ends at stop()", "[replay]") {
  std::string text = kHead + "# armed 2000 BPF 6.1.0 -1\n";
  for (int i = 0; i < 5000; ++i) text += "R 0 1 3000 7 7 name\n";
  File file(text + "# end 4000\n");
  auto recorded = RecordingReader::read(file.path);
  REQUIRE(recorded.has_value());
  boost::asio::io_context loop;
  auto backend = make_replay_backend(loop, *recorded);
  Heard heard;
  REQUIRE(backend->start({}, hearing(heard, *recorded)).has_value());
  loop.run_one();
  auto some = heard.texts.size();
  CHECK(some > 1);
  CHECK(some < 5000);
  backend->pause(true);
  loop.run();
  CHECK(heard.texts.size() == some);
  loop.restart();
  backend->pause(false);
  loop.run_one();
  CHECK(heard.texts.size() > some);
  backend->stop();
  backend->stop();
  loop.run();
  CHECK(heard.texts.size() < 5000);
  CHECK(heard.ended.has_value());
}

TEST_CASE("replay: since version 4 only ticks set the time", "[replay]") {
  auto text = kHead;
  text.replace(text.find("events 2") + 7, 1, "4");
  File file(text +
            "# tick 1400\nG 0 1 1500 7 7 5 0 sh /a\n# clock 1700000000000000500\n# tick 1600\n# tick x\n# end 1600\n");
  auto recorded = RecordingReader::read(file.path);
  REQUIRE(recorded.has_value());
  boost::asio::io_context loop;
  auto backend = make_replay_backend(loop, *recorded);
  std::vector<std::pair<Time, Time>> ticks;
  std::uint64_t lost = 0;
  auto take = [&](const Input& input) {
    if (const auto* tick = std::get_if<Tick>(&input)) ticks.emplace_back(tick->boot, tick->clock);
    if (const auto* loss = std::get_if<Loss>(&input)) lost += loss->count;
  };
  REQUIRE(backend->start({}, {take, {}}).has_value());
  loop.run();
  CHECK(ticks == std::vector<std::pair<Time, Time>>{{1400, 1700000000000000000}, {1600, 1700000000000000500}});
  CHECK(lost == 1);
}

TEST_CASE("recording: a replay emits the input of the recorded engine again", "[replay]") {
  ::signal(SIGPIPE, SIG_IGN);
  File file;
  ::unlink(file.path.c_str());
  boost::asio::io_context loop;
  auto recording = RecordingWriter::open(loop, file.path);
  REQUIRE(recording.has_value());
  MachineFacts machine{"a host", "6.1.0", "x86_64", "id", "|core %p", 1 << 20};
  (*recording)->begin("stap", machine, {1000, 1'700'000'000'000'000'000});
  (*recording)->target("name", {"^a b$", ""});
  Heard heard;
  auto take = [&](const Input& input) {
    (*recording)->write(input);
    if (!std::holds_alternative<Begun>(input)) std::visit(Listener{heard, nullptr}, input);
  };
  take(Begun{"stap", {"a probe"}});
  take(Tick{2000, 1'700'000'000'000'000'007});
  take(Armed{"SystemTap 4.8", "6.1.0", true});
  ProcEntry entry;
  entry.process.pid = 100;
  entry.process.comm = "sleep";
  entry.process.argv = {"sleep", "", "a b"};
  (*recording)->process(entry);
  (*recording)->note("user", [](WireLine& line) { line.number(0).bytes("root"); });
  auto exec = events::exec(task(100, 44, "a b", 0), 1, "/bin/a", std::string_view("a\0", 2));
  take(&exec);
  take(Loss{7, "here and there", 2500});
  take(DiagnosticRecord{DiagnosticRecord::Level::error, 5, "an.id", "words", "remedy", "check"});
  take(CommandStarted{300, true});
  take(Gone{{100, 44}, "for a while"});
  take(Rearmed{});
  auto exit = events::exit(task(100, 44, "a b", 0), 9);
  take(&exit);
  take(Ended{});
  CHECK((*recording)->output().drain(1000));
  struct stat status {};
  REQUIRE(::stat(file.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);

  auto recorded = RecordingReader::read(file.path);
  REQUIRE(recorded.has_value());
  CHECK((*recorded)->has_ticks());
  CHECK((*recorded)->facts().machine.hostname == "a host");
  CHECK((*recorded)->facts().machine.core_pattern == "|core %p");
  CHECK((*recorded)->facts().probes == std::vector<std::string>{"a probe"});
  CHECK((*recorded)->facts().targets.at(0).second == std::vector<std::string>{"^a b$", ""});
  CHECK((*recorded)->facts().users.at(0) == "root");
  auto again = make_replay_backend(loop, *recorded);
  CHECK(again->name() == "stap");
  CHECK_FALSE(again->is_live());
  Heard replayed;
  loop.restart();
  REQUIRE(again->start({}, hearing(replayed, nullptr)).has_value());
  loop.run();
  CHECK(replayed.ended.has_value());
  CHECK(replayed.texts == heard.texts);
  auto text = read_file(file.path).value_or("");
  CHECK(text.find("# proc 0 0 100 0 -1 sleep - - - 0 sleep%00%00a%20b%00 - - -\n") != std::string::npos);
  CHECK(text.find("# clock 1700000000000000007\n# tick 2000\n# armed 2000 SystemTap") != std::string::npos);
}
