#include "host/unwind.h"

#include <cxxabi.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace stapkill {
namespace {

constexpr std::size_t kMostFrames = 64;
constexpr std::size_t kMostName = 512;
constexpr std::uint64_t kPage = 4096;

std::string build_id_of(Dwfl_Module* module) {
  const unsigned char* bytes = nullptr;
  GElf_Addr address = 0;
  int length = dwfl_module_build_id(module, &bytes, &address);
  std::string hex;
  for (int at = 0; at < length; ++at) hex += fmt::format("{:02x}", bytes[at]);
  return hex;
}

/// Distributions' packages with debug information have it here (gdb's manual, "Separate Debug Files"). Returns a
/// descriptor, or -1. `user` is the module's FetchDebugFile.
int find_debug_file(Dwfl_Module* module, void** user, const char* /*name*/, Dwarf_Addr /*base*/, const char* /*file*/,
                    const char* /*link*/, GElf_Word /*crc*/, char** path) {
  auto id = build_id_of(module);
  if (id.size() < 3) return -1;
  auto name = fmt::format("/usr/lib/debug/.build-id/{}/{}.debug", id.substr(0, 2), id.substr(2));
  Fd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  const auto* fetch = static_cast<const FetchDebugFile*>(*user);
  if (!file && *fetch) file = (*fetch)(id);
  if (file) *path = ::strdup(name.c_str());
  return file.release();
}

int find_no_elf(Dwfl_Module* /*module*/, void** /*user*/, const char* /*name*/, Dwarf_Addr /*base*/, char** /*path*/,
                Elf** /*elf*/) {
  return -1;
}

/// How far a mapped file lies above the addresses that it has for itself; none where the mapping is none of its
/// segments.
std::optional<std::uint64_t> bias_of(const CodeMapping& mapping, int file) {
  std::unique_ptr<Elf, int (*)(Elf*)> elf(elf_begin(file, ELF_C_READ_MMAP, nullptr), &elf_end);
  std::size_t count = 0;
  if (!elf || elf_getphdrnum(elf.get(), &count) != 0) return std::nullopt;
  for (std::size_t at = 0; at < count; ++at) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf.get(), static_cast<int>(at), &header) || header.p_type != PT_LOAD) continue;
    auto begin = header.p_offset & ~(kPage - 1);
    if (mapping.offset < begin || mapping.offset >= header.p_offset + header.p_filesz) continue;
    return mapping.start - mapping.offset + header.p_offset - header.p_vaddr;
  }
  return std::nullopt;
}

/// A symbol without what compilers and linkers add: the part of a function that was split or copied, a version.
std::string plain_symbol(std::string_view symbol) {
  constexpr std::string_view kAdded[] = {".cold",      ".part.", ".isra.", ".constprop.",
                                         ".lto_priv.", ".llvm.", ".abi0",  "@"};
  auto end = symbol.size();
  for (auto added : kAdded) {
    if (auto at = symbol.find(added, 1); at < end) end = at;
  }
  return std::string(symbol.substr(0, end));
}

/// Go's runtime runs its own code on another stack: what lies there has not called these.
bool leaves_stack(const Frame& frame) {
  constexpr std::string_view kSwitches[] = {"runtime.systemstack", "runtime.mcall", "runtime.morestack",
                                            "runtime.asmcgocall", "runtime.systemstack_switch"};
  return frame.function &&
         std::find(std::begin(kSwitches), std::end(kSwitches), *frame.function) != std::end(kSwitches);
}

/// libdwfl's view of a stack that was copied.
class Unwinder {
 public:
  Unwinder(const UserStack& stack, const FetchDebugFile& fetch)
      : stack_(stack), fetch_(fetch), dwfl_(dwfl_begin(&kFiles), &dwfl_end) {
    elf_version(EV_CURRENT);
  }

