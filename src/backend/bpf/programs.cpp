#include "backend/bpf/programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "backend/bpf/record.h"
#include "model/managers.h"
#include "sys/file.h"
#include "watch.skel.h"

namespace stapkill {
namespace {

constexpr char kLockdown[] = "/sys/kernel/security/lockdown";

/// Takes libbpf's messages while it lives. libbpf has one callback for the whole process.
class Listening {
 public:
  explicit Listening(const OnLine& on_line) {
    on_line_ = &on_line;
    refused_.clear();
    libbpf_set_print([](libbpf_print_level level, const char* format, va_list arguments) {
      if (level == LIBBPF_DEBUG) return 0;
      char* text = nullptr;  // the verifier's log comes in one piece of any length, the reason at its end
      if (::vasprintf(&text, format, arguments) < 0) return 0;
      lines(text);
      std::free(text);
      return 0;
    });
  }
  ~Listening() {
    libbpf_set_print(nullptr);
    on_line_ = nullptr;
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  /// The program that the verifier refused; "" for none.
  static const std::string& refused() { return refused_; }

 private:
  static void lines(std::string_view text) {
    while (!text.empty()) {
      auto end = text.find('\n');
      auto line = text.substr(0, end);
      auto quote = line.find("prog '");
      if (line.find("BEGIN PROG LOAD LOG") != std::string_view::npos && quote != std::string_view::npos) {
        auto name = line.substr(quote + 6);
        refused_ = name.substr(0, name.find('\''));
      }
      if (on_line_ && *on_line_ && !line.empty()) (*on_line_)(line);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }

  static inline const OnLine* on_line_ = nullptr;
  static inline std::string refused_;
};

Error not_loaded(int error, const std::string& refused) {
  std::string why = std::strerror(error);
  if (error == EPERM) {
    return {phrase("this user may not load BPF programs: {}", why),
            phrase("run it with sudo, or with CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE; 'stapkill doctor --backend "
                   "bpf' shows "
                   "what is missing"),
            "bpf.privilege", ErrorKind::failed, "bpf.syscall"};
  }
  // Under confidentiality lockdown the helpers that read kernel memory are missing (LOCKDOWN_BPF_READ_KERNEL,
  // kernel/trace/bpf_trace.c); the verifier's message differs by helper.
  if (read_file(kLockdown).value_or("").find("[confidentiality]") != std::string::npos) {
    return {phrase("the kernel is locked down (confidentiality): BPF programs may not read from it"),
            phrase("lockdown comes with Secure Boot or lockdown= on the kernel's command line: nothing can trace in "
                   "this mode"),
            "bpf.lockdown", ErrorKind::failed, "bpf.syscall"};
  }
  if (!refused.empty()) {
    return {
        phrase("the kernel's verifier refused the BPF program '{}': {}", refused, why),
        phrase(
            "use --backend stap, which needs no BPF; for a bug report, run again with -v and save the verifier's log"),
        "bpf.verifier", ErrorKind::failed, "bpf.syscall"};
  }
  if (error == ESRCH || ::access("/sys/kernel/btf/vmlinux", R_OK) != 0) {
    return {
        phrase("the kernel does not describe its types (no /sys/kernel/btf/vmlinux): BPF programs cannot adapt to it"),
        phrase("use a kernel built with CONFIG_DEBUG_INFO_BTF, or --backend stap"), "bpf.btf", ErrorKind::failed,
        "bpf.btf"};
  }
  return {phrase("the kernel refused the BPF programs: {}", why),
          phrase("'stapkill doctor --backend bpf' shows what is missing; -v shows libbpf's messages"), "bpf.load",
          ErrorKind::failed, "bpf.syscall"};
}

/// The size that BPF_MAP_TYPE_RINGBUF wants: a power of two of whole pages (kernel/bpf/ringbuf.c).
std::uint32_t ring_size(std::uint64_t bytes) {
  auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return static_cast<std::uint32_t>(std::bit_ceil(std::clamp<std::uint64_t>(bytes, page, 1ULL << 30)));
}

/// The kernel's types, through bpf(2): reading them from /sys takes a system call for every page.
btf* kernel_types() {
  __u32 id = 0;
  while (bpf_btf_get_next_id(id, &id) == 0) {
    int file = bpf_btf_get_fd_by_id(id);
    if (file < 0) continue;
    char name[64] = "";
    bpf_btf_info info{};
    info.name = reinterpret_cast<__u64>(name);
    info.name_len = sizeof name;
    __u32 size = sizeof info;
    bool found =
        bpf_obj_get_info_by_fd(file, &info, &size) == 0 && info.kernel_btf && name == std::string_view("vmlinux");
    ::close(file);
    if (found) return btf__load_from_kernel_by_id(id);
  }
  return btf__load_vmlinux_btf();  // before 5.11 they have no id
}

/// Whether the kernel runs a program at the return of one of its functions. Tried with a program that does nothing,
/// because there are many reasons why not (no ftrace, another architecture, a policy).
bool can_see_returns(const btf& types) {
  int function = btf__find_by_name_kind(&types, "__x64_sys_kill", BTF_KIND_FUNC);
  if (function < 0) return false;
  const bpf_insn nothing[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.expected_attach_type = BPF_TRACE_FEXIT;
  options.attach_btf_id = static_cast<std::uint32_t>(function);
  int program = bpf_prog_load(BPF_PROG_TYPE_TRACING, nullptr, "GPL", nothing, std::size(nothing), &options);
  if (program < 0) return false;
  // Without ftrace's direct calls loading works and attaching fails.
  int link = bpf_raw_tracepoint_open(nullptr, program);  // works for these kinds too; BPF_LINK_CREATE is newer
  if (link >= 0) ::close(link);
  ::close(program);
  return link >= 0;
}

/// The kernel's function that a program of fentry or fexit belongs to; "" for another program.
std::string function_of(const bpf_program* program) {
  std::string_view section = bpf_program__section_name(program);
  if (section.starts_with('?')) section.remove_prefix(1);
  bool at_function = section.starts_with("fexit/") || section.starts_with("fentry/");
  return at_function ? std::string(section.substr(section.find('/') + 1)) : std::string();
}

/// Chooses how the results of system calls are seen: at the functions' exits, else at the exit of every system call.
/// The other programs at functions have no such substitute.
void choose_at_functions(watch_bpf& skeleton, const btf* types) {
  bool can = types && can_see_returns(*types);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton.obj) {
    auto function = function_of(program);
    if (function.empty()) continue;
    bpf_program__set_autoload(program, can && btf__find_by_name_kind(types, function.c_str(), BTF_KIND_FUNC) > 0);
  }
  bpf_program__set_autoload(skeleton.progs.on_sys_exit, !can);
  // Where unix sockets are a module, the kernel's own types have none of theirs.
  if (!types || btf__find_by_name_kind(types, "unix_sock", BTF_KIND_STRUCT) < 0)
    bpf_program__set_autoload(skeleton.progs.on_connect, false);
}

/// Puts the names of managers' sockets and of managers into the programs' maps.
Result<void> name_managers(watch_bpf& skeleton) {
  auto put = [](bpf_map* map, std::string_view name, bool certain, auto room) {
    std::copy(name.begin(), name.end(), room.begin());
    auto value = static_cast<__u8>(certain);
    return bpf_map__update_elem(map, room.data(), room.size(), &value, sizeof value, BPF_ANY) == 0;
  };
  bool done = true;
  for (const auto& row : manager_sockets()) {
    done = put(skeleton.maps.sockets, row.name, !row.of_daemon, std::array<char, SK_SOCKET_NAME>{}) && done;
  }
  for (const auto& row : manager_daemons()) {
    done = put(skeleton.maps.managers, row.comm, row.every_socket, std::array<char, SK_COMM>{}) && done;
  }
  if (!done) return tl::unexpected(not_loaded(errno, {}));
  return {};
}

/// Chooses where the stack of a process that exits is read, if anywhere: it needs bpf_loop, and the task's memory.
void choose_exit_stacks(watch_bpf& skeleton, bool has_loop) {
  bool wanted = has_loop && skeleton.rodata->wants_stacks && !skeleton.rodata->everything;
  bool at_exit = skeleton.rodata->exit_says_last;  // both are of 6.16
  bpf_program__set_autoload(skeleton.progs.on_exit_with_memory, wanted && at_exit);
  if (!wanted || at_exit) bpf_program__set_autoload(skeleton.progs.on_exit_group, false);
}

/// Chooses the variants of the programs that loop: each has one for kernels without bpf_loop, which reads by helpers.
void choose_variants(watch_bpf& skeleton) {
  constexpr std::string_view kWithout = "_before_5_17";
  bool has_loop = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, nullptr) == 1;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton.obj) {
    std::string with = bpf_program__name(program);
    if (!with.ends_with(kWithout)) continue;
    bpf_program__set_autoload(program, !has_loop);
    with.resize(with.size() - kWithout.size());
    bpf_program__set_autoload(bpf_object__find_program_by_name(skeleton.obj, with.c_str()), has_loop);
  }
  choose_exit_stacks(skeleton, has_loop);
}

/// Leaves out the programs of a tracepoint that this kernel lacks: moves between cgroups, without CONFIG_CGROUPS. Every
/// tracepoint has a type of its own in BTF (__DEFINE_EVENT in include/trace/bpf_probe.h; since 5.5).
void leave_out_absent(watch_bpf& skeleton, const btf* types) {
  if (!types || btf__find_by_name_kind(types, "btf_trace_cgroup_attach_task", BTF_KIND_TYPEDEF) > 0) return;
  bpf_program__set_autoload(skeleton.progs.on_move, false);
  bpf_program__set_autoload(skeleton.progs.on_move_before_5_17, false);
}

/// How many arguments a tracepoint hands over, by the type that BTF has for it: a pointer to a function whose first
/// parameter is the probe's own. 0 where it is not known.
unsigned arguments_of(const btf& types, const char* name) {
  int id = btf__find_by_name_kind(&types, name, BTF_KIND_TYPEDEF);
  const btf_type* type = id > 0 ? btf__type_by_id(&types, static_cast<__u32>(id)) : nullptr;
  while (type && (btf_is_typedef(type) || btf_is_ptr(type))) type = btf__type_by_id(&types, type->type);
  return type && btf_is_func_proto(type) && btf_vlen(type) > 0 ? btf_vlen(type) - 1U : 0;
}

/// The kernel's function for ONLY_READ, which only compiled programs can call; 0: it has none.
int only_read_function(const btf* types) {
  bool compiled = read_file("/proc/sys/net/core/bpf_jit_enable").value_or("0")[0] != '0';
  return types && compiled ? btf__find_by_name_kind(types, "bpf_rdonly_cast", BTF_KIND_FUNC) : 0;
}

void choose_programs(watch_bpf& skeleton) {
  Listening quiet({});
  btf* types = kernel_types();
  skeleton.rodata->exit_says_last = types && arguments_of(*types, "btf_trace_sched_process_exit") >= 2;
  choose_at_functions(skeleton, types);
  choose_variants(skeleton);
  leave_out_absent(skeleton, types);
  replace_only_read(skeleton.obj, only_read_function(types));
  btf__free(types);
}

}  // namespace

void replace_only_read(bpf_object* object, int function) {
  bpf_insn instead{};
  instead.code = BPF_ALU64 | BPF_MOV | BPF_X;
  instead.src_reg = BPF_REG_1;
  if (function > 0) {
    instead.code = BPF_JMP | BPF_CALL;
    instead.src_reg = BPF_PSEUDO_KFUNC_CALL;
    instead.imm = function;
  }
  auto is_call = [](const bpf_insn& one) {
    return one.code == (BPF_JMP | BPF_CALL) && one.src_reg == 0 && one.imm == SK_ONLY_READ;
  };
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const auto* first = bpf_program__insns(program);
    std::vector<bpf_insn> code(first, first + bpf_program__insn_cnt(program));
    std::replace_if(code.begin(), code.end(), is_call, instead);
    bpf_program__set_insns(program, code.data(), code.size());
  }
}

