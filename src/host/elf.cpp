#include "host/elf.h"

#include <fmt/format.h>
#include <gelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "host/ask.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostNotes = 1 << 20;
constexpr std::size_t kMostSymbols = 64 << 20;  // bytes of a table
constexpr std::string_view kGnu("GNU\0", 4);    // a note's name has its NUL

std::string id_of_data(const Elf_Data* data) {
  if (!data || !data->d_buf || data->d_size > kMostNotes) return {};
  return build_id_of_notes({static_cast<const char*>(data->d_buf), data->d_size});
}

std::string id_of_segments(Elf* elf) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return {};
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf, static_cast<int>(i), &header) || header.p_type != PT_NOTE) continue;
    if (header.p_filesz > kMostNotes) continue;
    auto offset = static_cast<std::int64_t>(header.p_offset);
    auto id = id_of_data(elf_getdata_rawchunk(elf, offset, header.p_filesz, ELF_T_BYTE));
    if (!id.empty()) return id;
  }
  return {};
}

/// Detached debuginfo may have its notes only in sections.
std::string id_of_sections(Elf* elf) {
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf, section))) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE) continue;
    if (header.sh_size > kMostNotes) continue;  // before reading it
    if (auto id = id_of_data(elf_rawdata(section, nullptr)); !id.empty()) return id;
  }
  return {};
}

/// Whether a file claims more segments or sections than fit into its header. Kernels have some dozens; libelf allocates
/// whatever a sparse file claims.
bool too_many_parts(int fd) {
  unsigned char header[64] = {};
  if (::pread(fd, header, sizeof header, 0) < 52) return false;  // libelf reports what is wrong with it
  bool wide = header[EI_CLASS] == ELFCLASS64;
  auto both = [&](std::size_t narrow, std::size_t at) {
    const auto* bytes = &header[wide ? at : narrow];
    return std::pair<unsigned, unsigned>(bytes[0], bytes[1]);
  };
  bool segments = both(offsetof(Elf32_Ehdr, e_phnum), offsetof(Elf64_Ehdr, e_phnum)) == std::pair(0xffU, 0xffU);
  bool sections = both(offsetof(Elf32_Ehdr, e_shnum), offsetof(Elf64_Ehdr, e_shnum)) != std::pair(0U, 0U);
  const auto* offset = &header[wide ? offsetof(Elf64_Ehdr, e_shoff) : offsetof(Elf32_Ehdr, e_shoff)];
  bool table = std::any_of(offset, offset + (wide ? 8 : 4), [](unsigned char byte) { return byte != 0; });
  return segments || (table && !sections);
}

/// The symbols of one table that the file defines; none where it or its strings are outside of the file or too large.
void visit_symbols(Elf* elf, Elf_Scn* section, std::uint64_t file_size,
                   const std::function<void(std::string_view, const GElf_Sym&)>& visit) {
  auto fits = [&](const GElf_Shdr& header) {
    return header.sh_size <= kMostSymbols && header.sh_offset <= file_size &&
           header.sh_size <= file_size - header.sh_offset;
  };
  GElf_Shdr header, strings;
  if (!gelf_getshdr(section, &header) || (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM)) return;
  if (header.sh_entsize == 0 || !fits(header)) return;
  if (!gelf_getshdr(elf_getscn(elf, header.sh_link), &strings) || !fits(strings)) return;
  Elf_Data* data = elf_getdata(section, nullptr);
  for (std::size_t i = 0; data && i < header.sh_size / header.sh_entsize && i <= INT32_MAX; ++i) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, static_cast<int>(i), &symbol)) return;
    if (symbol.st_shndx == SHN_UNDEF) continue;
    if (const char* name = elf_strptr(elf, header.sh_link, symbol.st_name); name && *name) visit(name, symbol);
  }
}

using ElfFile = std::unique_ptr<Elf, int (*)(Elf*)>;

/// An open file; null, with `why`, where it is no ELF file that can be read safely. Read, not mapped: a file that is
/// truncated during the read is then an error, not SIGBUS.
ElfFile open_elf(int fd, Phrase& why) {
  ElfFile elf(nullptr, &elf_end);
  elf_version(EV_CURRENT);
  if (too_many_parts(fd)) {
    why = phrase("an ELF file of too many parts");
  } else {
    elf.reset(elf_begin(fd, ELF_C_READ, nullptr));
    if (!elf || elf_kind(elf.get()) != ELF_K_ELF) why = phrase("not an ELF file");
  }
  if (!why.empty()) elf.reset();
  return elf;
}

std::string id_of_notes(std::string_view notes, bool swapped) {
  constexpr std::size_t kHeader = 12;
  auto padded = [](std::size_t size) { return (size + 3) & ~std::size_t{3}; };
  auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, notes.data() + at, sizeof value);
    return swapped ? __builtin_bswap32(value) : value;
  };
  while (notes.size() >= kHeader) {
    std::size_t name_size = number(0), size = number(4);
    auto type = number(8);
    notes.remove_prefix(kHeader);
    if (name_size > notes.size() || padded(name_size) > notes.size()) return {};
    auto name = notes.substr(0, name_size);
    notes.remove_prefix(padded(name_size));
    if (size > notes.size()) return {};
    if (type == NT_GNU_BUILD_ID && name == kGnu) {
      std::string hex;
      for (char byte : notes.substr(0, size)) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      return hex;
    }
    notes.remove_prefix(std::min(padded(size), notes.size()));
  }
  return {};
}

}  // namespace

