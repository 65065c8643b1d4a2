// Input: any bytes, as the lines of a stream of records. jsonl gives back the lines that are records, json is one
// document, text is printable; a record that was read and written is read again as the same.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "check.h"
#include "report/json.h"
#include "stream/faces.h"
#include "stream/stream_merge.h"
#include "sys/memory_file.h"

using namespace stapkill;

namespace {

std::string json_of(const Record& record) {
  ProcessJson processes;
  std::string out;
  append_json(out, record, processes);
  return out;
}

/// Whether nothing that a terminal acts on is in it.
bool is_plain(const std::string& text) {
  std::string without;
  for (char c : text) without += c == '\n' ? ' ' : c;
  return printable(without, true) == without;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  auto file = file_in_memory("stream", bytes);
  if (!file) return 0;
  std::vector<std::unique_ptr<RecordStream>> streams;
  for (int i = 0; i < 2; ++i) {
    auto source = ByteSource::open("/proc/self/fd/" + std::to_string(file.get()));
    FUZZ_CHECK(source.has_value());
    streams.push_back(std::make_unique<RecordStream>(std::move(*source), [](const std::string&) {}));
  }
  StreamMerge merge(std::move(streams));
  auto jsonl = make_jsonl_face(true), json = make_json_face(true);
  auto text = make_text_face({.utf8 = false, .verbose = true, .harmless = true}, true, {"a", "b"}, {});
  std::string lines, document, shown;
  RecordReader reader;
  while (auto next = merge.next()) {
    auto at = lines.size();
    for (auto& [face, out] : {std::pair(&jsonl, &lines), std::pair(&json, &document), std::pair(&text, &shown)})
      (*face)->take(next->record, next->stream, merge.label(next->stream), *out);
    auto parsed = nlohmann::json::parse(lines.substr(at), nullptr, false);
    FUZZ_CHECK(parsed.is_object() && parsed.contains("host"));
    if (!next->record.record) continue;
    auto written = json_of(*next->record.record);
    auto again = reader.read(nlohmann::json::parse(written, nullptr, false));
    FUZZ_CHECK(again && json_of(*again) == written);
  }
  json->finish(document);
  text->finish(shown);
  FUZZ_CHECK(nlohmann::json::accept(document));
  FUZZ_CHECK(is_plain(shown));
  return 0;
}