Result<void> load_or_explain(const std::function<int()>& load, const OnLine& on_line) {
  Listening listening(on_line);
  int error = -load();
  if (error == 0) return {};
  return tl::unexpected(not_loaded(error, Listening::refused()));
}

Result<std::unique_ptr<Programs>> Programs::load(const Watching& watching, std::uint64_t buffer_bytes,
                                                 const OnLine& on_line) {
  std::unique_ptr<Programs> programs(new Programs());
  programs->skeleton_ = watch_bpf__open();
  if (!programs->skeleton_) return tl::unexpected(not_loaded(errno, {}));
  watch_bpf& skeleton = *programs->skeleton_;
  auto size = ring_size(buffer_bytes);
  bpf_map__set_max_entries(skeleton.maps.events, size);
  skeleton.rodata->everything = watching.everything;
  skeleton.rodata->children = watching.children;
  skeleton.rodata->deaths_only = watching.deaths_only;
  skeleton.rodata->wants_stacks = watching.stacks;
  skeleton.rodata->crowded = std::uint64_t{size} / 4 * 3;
  skeleton.rodata->full = std::uint64_t{size} / 8 * 7;
  choose_programs(skeleton);
  auto loaded = load_or_explain([&] { return watch_bpf__load(&skeleton); }, on_line);
  if (!loaded) return tl::unexpected(loaded.error());
  TRY(name_managers(skeleton));
  programs->lost_.resize(SK_KINDS);
  for (const auto& layout : watching.shells) programs->know(layout);
  for (const auto& subject : watching.processes) {
    if (watching.everything || programs->add(subject)) continue;
    return fail(phrase("more than {} targets: no more can be watched by pid", SK_MOST_TARGETS),
                phrase("watch --all, and filter"), "bpf.targets");
  }
  programs->ring_ = Ring::map(bpf_map__fd(skeleton.maps.events), size);
  if (!programs->ring_) return tl::unexpected(not_loaded(errno, {}));
  return programs;
}

