#include "backend/stack_lines.h"

#include <algorithm>

namespace stapkill {
namespace {

/// Calls `take` with the first word and the fields of each line; false once that says so, or a line has no end.
template <typename Take>
bool for_each_line(std::string_view text, Take take) {
  std::string storage;
  while (!text.empty()) {
    auto end = text.find('\n');
    if (end == std::string_view::npos) return false;
    auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    auto space = std::min(line.find(' '), line.size());
    auto name = line.substr(0, space);
    WireFields fields(line.substr(std::min(space + 1, line.size())), storage);
    if (!take(name, fields) || !fields.done()) return false;
  }
  return true;
}

void maybe_text(WireFields& fields, std::optional<std::string>& value) {
  std::optional<std::string_view> text;
  fields.bytes(text);
  if (text) value = std::string(*text);
}

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

void take_stack(WireFields& fields, UserStack& stack) {
  fields.pid(stack.pid);
  fields.pid(stack.tid);
  fields.number(stack.process_start);
  for (auto& value : stack.registers) fields.number(value);
  fields.number(stack.from);
  fields.text(stack.memory);
}

void take_code(WireFields& fields, CodeMapping& code) {
  for (auto* number : {&code.start, &code.end, &code.offset, &code.inode}) fields.number(*number);
  fields.number(code.device);
  fields.text(code.path);
}

}  // namespace

std::string lines_of(const StackRequest& request) {
  std::string out;
  {
    WireLine line(out, "stack");
    line.number(request.stack.pid).number(request.stack.tid).number(request.stack.process_start);
    for (auto value : request.stack.registers) line.number(value);
    line.number(request.stack.from).bytes(request.stack.memory);
  }
  for (const auto& one : request.relatives) WireLine(out, "near").number(one.pid).number(one.start);
  for (const auto& one : request.stack.code) {
    WireLine line(out, "code");
    for (auto number : {one.start, one.end, one.offset, one.inode}) line.number(number);
    line.number(one.device).bytes(one.path);
  }
  return out;
}

bool parse_lines(std::string_view text, StackRequest& request) {
  return for_each_line(text, [&](std::string_view name, WireFields& fields) {
    if (name == "stack") {
      take_stack(fields, request.stack);
    } else if (name == "code") {
      take_code(fields, request.stack.code.emplace_back());
    } else if (name == "near") {
      auto& one = request.relatives.emplace_back();
      fields.pid(one.pid);
      fields.number(one.start);
    } else {
      return false;
    }
    return true;
  });
}

void append_frame(WireLine& line, const Frame& frame) {
  line.number(frame.address).bytes(frame.module).number(frame.offset);
  line.maybe(view(frame.function)).maybe(view(frame.file)).maybe_number(frame.line).maybe(view(frame.build_id));
}

void take_frame(WireFields& fields, Frame& frame) {
  fields.number(frame.address);
  fields.text(frame.module);
  fields.number(frame.offset);
  maybe_text(fields, frame.function);
  maybe_text(fields, frame.file);
  fields.maybe(frame.line);
  maybe_text(fields, frame.build_id);
}

std::string lines_of(const std::vector<Frame>& frames) {
  std::string out;
  for (const auto& frame : frames) {
    WireLine line(out, "frame");
    append_frame(line, frame);
  }
  return out;
}

bool parse_lines(std::string_view text, std::vector<Frame>& frames) {
  return for_each_line(text, [&](std::string_view name, WireFields& fields) {
    if (name != "frame") return false;
    take_frame(fields, frames.emplace_back());
    return true;
  });
}

}  // namespace stapkill