  void report(const std::vector<Fd>& files) {
    if (!dwfl_) return;
    dwfl_report_begin(dwfl_.get());
    std::vector<std::pair<std::uint64_t, std::uint64_t>> known;  // inode and bias: a file can be mapped in parts
    for (std::size_t at = 0; at < stack_.code.size() && at < files.size(); ++at) {
      const auto& mapping = stack_.code[at];
      auto bias = files[at] ? bias_of(mapping, files[at].get()) : std::nullopt;
      if (!bias || std::find(known.begin(), known.end(), std::pair(mapping.inode, *bias)) != known.end()) continue;
      known.emplace_back(mapping.inode, *bias);
      int file = ::fcntl(files[at].get(), F_DUPFD_CLOEXEC, 3);
      // dwfl_report_elf keeps the descriptor of a module that it takes.
      auto* module = dwfl_report_elf(dwfl_.get(), mapping.path.c_str(), mapping.path.c_str(), file, *bias, true);
      if (!module) {
        ::close(file);
        continue;
      }
      void** user = nullptr;
      dwfl_module_info(module, &user, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
      *user = const_cast<FetchDebugFile*>(&fetch_);
    }
    dwfl_report_end(dwfl_.get(), nullptr, nullptr);
  }

  std::vector<Frame> frames() {
    if (dwfl_ && dwfl_attach_state(dwfl_.get(), nullptr, stack_.pid, &kThreads, this)) {
      dwfl_getthread_frames(dwfl_.get(), stack_.pid, &take_frame, this);
    }
    if (frames_.empty()) add(stack_.registers[UserStack::kInstruction], true);
    return std::move(frames_);
  }

 private:
  /// A return address is that of the next instruction, which can belong to another line or function.
  void add(std::uint64_t address, bool is_exact) {
    frames_.push_back(frame_at(stack_, address));
    if (!dwfl_) return;
    Frame& frame = frames_.back();
    auto inside = is_exact ? address : address - 1;
    Dwfl_Module* module = dwfl_addrmodule(dwfl_.get(), inside);
    if (!module) return;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* name = dwfl_module_addrinfo(module, inside, &offset, &symbol, nullptr, nullptr, nullptr);
    if (name && *name) frame.function = readable(name);
    if (auto id = build_id_of(module); !id.empty()) frame.build_id = id;
    Dwfl_Line* line = dwfl_module_getsrc(module, inside);
    int number = 0;
    const char* file = line ? dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr) : nullptr;
    if (!file || number <= 0) return;
    frame.file = std::string(file).substr(0, kMostName);
    frame.line = number;
  }

  /// A symbol as its source calls it; Rust's have a hash at the end.
  static std::string readable(const char* symbol) {
    int status = 0;
    auto name = plain_symbol(symbol);
    std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                &std::free);
    if (status == 0 && text) name = text.get();
    constexpr std::string_view kHash = "::h";
    constexpr std::size_t kDigits = 16;
    if (auto at = name.rfind(kHash); at != std::string::npos && name.size() - at == kHash.size() + kDigits &&
                                     std::all_of(name.begin() + static_cast<std::ptrdiff_t>(at + kHash.size()),
                                                 name.end(), [](unsigned char c) { return std::isxdigit(c); })) {
      name.resize(at);
    }
    return name.substr(0, kMostName);
  }

  static int take_frame(Dwfl_Frame* state, void* own) {
    auto* unwinder = static_cast<Unwinder*>(own);
    Dwarf_Addr address = 0;
    bool exact = false;
    if (!dwfl_frame_pc(state, &address, &exact)) return DWARF_CB_ABORT;
    // A caller that is no code: what comes out of the stack is no longer a call. The first is where a wild jump went.
    bool first = unwinder->frames_.empty();
    if (!first && frame_at(unwinder->stack_, address).module.empty()) return DWARF_CB_ABORT;
    unwinder->add(address, exact);
    bool more = unwinder->frames_.size() < kMostFrames && !leaves_stack(unwinder->frames_.back());
    return more ? DWARF_CB_OK : DWARF_CB_ABORT;
  }

  static pid_t next_thread(Dwfl* /*dwfl*/, void* own, void** thread) {
    if (*thread) return 0;
    *thread = own;
    return static_cast<Unwinder*>(own)->stack_.pid;
  }

  static bool read_memory(Dwfl* /*dwfl*/, Dwarf_Addr address, Dwarf_Word* word, void* own) {
    const UserStack& stack = static_cast<Unwinder*>(own)->stack_;
    if (address < stack.from || address - stack.from > stack.memory.size() ||
        stack.memory.size() - (address - stack.from) < sizeof *word)
      return false;
    std::memcpy(word, stack.memory.data() + (address - stack.from), sizeof *word);
    return true;
  }

  static bool set_registers(Dwfl_Thread* thread, void* own) {
    const auto& registers = static_cast<Unwinder*>(own)->stack_.registers;
    static_assert(sizeof(Dwarf_Word) == sizeof registers[0]);
    Dwarf_Word words[UserStack::kRegisters];
    std::copy(registers.begin(), registers.end(), words);
    return dwfl_thread_state_registers(thread, 0, UserStack::kRegisters, words);
  }

  static constexpr Dwfl_Callbacks kFiles = {find_no_elf, find_debug_file, dwfl_offline_section_address, nullptr};
  static constexpr Dwfl_Thread_Callbacks kThreads = {next_thread,   nullptr, read_memory,
                                                     set_registers, nullptr, nullptr};

  const UserStack& stack_;
  const FetchDebugFile& fetch_;
  std::unique_ptr<Dwfl, void (*)(Dwfl*)> dwfl_;
  std::vector<Frame> frames_;
};

}  // namespace

bool can_unwind() {
  return true;
}

std::vector<Frame> unwind(const UserStack& stack, const std::vector<Fd>& files, const FetchDebugFile& fetch) {
  Unwinder unwinder(stack, fetch);
  unwinder.report(files);
  return unwinder.frames();
}

}  // namespace stapkill
