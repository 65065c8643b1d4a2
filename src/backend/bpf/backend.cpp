#include "backend/bpf/backend.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstring>

#include "backend/bpf/backlog.h"
#include "backend/bpf/decode.h"
#include "backend/bpf/programs.h"
#include "backend/bpf/record.h"
#include "sys/clock.h"

namespace stapkill {
namespace {

// The kernel wakes a reader that has caught up at the next record. The reader then waits this long, so that under load
// one wake-up serves many records.
constexpr auto kGather = std::chrono::milliseconds(4), kGatherLonger = std::chrono::milliseconds(50);
constexpr std::size_t kAtOnce = 1024;                        // records before the event loop gets its turn
constexpr std::size_t kMostBacklog = 8;                      // in ring buffers: records taken and not yet passed on
constexpr char kInitialPidNamespace[] = "pid:[4026531836]";  // PROC_PID_INIT_INO, include/linux/proc_ns.h

/// How a loss of each kind of record is reported. Kinds without a row only add to another record, which then has
/// unknown fields (a description is sent again at the sender's next signal).
struct LossRow {
  unsigned kind;
  std::string_view where;
};
constexpr LossRow kLosses[] = {
    {SK_SIGNAL, msgid("the BPF ring buffer: signals")},
    {SK_FORK, msgid("the BPF ring buffer: forks")},
    {SK_EXEC, msgid("the BPF ring buffer: execs")},
    {SK_EXIT, msgid("the BPF ring buffer: exits")},
    {SK_RENAME, msgid("the BPF ring buffer: renames")},
    {SK_MOVED, msgid("the BPF ring buffer: moves between cgroups")},
    {SK_OOM, msgid("the BPF ring buffer: victims of the OOM killer")},
    {SK_SYSRQ, msgid("the BPF ring buffer: SysRq requests")},
    {SK_CONNECT, msgid("the BPF ring buffer: connections to managers")},
    {SK_CIRCUMSTANCES, msgid("the BPF ring buffer: circumstances of signals")},
};

bool in_initial_pid_namespace() {
  char name[64];
  auto length = ::readlink("/proc/self/ns/pid", name, sizeof name);
  return length < 0 || std::string_view(name, static_cast<std::size_t>(length)) == kInitialPidNamespace;
}

/// The embedded programs and the ring buffer that they fill.
class BpfBackend : public Backend {
 public:
  BpfBackend(boost::asio::io_context& loop, BpfOptions options)
      : loop_(loop), readable_(loop), gather_(loop), options_(std::move(options)) {}
  ~BpfBackend() override {
    if (readable_.is_open()) readable_.release();  // the map's descriptor is libbpf's
  }

  std::string name() const override { return "bpf"; }
  std::vector<std::string> probes() const override { return programs_->probes(); }

  Result<void> start(const Watching& watching, Callbacks callbacks) override {
    if (!in_initial_pid_namespace()) {
      return fail(phrase("stapkill runs in its own pid namespace, and the kernel reports pids of the initial one"),
                  phrase("run it on the host, or in a container with the host's pids (hostPID: true, --pid=host)"),
                  "bpf.pids");
    }
    callbacks_ = std::move(callbacks);
    everything_ = watching.everything;
    deaths_only_ = watching.deaths_only;
    TRY_ASSIGN(auto programs, Programs::load(watching, options_.buffer_bytes, options_.tool_line));
    programs_ = std::move(programs);
    TRY(programs_->attach());
    boost::system::error_code error;
    readable_.assign(programs_->events_fd(), error);
    if (error) return fail(phrase("cannot wait for the BPF programs' records: {}", error.message()), {}, "bpf.load");
    boost::asio::post(loop_, [this] {
      if (stopping_) return;
      utsname name{};
      ::uname(&name);
      callbacks_.take(Armed{"BPF", name.release, {}});
      wait();
    });
    return {};
  }

