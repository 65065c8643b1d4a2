#include "stream/stream_merge.h"

#include <fstream>

#include "catch.h"
#include "stream/faces.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// Streams in files of a directory of their own.
struct Streams {
  Temporary temporary;
  std::vector<std::unique_ptr<RecordStream>> all;
  std::vector<std::string> told;

  void add(const std::string& name, const std::string& text) {
    auto path = temporary.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    auto source = ByteSource::open(path.string());
    REQUIRE(source.has_value());
    all.push_back(
        std::make_unique<RecordStream>(std::move(*source), [this](const std::string& line) { told.push_back(line); }));
  }
};

std::string at(int second, const std::string& name) {
  return R"({"type":"x","time":"2026-11-30T10:00:)" + std::to_string(10 + second) + R"(.5Z","name":")" + name + "\"}\n";
}

std::string session(const std::string& host) {
  return R"({"type":"session","time":"2026-11-30T10:00:10Z","host":{"hostname":")" + host + "\"}}\n";
}

/// The members `name`, in order.
std::string order(StreamMerge& merge) {
  std::string names;
  while (auto next = merge.next()) names += nlohmann::json::parse(next->record.json).value("name", "-");
  return names;
}

}  // namespace

TEST_CASE("merge: by the times of all, each stream in its own order", "[stream]") {
  Streams streams;
  streams.add("one", at(1, "a") + at(4, "d") + at(5, "e"));
  streams.add("two", at(2, "b") + at(3, "c") + at(9, "f"));
  StreamMerge merge(std::move(streams.all));
  CHECK(order(merge) == "abcdef");
  CHECK_FALSE(merge.next());
}

TEST_CASE("merge: a time that goes back a little stays in its place, one without a time too", "[stream]") {
  Streams streams;
  streams.add("one", at(5, "b") + R"({"type":"x","time":"2026-11-30T10:00:15.1Z","name":"c"})" + "\n" +
                         R"({"name":"d"})" + "\n");
  streams.add("two", R"({"time":"2026-11-30T10:00:15.2Z","name":"a"})"
                     "\n" +
                         at(6, "e"));
  StreamMerge merge(std::move(streams.all));
  CHECK(order(merge) == "abcde");
}

TEST_CASE("merge: a clock that was set back is believed", "[stream]") {
  Streams streams;
  streams.add("one", at(50, "a") + at(1, "b") + at(3, "d"));
  streams.add("two", at(49, "-") + at(2, "c"));
  StreamMerge merge(std::move(streams.all));
  CHECK(order(merge) == "-cabd");
}

TEST_CASE("merge: a stream is called by its host, else by its file", "[stream]") {
  Streams streams;
  streams.add("one", session("db1") + at(1, "a"));
  streams.add("two.jsonl", at(1, "b"));
  StreamMerge merge(std::move(streams.all));
  CHECK(merge.label(0) == "db1");
  CHECK(merge.label(1) == "two.jsonl");
}

TEST_CASE("record stream: what is no record is told and left out", "[stream]") {
  Streams streams;
  streams.add("one", at(1, "a") + "nonsense\n[]\n{}" + std::string(1, '\0') + "x\n" + std::string(200, '[') + "\n\n" +
                         at(2, "b"));
  auto& stream = *streams.all.front();
  CHECK(stream.next()->type == "x");
  CHECK(stream.next()->json == at(2, "b").substr(0, at(2, "b").size() - 1));
  CHECK_FALSE(stream.next());
  CHECK(stream.damaged() == 4);
  REQUIRE(streams.told.size() == 4);
  CHECK(streams.told[0].find("line 2 of") == 0);
  CHECK(streams.told[1].find("no JSON object") != std::string::npos);
}

TEST_CASE("record stream: where it ends too early", "[stream]") {
  Streams streams;
  streams.add("cut", session("db1") + at(1, "a") + R"({"type":"de)");
  streams.add("no-summary", session("db1") + at(1, "a"));
  streams.add("part", at(1, "a"));
  streams.add("whole", session("db1") + at(1, "a") + R"({"type":"summary"})");
  for (const auto& stream : streams.all) {
    while (stream->next()) continue;
    CHECK(stream->damaged() == 0);
  }
  REQUIRE(streams.told.size() == 2);
  CHECK(streams.told[0].find("is cut off in line 3; what came after 2026-11-30T10:00:11.500000000Z") !=
        std::string::npos);
  CHECK(streams.told[1].find("no summary") != std::string::npos);
}

TEST_CASE("record stream: what a file begins with", "[stream]") {
  for (const char* head :
       {"{\"type\":\"session\"}\n", "\xef\xbb\xbf{", "  {", "\n{", "of a line\"}\n{\"type\":\"death\"}\n"})
    CHECK(RecordStream::is_stream(head));
  for (const char* head : {"", "\n", "# stapkill-events 5", "hello {", "[{}]"})
    CHECK_FALSE(RecordStream::is_stream(head));
}

TEST_CASE("faces: a host is added where a record does not say it", "[stream]") {
  std::string out;
  auto face = make_jsonl_face(true);
  face->take({R"({"a":1 })", "", 0, "", false, {}}, 0, "db1", out);
  face->take({"{}", "", 0, "web\"1", false, {}}, 1, "x", out);
  face->take({R"({"host":"own"})", "", 0, "own", true, {}}, 1, "x", out);
  CHECK(out == "{\"a\":1,\"host\":\"db1\"}\n{\"host\":\"web\\\"1\"}\n{\"host\":\"own\"}\n");
}

TEST_CASE("faces: hosts in text are printable, and lines that go on are below them", "[stream]") {
  std::string out;
  auto face = make_text_face({}, true, {"a\x1b", "longer"}, {});
  LossRecord loss{1, 2, "here"};
  face->take({"{}", "loss", 1, "a\x1b", false, Record(loss)}, 0, "", out);
  face->take({"{}", "loss", 2, "longer", false, Record(loss)}, 1, "", out);
  CHECK(out.find('\x1b') == std::string::npos);
  CHECK(out.starts_with("a\\x1b   "));
  CHECK(out.find("\nlonger  ") != std::string::npos);
}