std::string build_id_of_notes(std::string_view notes) {
  auto id = id_of_notes(notes, false);
  // A captured host may have another byte order.
  return id.empty() ? id_of_notes(notes, true) : id;
}

Fact<bool> ask_debug_info(const Tree& tree, const std::string& path) {
  Phrase why;
  Fd file = open_regular(tree, path, why);
  int fd = file.get();
  if (!file) return unknown<bool>(why);
  auto elf = open_elf(fd, why);
  if (!elf) return unknown<bool>(why);
  std::size_t names = 0, count = 0;
  if (elf_getshdrnum(elf.get(), &count) != 0 || elf_getshdrstrndx(elf.get(), &names) != 0)
    return unknown<bool>(phrase("a damaged ELF file"));
  struct stat info {};
  if (::fstat(fd, &info) != 0) return unknown<bool>(reason(errno));
  // libelf reads all names to return the first one.
  GElf_Shdr table;
  if (!gelf_getshdr(elf_getscn(elf.get(), names), &table) || table.sh_size > kMostNotes)
    return unknown<bool>(phrase("a damaged ELF file"));
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf.get(), section))) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header)) return unknown<bool>(phrase("a damaged ELF file"));
    const char* name = elf_strptr(elf.get(), names, header.sh_name);
    if (!name || (std::strcmp(name, ".debug_info") != 0 && std::strcmp(name, ".zdebug_info") != 0)) continue;
    if (header.sh_type == SHT_NOBITS || header.sh_size == 0) continue;
    auto size = static_cast<std::uint64_t>(info.st_size);
    if (header.sh_offset > size || header.sh_size > size - header.sh_offset)
      return unknown<bool>(phrase("a truncated ELF file"));
    return known(true);
  }
  return known(false);
}

Phrase for_each_function(const Tree& tree, const std::string& path,
                         const std::function<void(std::string_view)>& visit) {
  Phrase why;
  Fd file = open_regular(tree, path, why);
  int fd = file.get();
  if (!file) return why;
  struct stat info {};
  if (::fstat(fd, &info) != 0) return reason(errno);
  auto elf = open_elf(fd, why);
  Elf_Scn* section = nullptr;
  while (elf && (section = elf_nextscn(elf.get(), section))) {
    visit_symbols(elf.get(), section, static_cast<std::uint64_t>(info.st_size),
                  [&](std::string_view name, const GElf_Sym& symbol) {
                    if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC) visit(name);
                  });
  }
  return why;
}

std::optional<ElfEnds> ends_of_program(int file) {
  Phrase why;
  auto elf = open_elf(file, why);
  std::size_t count = 0;
  if (!elf || elf_getphdrnum(elf.get(), &count) != 0) return std::nullopt;
  ElfEnds ends;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf.get(), static_cast<int>(i), &header) || header.p_type != PT_LOAD) continue;
    auto end = header.p_vaddr + header.p_filesz;
    if (header.p_flags & PF_X) ends.code = std::max(ends.code, end);
    ends.last_segment = std::max(ends.last_segment, header.p_vaddr);
    ends.data = std::max(ends.data, end);
  }
  return ends.code ? std::optional(ends) : std::nullopt;
}

std::vector<std::uint64_t> addresses_of_variables(int file, std::span<const std::string_view> names) {
  std::vector<std::uint64_t> addresses(names.size());
  Phrase why;
  struct stat info {};
  auto elf = open_elf(file, why);
  if (!elf || ::fstat(file, &info) != 0) return addresses;
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf.get(), section))) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM) continue;
    visit_symbols(elf.get(), section, static_cast<std::uint64_t>(info.st_size),
                  [&](std::string_view name, const GElf_Sym& symbol) {
                    if (GELF_ST_TYPE(symbol.st_info) != STT_OBJECT) return;
                    auto at = std::find(names.begin(), names.end(), name);
                    if (at != names.end()) addresses[static_cast<std::size_t>(at - names.begin())] = symbol.st_value;
                  });
  }
  return addresses;
}

Fact<std::string> ask_build_id(const Tree& tree, const std::string& path) {
  Phrase why;
  Fd file = open_regular(tree, path, why);
  int fd = file.get();
  if (!file) return unknown<std::string>(why);
  char magic[SELFMAG] = {};
  if (::pread(fd, magic, sizeof magic, 0) != sizeof magic)
    return unknown<std::string>(phrase("too short for an ELF file"));
  if (std::memcmp(magic, ELFMAG, SELFMAG) != 0) {
    auto raw = ask_file(tree, path);
    auto id = raw ? build_id_of_notes(*raw) : std::string();
    return id.empty() ? unknown<std::string>(phrase("not an ELF file")) : known(std::move(id));
  }
  auto elf = open_elf(fd, why);
  if (!elf) return unknown<std::string>(why);
  auto id = id_of_segments(elf.get());
  if (id.empty()) id = id_of_sections(elf.get());
  return id.empty() ? unknown<std::string>(phrase("an ELF file without a build id")) : known(std::move(id));
}

}  // namespace stapkill
