#include "backend/recording_writer.h"

#include <cerrno>
#include <chrono>
#include <cstring>

#include "backend/stack_lines.h"
#include "backend/wire.h"

namespace stapkill {
namespace {

constexpr auto kFlushEvery = std::chrono::milliseconds(200);
constexpr mode_t kForOwner = 0600;

/// The value, or -1 for none.
template <typename Number>
std::int64_t or_none(const std::optional<Number>& value) {
  return value ? static_cast<std::int64_t>(*value) : -1;
}

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

/// Memory of another process may hold secrets: a recording has the frames that were found in it.
KernelEvent without_memory(const KernelEvent& event, const kernel::Stack& whole) {
  const UserStack& stack = *whole.top;
  auto task = std::make_shared<UserStack>();
  task->pid = stack.pid;
  task->tid = stack.tid;
  task->process_start = stack.process_start;
  KernelEvent made = event;
  made.what = kernel::Stack{whole.at_exit, std::move(task)};
  return made;
}

}  // namespace

RecordingWriter::RecordingWriter(boost::asio::io_context& loop, std::unique_ptr<Output> output)
    : output_(std::move(output)), timer_(loop) {}

Result<std::shared_ptr<RecordingWriter>> RecordingWriter::open(boost::asio::io_context& loop, const std::string& path) {
  TRY_ASSIGN(auto output, Output::file(loop, path, kForOwner));
  return std::shared_ptr<RecordingWriter>(new RecordingWriter(loop, std::move(output)));
}

void RecordingWriter::begin(const std::string& backend, const MachineFacts& machine, Tick now) {
  tick_ = now;
  note("stapkill-events",
       [&](WireLine& line) { line.number(kRecordingVersion).bytes(backend).number(now.clock).bytes(machine.kernel); });
  note("machine", [&](WireLine& line) {
    line.number(now.boot).bytes(machine.hostname).bytes(machine.arch).bytes(machine.boot_id);
    line.number(machine.memory_bytes).bytes(machine.core_pattern);
    if (machine.core_uses_pid) line.number(int{*machine.core_uses_pid});
  });
}

void RecordingWriter::target(std::string_view kind, const std::vector<std::string>& values) {
  note("target", [&](WireLine& line) {
    line.raw(kind);
    for (const auto& value : values) line.bytes(value);
  });
}

void RecordingWriter::write(const Input& input) {
  std::visit([this](const auto& one) { line_of(one); }, input);
}

void RecordingWriter::line_of(const KernelEvent* event) {
  if (event->as<kernel::Code>() || event->as<kernel::Memory>()) return;
  if (const auto* stack = event->as<kernel::Stack>()) {
    append_wire(text_, without_memory(*event, *stack));
  } else {
    append_wire(text_, *event);
  }
  hand_over();
}

void RecordingWriter::line_of(const Tick& tick) {
  if (tick.clock != tick_.clock) note("clock", [&](WireLine& line) { line.number(tick.clock); });
  note("tick", [&](WireLine& line) { line.number(tick.boot); });
  tick_ = tick;
}

void RecordingWriter::line_of(const Begun& begun) {
  note("probes", [&](WireLine& line) {
    for (const auto& probe : begun.probes) line.bytes(probe);
  });
}

void RecordingWriter::line_of(const Armed& armed) {
  note("armed", [&](WireLine& line) {
    line.number(tick_.boot).bytes(armed.toolchain).bytes(armed.kernel).number(or_none(armed.from_cache));
  });
}

void RecordingWriter::line_of(const Rearmed& /*rearmed*/) {
  note("rearmed", [this](WireLine& line) { line.number(tick_.boot); });
}

void RecordingWriter::line_of(const Loss& loss) {
  note("loss", [&](WireLine& line) { line.number(loss.count).bytes(loss.where).number(loss.boot); });
}

void RecordingWriter::line_of(const DiagnosticRecord& record) {
  note("diagnostic", [&](WireLine& line) {
    line.number(static_cast<int>(record.level))
        .bytes(record.id)
        .bytes(record.message.english())
        .bytes(record.remedy.english());
    line.bytes(record.check);
  });
}

void RecordingWriter::line_of(const CommandStarted& command) {
  note("command", [&](WireLine& line) { line.number(command.pid); });
}

void RecordingWriter::line_of(const Gone& gone) {
  note("unseen", [&](WireLine& line) { line.number(gone.process.pid).number(gone.process.start).bytes(gone.why); });
}

void RecordingWriter::line_of(const ManagerSaid& said) {
  note("said", [&](WireLine& line) {
    line.bytes(said.subject);
    for (const auto& text : said.lines) line.bytes(text);
  });
}

void RecordingWriter::line_of(const FramesFound& found) {
  note("frames", [&](WireLine& line) {
    line.number(found.id);
    for (const auto& frame : found.frames) append_frame(line, frame);
  });
}

void RecordingWriter::line_of(const Ended& /*ended*/) {
  note("end", [this](WireLine& line) { line.number(tick_.boot); });
}

void RecordingWriter::process(const ProcEntry& entry) {
  const Process& process = entry.process;
  std::optional<std::string> argv;
  if (process.argv) {
    argv.emplace();
    for (const auto& word : *process.argv) argv->append(word) += '\0';
  }
  note("proc", [&](WireLine& line) {
    line.number(entry.parent).number(entry.kernel_thread + 2 * entry.ending).number(process.pid).number(process.start);
    line.number(or_none(process.uid)).bytes(process.comm);
    for (const auto* text : {&process.exe, &process.cwd, &process.cgroup}) line.maybe(view(*text));
    line.number(process.argv_bytes).maybe(view(argv)).login(process.login).maybe(view(process.tty));
    for (const auto& path : entry.other_cgroups) line.bytes(path);
  });
}

void RecordingWriter::hand_over() {
  output_->write(text_);
  text_.clear();
  if (timer_armed_) return;
  timer_armed_ = true;
  timer_.expires_after(kFlushEvery);
  timer_.async_wait([this, alive = alive_](boost::system::error_code error) {
    if (error || !*alive) return;
    timer_armed_ = false;
    output_->flush();
  });
}

std::optional<Error> RecordingWriter::failure() const {
  int error = output_->error();
  if (error == 0) return std::nullopt;
  return Error{phrase("cannot write to {}: {}", output_->name(), std::strerror(error)),
               phrase("free some space or name another place with --record-events"), "output"};
}

}  // namespace stapkill
