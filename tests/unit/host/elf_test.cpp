#include "host/elf.h"

#include <elf.h>

#include <cstring>
#include <set>

#include "catch.h"
#include "host/ask.h"
#include "temporary.h"

using namespace stapkill;

namespace {

std::string number(std::uint32_t value, bool swapped = false) {
  if (swapped) value = __builtin_bswap32(value);
  return {reinterpret_cast<const char*>(&value), 4};
}

std::string note(std::string name, std::string value, std::uint32_t type, bool swapped = false) {
  std::string text = number(static_cast<std::uint32_t>(name.size()), swapped) +
                     number(static_cast<std::uint32_t>(value.size()), swapped) + number(type, swapped);
  name.resize((name.size() + 3) / 4 * 4);
  value.resize((value.size() + 3) / 4 * 4);
  return text + name + value;
}

const std::string kGnu("GNU\0", 4), kLinux("Linux\0", 6);
const std::string kId("\x01\x23\x45\x67\x89\xab\xcd\xef\x00\xff", 10);
constexpr char kHex[] = "0123456789abcdef00ff";

struct Parts {
  std::string segment, section;
  std::uint64_t section_size = 0;  // claimed, not the real one
};

/// An ELF file of one note segment or one note section.
std::string elf_of(const Parts& parts) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  std::string body;
  std::size_t at = sizeof header + sizeof(Elf64_Phdr) + 2 * sizeof(Elf64_Shdr);
  Elf64_Phdr segment{};
  Elf64_Shdr sections[2]{};
  if (!parts.segment.empty()) {
    header.e_phoff = sizeof header;
    header.e_phnum = 1;
    segment.p_type = PT_NOTE;
    segment.p_offset = at;
    segment.p_filesz = parts.segment.size();
    body += parts.segment;
  }
  if (!parts.section.empty()) {
    header.e_shoff = sizeof header + sizeof segment;
    header.e_shnum = 2;
    sections[1].sh_type = SHT_NOTE;
    sections[1].sh_offset = at + body.size();
    sections[1].sh_size = parts.section_size ? parts.section_size : parts.section.size();
    body += parts.section;
  }
  auto bytes = [](const auto& part) { return std::string(reinterpret_cast<const char*>(&part), sizeof part); };
  return bytes(header) + bytes(segment) + bytes(sections) + body;
}

Fact<std::string> id_of(const std::string& bytes) {
  Temporary root;
  root.write("file", bytes);
  return ask_build_id(Tree(root.path().string()), "/file");
}

}  // namespace

TEST_CASE("elf: build ids in notes", "[elf]") {
  auto id = note(kGnu, kId, NT_GNU_BUILD_ID);
  CHECK(build_id_of_notes(id) == kHex);
  CHECK(build_id_of_notes(note(kLinux, "x", 257) + id) == kHex);
  CHECK(build_id_of_notes(note(kGnu, "xyz", 1) + note(kLinux, kId, NT_GNU_BUILD_ID) + id + "rest") == kHex);
  CHECK(build_id_of_notes(note("", "", 0) + id) == kHex);
  CHECK(build_id_of_notes(note(kLinux, kId, NT_GNU_BUILD_ID)).empty());
  CHECK(build_id_of_notes(note("GNU", kId, NT_GNU_BUILD_ID)).empty());
  CHECK(build_id_of_notes("").empty());
}

TEST_CASE("elf: notes of the other byte order", "[elf]") {
  CHECK(build_id_of_notes(note(kLinux, "x", 257, true) + note(kGnu, kId, NT_GNU_BUILD_ID, true)) == kHex);
}

TEST_CASE("elf: notes cut short, and with sizes that lie", "[elf]") {
  auto notes = note(kLinux, "x", 257) + note(kGnu, kId, NT_GNU_BUILD_ID);
  for (std::size_t size = 0; size < notes.size() - 2; ++size) {  // the padding alone may be missing
    INFO(size);
    CHECK(build_id_of_notes(std::string(notes, 0, size)).empty());
  }
  CHECK(build_id_of_notes(std::string(notes, 0, notes.size() - 2)) == kHex);
  for (std::uint32_t size : {0xffffffffU, 0xfffffffdU, 0x7fffffffU, 0x80000000U}) {
    CHECK(build_id_of_notes(number(size) + number(4) + number(3) + kGnu + "abcd").empty());
    CHECK(build_id_of_notes(number(4) + number(size) + number(3) + kGnu + "abcd").empty());
  }
}

TEST_CASE("elf: files", "[elf]") {
  auto id = note(kGnu, kId, NT_GNU_BUILD_ID);
  CHECK(id_of(elf_of({id, "", 0})).value == kHex);
  CHECK(id_of(elf_of({"", id, 0})).value == kHex);
  CHECK(id_of(elf_of({note(kLinux, "x", 1), id, 0})).value == kHex);
  CHECK(id_of(elf_of({note(kLinux, "x", 1), "", 0})).why == "an ELF file without a build id");
  CHECK(id_of(id).value == kHex);  // /sys/kernel/notes
  CHECK(id_of("").why == "too short for an ELF file");
  CHECK(id_of("text, and no ELF file").why == "not an ELF file");
}

TEST_CASE("elf: damaged files", "[elf]") {
  auto whole = elf_of({"", note(kGnu, kId, NT_GNU_BUILD_ID), 0});
  for (std::size_t size = 4; size < whole.size() - 2; size += 3) {
    INFO(size);
    CHECK_FALSE(id_of(whole.substr(0, size)));
  }
  for (std::size_t at = 4; at < whole.size(); ++at) {
    for (char byte : {'\0', '\x7f', '\xff'}) {
      auto damaged = whole;
      damaged[at] = byte;
      (void)id_of(damaged);
    }
  }
}

TEST_CASE("elf: files of holes do not fill the memory", "[elf]") {
  Temporary root;
  auto tree = Tree(root.path().string());
  std::uint64_t huge = std::uint64_t{1} << 40;
  auto file = root.write("file", elf_of({"", "note", huge}));
  std::error_code no_room;  // a file system may not take such sizes
  std::filesystem::resize_file(file, huge + 4096, no_room);
  CHECK_FALSE(ask_build_id(tree, "/file"));
  auto text = elf_of({"", note(kGnu, kId, NT_GNU_BUILD_ID), 0});
  Elf64_Ehdr header{};
  std::memcpy(&header, text.data(), sizeof header);
  header.e_shnum = 0;  // "see section 0": 2^31 of them
  std::memcpy(text.data(), &header, sizeof header);
  std::uint64_t count = std::uint64_t{1} << 31;
  std::memcpy(text.data() + header.e_shoff + offsetof(Elf64_Shdr, sh_size), &count, 8);
  file = root.write("file", text);
  std::filesystem::resize_file(file, huge, no_room);
  CHECK(ask_build_id(tree, "/file").why == "an ELF file of too many parts");
}

TEST_CASE("elf: the functions of a program", "[elf]") {
  std::set<std::string> names;
  auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  CHECK(for_each_function(Tree(""), self, [&](std::string_view name) { names.emplace(name); }).empty());
  CHECK(names.count("main") == 1);
  CHECK(names.count("malloc") == 0);  // another library's
  CHECK(for_each_function(Tree(""), "/no/such", [](std::string_view) {}) == "no such file or directory");
  Temporary root;
  root.write("file", "text");
  CHECK(for_each_function(Tree(root.path().string()), "/file", [](std::string_view) {}) == "not an ELF file");
}