Programs::~Programs() {
  if (skeleton_) watch_bpf__destroy(skeleton_);
}

Result<void> Programs::attach() {
  int error = -watch_bpf__attach(skeleton_);
  if (error == 0) return {};
  return tl::unexpected(not_loaded(error, {}));
}

void Programs::detach() {
  // Programs are detached one by one. Exits first: else a process that ends now would lack the signal that ended it.
  bpf_link__destroy(std::exchange(skeleton_->links.on_exit, nullptr));
  watch_bpf__detach(skeleton_);
}

bool Programs::add(const ProcessKey& subject) {
  note(subject.pid);
  return bpf_map__update_elem(skeleton_->maps.targets, &subject.pid, sizeof subject.pid, &subject.start,
                              sizeof subject.start, BPF_ANY) == 0;
}

void Programs::know(const BashLayout& layout) {
  sk_bash_id id{layout.data, layout.code};
  sk_bash_places places{layout.line, layout.text, layout.function, layout.source};
  bpf_map__update_elem(skeleton_->maps.bashes, &id, sizeof id, &places, sizeof places, BPF_ANY);
}

void Programs::note(std::uint32_t pid) {
  __atomic_store_n(&skeleton_->bss->noted[pid % SK_NOTED], 1, __ATOMIC_RELEASE);
}

