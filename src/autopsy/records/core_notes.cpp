#include "autopsy/records/core_notes.h"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "autopsy/records/bytes.h"
#include "host/ask.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostNotes = 8 << 20;
constexpr std::uint64_t kMostFiles = 1 << 18;  // more than vm.max_map_count's default (65530)

/// Where a processor's structures have their fields: elf_prstatus (its registers begin at 112 or 72), elf_prpsinfo,
/// siginfo (include/uapi/asm-generic/siginfo.h). arch/{x86,arm64}/include/asm/{elf,user_64,user_32,compat}.h.
struct Layout {
  std::uint16_t machine;
  bool wide;                                                // words of 8 bytes
  std::size_t tid, counter;                                 // elf_prstatus: pr_pid, the instruction pointer
  std::size_t uid, uid_size, pid, parent, name, arguments;  // elf_prpsinfo
  std::size_t sent;                                         // siginfo: _sifields
};
constexpr std::array kLayouts = {
    Layout{EM_X86_64, true, 32, 112 + 16 * 8, 16, 4, 24, 28, 40, 56, 16},
    Layout{EM_AARCH64, true, 32, 112 + 32 * 8, 16, 4, 24, 28, 40, 56, 16},
    Layout{EM_386, false, 24, 72 + 12 * 4, 8, 2, 12, 16, 28, 44, 12},
};
constexpr std::size_t kSignal = 12;  // elf_prstatus: pr_cursig
constexpr std::size_t kNameSize = 16, kArgumentsSize = 80;
constexpr std::uint16_t kOverflowUid = 65534;  // a uid that does not fit into 16 bits

/// A part of a core; shorter where it ends before.
using ReadPart = std::function<std::string(std::uint64_t at, std::size_t size)>;

