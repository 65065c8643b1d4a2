#include "cli/sinks.h"

#include "cli/command.h"

namespace stapkill {

Result<std::vector<std::unique_ptr<Sink>>> make_sinks(boost::asio::io_context& loop, const Arguments& arguments) {
  std::vector<std::unique_ptr<Sink>> sinks;
  TRY_ASSIGN(auto look, appearance_of(arguments));
  std::string format = arguments.one("format").value_or("text");
  auto main = std::make_unique<Sink>();
  bool to_file = arguments.has("output") && arguments.one("output") != "-";
  if (format == "jsonl") {
    main->renderer = make_jsonl_renderer();
    main->machine = true;
  } else if (format == "text") {
    bool always = arguments.one("color") == "always";
    main->renderer = make_text_renderer({.color = to_file ? always : look.color,
                                         .utf8 = look.utf8,
                                         .width = to_file ? 0 : look.width,
                                         .verbose = arguments.has("verbose"),
                                         .harmless = arguments.has("verbose") || arguments.has("signal")});
  } else if (format == "markdown" || format == "html") {
    bool harmless = arguments.has("verbose") || arguments.has("signal");
    main->renderer = format == "html" ? make_html_renderer(harmless) : make_markdown_renderer(harmless);
    main->machine = true;  // its readers do not see stderr
  } else {
    return usage_error("--format expects text, jsonl, html or markdown, not '" + format + "'");
  }
  if (to_file) {
    TRY_ASSIGN(auto output, Output::file(loop, *arguments.one("output")));
    main->output = std::move(output);
  } else {
    main->output = Output::standard(loop);
  }
  sinks.push_back(std::move(main));
  if (auto path = arguments.one("record")) {
    TRY_ASSIGN(auto output, Output::file(loop, *path));
    auto record = std::make_unique<Sink>();
    record->renderer = make_jsonl_renderer();
    record->machine = true;
    record->output = std::move(output);
    sinks.push_back(std::move(record));
  }
  return sinks;
}

}  // namespace stapkill