int Programs::targets_fd_for_any() {
  for (std::uint32_t pid = 0; pid < SK_NOTED; ++pid) note(pid);
  return bpf_map__fd(skeleton_->maps.targets);
}

int Programs::events_fd() const {
  return bpf_map__fd(skeleton_->maps.events);
}

bool Programs::take(std::size_t most, const Ring::Each& each) {
  return ring_->take(most, each);
}

std::uint64_t Programs::newly_lost(unsigned kind) {
  std::uint64_t now = __atomic_load_n(&skeleton_->bss->lost[kind], __ATOMIC_RELAXED);
  return now - std::exchange(lost_[kind], now);
}

std::uint64_t Programs::newly_unwatched() {
  std::uint64_t now = __atomic_load_n(&skeleton_->bss->unwatched, __ATOMIC_RELAXED);
  return now - std::exchange(unwatched_, now);
}

std::uint64_t Programs::misses() const {
  std::uint64_t all = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton_->obj) {
    bpf_prog_info info{};
    __u32 size = sizeof info;
    if (bpf_program__fd(program) >= 0 && bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0) {
      all += info.recursion_misses;
    }
  }
  return all;
}

std::vector<std::string> Programs::probes() const {
  std::vector<std::string> names;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton_->obj) {
    std::string_view section = bpf_program__section_name(program);
    if (section.starts_with('?')) section.remove_prefix(1);
    if (bpf_program__fd(program) >= 0) names.emplace_back(section);
  }
  return names;
}

}  // namespace stapkill
