#include "backend/stap/wire.h"

#include <charconv>

namespace stapkill {
namespace {

/// Walks the fields of a line; after the first that does not fit, everything fails.
class Fields {
 public:
  Fields(std::string_view line, std::string& storage) : rest_(line), storage_(storage) {
    storage_.clear();
    storage_.reserve(line.size());  // decoded text is never longer: views into it stay valid
  }

  template <typename Number>
  void number(Number& value) {
    std::string_view field = next();
    auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    ok_ = ok_ && error == std::errc() && end == field.data() + field.size();
  }

  /// A thread's or process's id: what no Linux gives out (PID_MAX_LIMIT, include/linux/threads.h) is damage.
  void pid(int& value) {
    number(value);
    ok_ = ok_ && value >= 0 && value <= 4194304;
  }

  void flag(bool& value) {
    int number_value = 0;
    number(number_value);
    value = number_value != 0;
  }

  void raw(std::string_view& value) {
    value = next();
    if (value == "-") value = {};
  }

  void bytes(std::string_view& value) {
    std::optional<std::string_view> decoded;
    bytes(decoded);
    ok_ = ok_ && decoded;
    value = decoded.value_or(std::string_view());
  }

  void bytes(std::optional<std::string_view>& value) {
    std::string_view field = next();
    value.reset();
    if (field == "-" || !ok_) return;
    if (field == "%") {
      value = std::string_view();
    } else if (field.find('%') == std::string_view::npos) {
      value = field;
    } else {
      value = decode(field);
    }
  }

  void text(std::string& value) {
    std::optional<std::string_view> decoded;
    bytes(decoded);
    value = decoded.value_or(std::string_view());
  }

  bool done() const { return ok_ && rest_.empty() && !more_; }

 private:
  std::string_view next() {
    if (!more_) ok_ = false;
    auto space = rest_.find(' ');
    std::string_view field = rest_.substr(0, space);
    more_ = space != std::string_view::npos;
    rest_ = more_ ? rest_.substr(space + 1) : std::string_view();
    ok_ = ok_ && !field.empty();
    return field;
  }

  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  }

  std::string_view decode(std::string_view field) {
    std::size_t from = storage_.size();
    for (std::size_t i = 0; i < field.size(); ++i) {
      if (field[i] != '%') {
        storage_ += field[i];
        continue;
      }
      int high = i + 2 < field.size() ? digit(field[i + 1]) : -1;
      int low = high >= 0 ? digit(field[i + 2]) : -1;
      if (low < 0) {
        ok_ = false;
        return {};
      }
      storage_ += static_cast<char>(high << 4 | low);
      i += 2;
    }
    return std::string_view(storage_).substr(from);
  }

  std::string_view rest_;
  std::string& storage_;
  bool more_ = true;
  bool ok_ = true;
};

void task(Fields& fields, Event::Task& task, bool with_tid) {
  fields.pid(task.pid);
  if (with_tid) fields.pid(task.tid);
  fields.number(task.start);
}

void owner(Fields& fields, Event::Task& task) {
  fields.number(task.uid);
  fields.bytes(task.comm);
}

void image(Fields& fields, Event& event) {
  task(fields, event.task, true);
  fields.pid(event.parent);
  owner(fields, event.task);
  fields.bytes(event.exe);
  fields.bytes(event.cwd);
  fields.bytes(event.cgroup);
  fields.number(event.argv_bytes);
  fields.bytes(event.argv);
}

void signal(Fields& fields, Event& event) {
  int context = 0, group = 0;
  fields.number(event.signal);
  fields.number(event.code);
  fields.number(event.result);
  fields.number(group);
  fields.number(event.call);
  fields.number(context);
  event.own_context = context & 1;
  event.compat = context & 2;
  event.exiting = context & 8;
  event.blocked = context & 16;
  event.handled = context & 32;
  task(fields, event.task, true);
  owner(fields, event.task);
  task(fields, event.other, true);
  owner(fields, event.other);
  fields.raw(event.ancestors);
}

void circumstances(Fields& fields, Event& event) {
  auto seen = std::make_shared<Circumstances>();
  Circumstances::Memory memory;
  std::string stack;
  fields.pid(seen->target_tid);
  for (auto* number : {&seen->signal, &seen->oom_score_adj, &seen->pdeath_signal, &seen->threads, &memory.level}) {
    fields.number(*number);
  }
  for (auto* number : {&memory.usage, &memory.limit, &seen->ptrace, &seen->address, &seen->instruction, &seen->place,
                       &seen->cpu_ns, &seen->cpu_soft, &seen->cpu_hard, &seen->file_size, &seen->core_size}) {
    fields.number(*number);
  }
  for (auto* text : {&memory.group, &seen->tty, &seen->file, &stack}) fields.text(*text);
  seen->stack = stack_names(stack);
  if (memory.level >= 0) seen->memory = memory;
  event.seen = std::move(seen);
}

bool parse_kind(char letter, Event& event, Fields& fields) {
  using Kind = Event::Kind;
  switch (letter) {
    case 'H':
      event.kind = Kind::hello;
      fields.number(event.value);
      fields.bytes(event.module);
      return true;
    case 'P':
    case 'X':
      event.kind = letter == 'P' ? Kind::describe : Kind::exec;
      image(fields, event);
      return true;
    case 'F':
      event.kind = Kind::fork;
      fields.pid(event.parent);
      task(fields, event.task, false);
      task(fields, event.other, false);
      owner(fields, event.other);
      return true;
    case 'R':
      event.kind = Kind::rename;
      task(fields, event.task, false);
      fields.bytes(event.task.comm);
      return true;
    case 'S':
      event.kind = Kind::signal;
      signal(fields, event);
      return true;
    case 'K':
      event.kind = Kind::returned;
      fields.pid(event.task.pid);
      fields.pid(event.task.tid);
      fields.number(event.call);
      fields.number(event.value);
      return true;
    case 'E':
      event.kind = Kind::exit;
      task(fields, event.task, true);
      fields.number(event.value);
      fields.flag(event.watched);
      fields.number(event.seccomp);
      owner(fields, event.task);
      return true;
    case 'C':
      event.kind = Kind::circumstances;
      circumstances(fields, event);
      return true;
    case 'O':
      event.kind = Kind::oom_victim;
      fields.pid(event.task.tid);
      return true;
    case 'Q':
      event.kind = Kind::sysrq;
      fields.flag(event.own_context);
      task(fields, event.task, true);
      owner(fields, event.task);
      return true;
    case 'Z':
      event.kind = Kind::goodbye;
      fields.number(event.ended_cpu);
      fields.number(event.value);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool parse_wire(std::string_view line, Event& event, std::string& storage) {
  event = Event();
  if (line.size() < 3 || line[1] != ' ') return false;
  Fields fields(line.substr(2), storage);
  fields.number(event.cpu);
  fields.number(event.sequence);
  fields.number(event.boot_ns);
  return parse_kind(line[0], event, fields) && fields.done();
}

}  // namespace stapkill