std::string part_of_file(int file, std::uint64_t at, std::size_t size) {
  std::string bytes;
  if (at > INT64_MAX - size) return bytes;
  bytes.resize(size);
  std::size_t have = 0;
  while (have < size) {
    auto got = ::pread(file, bytes.data() + have, size - have, static_cast<off_t>(at + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

std::uint64_t word_at(std::string_view bytes, std::size_t at, bool wide) {
  return wide ? number_at<std::uint64_t>(bytes, at) : number_at<std::uint32_t>(bytes, at);
}

struct Segment {
  std::uint32_t type = 0;
  std::uint64_t offset = 0, size = 0;
};

template <typename Header>
Segment segment_of(std::string_view bytes) {
  return {number_at<std::uint32_t>(bytes, offsetof(Header, p_type)),
          number_at<decltype(Header::p_offset)>(bytes, offsetof(Header, p_offset)),
          number_at<decltype(Header::p_filesz)>(bytes, offsetof(Header, p_filesz))};
}

/// The segments that the header counts itself: of a process with more than 65534, the first ones.
template <typename File, typename Header>
std::vector<Segment> segments_of(const ReadPart& part, std::string_view head, bool& whole) {
  auto at = number_at<decltype(File::e_phoff)>(head, offsetof(File, e_phoff));
  auto count = number_at<std::uint16_t>(head, offsetof(File, e_phnum));
  auto size = number_at<std::uint16_t>(head, offsetof(File, e_phentsize));
  std::vector<Segment> segments;
  if (size != sizeof(Header)) return segments;
  auto table = part(at, std::size_t{count} * size);
  whole = table.size() == std::size_t{count} * size;
  for (std::string_view rest = table; rest.size() >= sizeof(Header); rest.remove_prefix(sizeof(Header)))
    segments.push_back(segment_of<Header>(rest));
  return segments;
}

std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

/// Reads the notes, one at a time.
class Notes {
 public:
  Notes(const Layout& layout, CoreFacts& facts) : layout_(layout), facts_(facts) {}

  void take(std::string_view notes) {
    constexpr std::size_t kHeader = 12;
    while (notes.size() >= kHeader) {
      std::size_t name_size = number_at<std::uint32_t>(notes, 0), size = number_at<std::uint32_t>(notes, 4);
      auto type = number_at<std::uint32_t>(notes, 8);
      notes.remove_prefix(kHeader);
      if (padded(name_size) > notes.size()) return;
      auto name = notes.substr(0, name_size);
      notes.remove_prefix(padded(name_size));
      if (size > notes.size()) return;  // truncated
      if (name == std::string_view("CORE\0", 5)) take(type, notes.substr(0, size));
      notes.remove_prefix(std::min(padded(size), notes.size()));
    }
  }

  void finish() {
    for (const auto& [address, file, offset] :
         {std::tuple(counter_, &facts_.module, &facts_.offset), std::tuple(headers_, &facts_.exe, &unused_)}) {
      auto at = std::find_if(files_.begin(), files_.end(), [&, wanted = address](const MappedFile& mapped) {
        return wanted >= mapped.begin && wanted < mapped.end;
      });
      if (address == 0 || at == files_.end()) continue;
      *file = at->name;
      *offset = address - at->begin + at->offset;
    }
  }

  bool has_process() const { return has_process_; }

 private:
  struct MappedFile {
    std::uint64_t begin, end, offset;
    std::string name;
  };

  void take(std::uint32_t type, std::string_view note) {
    if (type == NT_PRSTATUS && !has_thread_) take_thread(note);
    if (type == NT_PRPSINFO && !has_process_) take_process(note);
    if (type == NT_SIGINFO && !facts_.sent) take_signal(note);
    if (type == NT_AUXV && !headers_) take_auxiliary(note);
    if (type == NT_FILE && files_.empty()) take_files(note);
  }

  /// The first thread is the one that dumped (fill_note_info keeps it at the head of its list).
  void take_thread(std::string_view note) {
    has_thread_ = true;
    facts_.by_kernel = !has_process_;
    facts_.signal = number_at<std::int16_t>(note, kSignal);
    facts_.tid = number_at<std::int32_t>(note, layout_.tid);
    counter_ = word_at(note, layout_.counter, layout_.wide);
  }

  void take_process(std::string_view note) {
    has_process_ = true;
    facts_.pid = number_at<std::int32_t>(note, layout_.pid);
    facts_.parent = number_at<std::int32_t>(note, layout_.parent);
    auto narrow = number_at<std::uint16_t>(note, layout_.uid);
    if (layout_.uid_size == 4)
      facts_.uid = number_at<std::uint32_t>(note, layout_.uid);
    else if (narrow != kOverflowUid)
      facts_.uid = narrow;
    facts_.comm = text_at(note, layout_.name, kNameSize);
    facts_.arguments = text_at(note, layout_.arguments, kArgumentsSize);
    while (facts_.arguments.ends_with(' ')) facts_.arguments.pop_back();
  }

  void take_signal(std::string_view note) {
    CoreSignal sent;
    sent.number = number_at<std::int32_t>(note, 0);
    sent.code = number_at<std::int32_t>(note, 8);
    sent.pid = number_at<std::int32_t>(note, layout_.sent);
    sent.uid = number_at<std::uint32_t>(note, layout_.sent + 4);
    sent.address = word_at(note, layout_.sent, layout_.wide);
    sent.call = number_at<std::int32_t>(note, layout_.sent + (layout_.wide ? 8 : 4));
    if (note.size() >= layout_.sent + 8) facts_.sent = sent;
  }

  void take_auxiliary(std::string_view note) {
    const std::size_t word = layout_.wide ? 8 : 4;
    for (; note.size() >= 2 * word; note.remove_prefix(2 * word))
      if (word_at(note, 0, layout_.wide) == AT_PHDR) headers_ = word_at(note, word, layout_.wide);
  }

  /// count, page size, then count of (begin, end, offset in pages), then the names (fill_files_note).
  void take_files(std::string_view note) {
    const std::size_t word = layout_.wide ? 8 : 4;
    auto count = word_at(note, 0, layout_.wide), page = word_at(note, word, layout_.wide);
    if (note.size() < 2 * word || count > kMostFiles || count > (note.size() - 2 * word) / (3 * word)) return;
    auto names = note.substr(static_cast<std::size_t>(2 + 3 * count) * word);
    for (std::size_t i = 0; i < count && !names.empty(); ++i) {
      auto number = [&](std::size_t which) { return word_at(note, (2 + 3 * i + which) * word, layout_.wide); };
      auto name = names.substr(0, names.find('\0'));
      files_.push_back({number(0), number(1), number(2) * page, std::string(name)});
      names.remove_prefix(std::min(name.size() + 1, names.size()));
    }
  }

  const Layout& layout_;
  CoreFacts& facts_;
  std::vector<MappedFile> files_;
  std::uint64_t counter_ = 0, headers_ = 0, unused_ = 0;
  bool has_thread_ = false, has_process_ = false;
};

const Layout* layout_of(std::string_view head) {
  bool wide = head[EI_CLASS] == ELFCLASS64;
  auto machine = number_at<std::uint16_t>(head, offsetof(Elf64_Ehdr, e_machine));
  auto at = std::find_if(kLayouts.begin(), kLayouts.end(),
                         [&](const Layout& layout) { return layout.machine == machine && layout.wide == wide; });
  return at == kLayouts.end() || head[EI_DATA] != ELFDATA2LSB ? nullptr : &*at;
}

/// `size`: of the whole core; none where it is not known.
Result<CoreFacts> read_core(const ReadPart& part, std::optional<std::uint64_t> size) {
  auto head = part(0, sizeof(Elf64_Ehdr));
  if (head.size() < sizeof(Elf32_Ehdr) || !head.starts_with(ELFMAG)) return fail("not an ELF file");
  if (number_at<std::uint16_t>(head, offsetof(Elf64_Ehdr, e_type)) != ET_CORE) return fail("not a core file");
  const auto* layout = layout_of(head);
  if (!layout) return fail("a core file of a processor that is not known here");

  CoreFacts facts;
  bool whole = true;
  auto segments = layout->wide ? segments_of<Elf64_Ehdr, Elf64_Phdr>(part, head, whole)
                               : segments_of<Elf32_Ehdr, Elf32_Phdr>(part, head, whole);
  Notes notes(*layout, facts);
  facts.truncated = size && !whole;
  std::size_t room = kMostNotes;
  for (const auto& segment : segments) {
    bool outside = size && (segment.offset > *size || segment.size > *size - segment.offset);
    if (segment.size > 0 && outside) facts.truncated = true;
    if (segment.type != PT_NOTE || room == 0) continue;
    auto bytes = part(segment.offset, static_cast<std::size_t>(std::min<std::uint64_t>(segment.size, room)));
    room -= bytes.size();
    notes.take(bytes);
  }
  if (!notes.has_process())
    return fail(facts.truncated ? "truncated before it names the process" : "not the core file of a process");
  notes.finish();
  return facts;
}

}  // namespace

Result<CoreFacts> read_core_notes(int file) {
  struct stat info {};
  if (::fstat(file, &info) != 0) return fail(reason(errno));
  return read_core([file](std::uint64_t at, std::size_t size) { return part_of_file(file, at, size); },
                   static_cast<std::uint64_t>(info.st_size));
}

Result<CoreFacts> read_core_notes(std::string_view head) {
  auto part = [head](std::uint64_t at, std::size_t size) {
    return std::string(at < head.size() ? head.substr(static_cast<std::size_t>(at), size) : std::string_view());
  };
  return read_core(part, std::nullopt);
}

}  // namespace stapkill
