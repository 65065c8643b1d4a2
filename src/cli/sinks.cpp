#include "cli/sinks.h"

#include "cli/command.h"

namespace stapkill {

namespace {

bool to_file(const Arguments& arguments) {
  return arguments.has("output") && arguments.one("output") != "-";
}

}  // namespace

Result<TextStyle> text_style_of(const Arguments& arguments) {
  TRY_ASSIGN(auto look, appearance_of(arguments));
  bool file = to_file(arguments), always = arguments.one("color") == "always";
  return TextStyle{.color = file ? always : look.color,
                   .utf8 = look.utf8,
                   .width = file ? 0 : look.width,
                   .verbose = arguments.has("verbose"),
                   .harmless = arguments.has("verbose") || arguments.has("signal")};
}

Result<std::unique_ptr<Output>> open_output(boost::asio::io_context& loop, const Arguments& arguments) {
  if (to_file(arguments)) return Output::file(loop, *arguments.one("output"));
  return Output::standard(loop);
}

tl::unexpected<Error> no_such_format(const std::string& format) {
  return usage_error(phrase("--format expects text, jsonl, json, html or markdown, not '{}'", format));
}

Result<std::vector<std::unique_ptr<Sink>>> make_sinks(boost::asio::io_context& loop, const Arguments& arguments) {
  std::vector<std::unique_ptr<Sink>> sinks;
  TRY_ASSIGN(auto style, text_style_of(arguments));
  std::string format = arguments.one("format").value_or("text");
  auto main = std::make_unique<Sink>();
  main->machine = format != "text";
  if (format == "jsonl") {
    main->renderer = make_jsonl_renderer();
  } else if (format == "json") {
    main->renderer = make_json_renderer();
  } else if (format == "text") {
    main->renderer = make_text_renderer(style);
  } else if (format == "html") {
    main->renderer = make_html_renderer(style.harmless);
  } else if (format == "markdown") {
    main->renderer = make_markdown_renderer(style.harmless);
  } else {
    return no_such_format(format);
  }
  TRY_ASSIGN(main->output, open_output(loop, arguments));
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
