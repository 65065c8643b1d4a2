#pragma once

#include <memory>
#include <string>

#include "base/text_style.h"
#include "model/record.h"

namespace stapkill {

/// Turns records into one format.
class Renderer {
 public:
  virtual ~Renderer() = default;
  /// Appends a record's text; may append nothing.
  virtual void render(const Record& record, std::string& out) = 0;
  /// Appends text that was held back until `now`. Returns after how many ns it is to be called again, 0 where nothing
  /// is held back. What is held back comes at the latest with the next record.
  virtual Time catch_up(Time /*now*/, std::string& /*out*/) { return 0; }
  /// Appends what closes the text, after the last record.
  virtual void finish(std::string& /*out*/) {}
};

/// One JSON object a line (stapkill-stream(5)).
std::unique_ptr<Renderer> make_jsonl_renderer();

/// All records as one JSON document (stapkill-stream(5), "The document").
std::unique_ptr<Renderer> make_json_renderer();

/// For a person on a terminal. Bytes from other processes never reach it raw.
std::unique_ptr<Renderer> make_text_renderer(TextStyle style);

/// One document about the whole session, with its summary: Markdown for a ticket, a page of HTML. `harmless`: also
/// signals that end nobody by default. Memory is bounded (report/digest.h).
std::unique_ptr<Renderer> make_markdown_renderer(bool harmless);
std::unique_ptr<Renderer> make_html_renderer(bool harmless);

}  // namespace stapkill
