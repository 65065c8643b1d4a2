// Input: any bytes, as the lines of a stream of records. jsonl gives back the lines that are records, json is one
// document, text is printable; a record that was read and written is read again as the same. A page has no markup but
// its own, and no byte that a browser or a terminal acts on; neither has Markdown.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.h"
#include "check.h"
#include "report/json.h"
#include "report/renderer.h"
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

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

/// Whether a document is UTF-8 without control characters but newlines.
bool is_clean(const std::string& text) {
  auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; };
  return is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

void check_reports(const std::vector<Record>& records) {
  auto html = make_html_renderer(true), markdown = make_markdown_renderer(true);
  std::string page, text;
  for (const auto& record : records) {
    html->render(record, page);
    markdown->render(record, text);
  }
  html->render(SummaryRecord{}, page);
  markdown->render(SummaryRecord{}, text);
  FUZZ_CHECK(is_clean(page) && is_clean(text));
  // A summary within the stream ends a document, too.
  auto pages = count_of(page, "<!doctype html>");
  FUZZ_CHECK(count_of(page, "<script") == pages && count_of(page, "<style") == pages && count_of(page, "<img") == 0);
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
  std::vector<Record> records;
  while (auto next = merge.next()) {
    auto at = lines.size();
    for (auto& [face, out] : {std::pair(&jsonl, &lines), std::pair(&json, &document), std::pair(&text, &shown)})
      (*face)->take(next->record, next->stream, merge.label(next->stream), *out);
    auto parsed = nlohmann::json::parse(lines.substr(at), nullptr, false);
    FUZZ_CHECK(parsed.is_object() && parsed.contains("host"));
    if (!next->record.record) continue;
    if (next->stream == 0) records.push_back(*next->record.record);
    auto written = json_of(*next->record.record);
    auto again = reader.read(nlohmann::json::parse(written, nullptr, false));
    FUZZ_CHECK(again && json_of(*again) == written);
  }
  json->finish(document);
  text->finish(shown);
  FUZZ_CHECK(nlohmann::json::accept(document));
  FUZZ_CHECK(is_plain(shown));
  check_reports(records);
  return 0;
}