  void watch(const ProcessKey& subject) override {
    if (everything_ || programs_->add(subject)) return;
    no_room(phrase("process {} is not watched", subject.pid));
  }

  void know(const BashLayout& layout) override { programs_->know(layout); }

  std::function<void()> watch_self_in_child() override {
    return [targets = programs_->targets_fd_for_any()] {
      int pid = ::getpid();
      std::uint64_t any_start = 0;
      bpf_attr attributes;
      std::memset(&attributes, 0, sizeof attributes);
      attributes.map_fd = static_cast<std::uint32_t>(targets);
      attributes.key = reinterpret_cast<std::uint64_t>(&pid);
      attributes.value = reinterpret_cast<std::uint64_t>(&any_start);
      ::syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attributes, sizeof attributes);
    };
  }

  void pause(bool paused) override {
    bool resumed = paused_ && !paused;
    paused_ = paused;
    if (resumed && idle_ && !stopping_) take_in();
  }

  void stop() override {
    if (stopping_) return;
    stopping_ = true;
    gather_.cancel();
    // Not here: a callback that is taking a record may have called this.
    boost::asio::post(loop_, [this] { end(); });
  }

 private:
  void wait() {
    idle_ = false;
    readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
      if (error || stopping_) return;
      gather_.expires_after(deaths_only_ ? kGatherLonger : kGather);
      gather_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled && !stopping_) take_in();
      });
    });
  }

  void take_in() {
    idle_ = paused_;
    if (paused_) return;  // new records wait in the ring buffer, and are lost when it is full
    bool more = take(kAtOnce);
    if (stopping_) return;
    if (!more) return wait();
    boost::asio::post(loop_, [this] {
      if (!stopping_) take_in();
    });
  }

  /// Empties the ring buffer first: new records could fill it while old ones are passed on.
  bool take(std::size_t most) {
    auto keep = [this](std::string_view record) { backlog_.add(record); };
    while (backlog_.bytes() < kMostBacklog * options_.buffer_bytes && programs_->take(kAtOnce, keep)) continue;
    for (; most > 0 && !backlog_.empty(); --most) {
      if (decoder_.decode(backlog_.front(), event_)) {
        callbacks_.take(&event_);
      } else {
        callbacks_.take(Loss{1, std::string(msgid("a damaged record from the BPF programs")), boot_now()});
      }
      backlog_.drop_front();
    }
    report_losses();
    return !backlog_.empty();
  }

  void report_losses() {
    for (const auto& row : kLosses) {
      if (auto count = programs_->newly_lost(row.kind))
        callbacks_.take(Loss{count, std::string(row.where), boot_now()});
    }
    if (auto count = programs_->newly_unwatched()) no_room(phrase("{} children are not watched", count));
  }

  void no_room(const Phrase& what) {
    callbacks_.take(DiagnosticRecord{DiagnosticRecord::Level::warning, 0, "bpf.targets",
                                     phrase("there is no room for more than {} targets: {}", SK_MOST_TARGETS, what),
                                     phrase("watch --all instead")});
  }

  void end() {
    programs_->detach();
    while (take(kAtOnce)) continue;
    if (auto count = programs_->misses())
      callbacks_.take(Loss{count, std::string(msgid("BPF programs that were running already")), boot_now()});
    readable_.cancel();
    readable_.release();
    callbacks_.take(Ended{});
  }

  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor readable_;
  boost::asio::steady_timer gather_;
  BpfOptions options_;
  Callbacks callbacks_;
  std::unique_ptr<Programs> programs_;
  Backlog backlog_;
  Decoder decoder_;
  KernelEvent event_;
  bool everything_ = false, deaths_only_ = false, paused_ = false, idle_ = false, stopping_ = false;
};

}  // namespace

Result<std::unique_ptr<Backend>> make_bpf_backend(boost::asio::io_context& loop, BpfOptions options) {
  return std::make_unique<BpfBackend>(loop, std::move(options));
}

}  // namespace stapkill
