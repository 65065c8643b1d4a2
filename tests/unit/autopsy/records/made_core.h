#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

/// Cores as the kernel writes them (fs/binfmt_elf.c), as far as their notes go.
class MadeCore {
 public:
  bool debugger = false;  ///< gdb's gcore: the process's note comes first
  bool wide = true;
  std::uint16_t machine = EM_X86_64;
  int signal = 11, code = 1, pid = 4711, tid = 4712, parent = 1;
  std::uint32_t uid = 33;
  std::uint64_t address = 0;  ///< or the sender: pid, uid << 32
  std::uint64_t counter = 0x7f0000001234;
  std::string comm = "nginx", arguments = "nginx: worker process ";
  bool has_signal = true;
  std::uint64_t memory = 0;  ///< bytes of a segment behind the notes that the file lacks

  void sent_by(int sender, std::uint32_t user, int its_code) {
    code = its_code;
    address = static_cast<std::uint32_t>(sender) | static_cast<std::uint64_t>(user) << 32;
  }

  std::string bytes() const { return wide ? of<Elf64_Ehdr, Elf64_Phdr>() : of<Elf32_Ehdr, Elf32_Phdr>(); }

 private:
  static void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
    if (bytes.size() < at + size) bytes.resize(at + size);
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> 8 * i);
  }

  static void note(std::string& notes, std::uint32_t type, std::string body) {
    auto at = notes.size();
    put(notes, at, 5, 4);
    put(notes, at + 4, body.size(), 4);
    put(notes, at + 8, type, 4);
    notes += std::string_view("CORE\0\0\0\0", 8);
    notes += body;
    notes.resize((notes.size() + 3) / 4 * 4);
  }

  std::string thread() const {
    std::string body(wide ? (machine == EM_AARCH64 ? 392 : 336) : 144, '\0');
    put(body, 12, static_cast<std::uint64_t>(signal), 2);
    put(body, wide ? 32 : 24, static_cast<std::uint64_t>(tid), 4);
    if (!wide) put(body, 72 + 12 * 4, counter, 4);
    if (wide) put(body, machine == EM_AARCH64 ? 112 + 32 * 8 : 112 + 16 * 8, counter, 8);
    return body;
  }

  std::string process() const {
    std::string body(wide ? 136 : 124, '\0');
    put(body, wide ? 16 : 8, uid, wide ? 4 : 2);
    put(body, wide ? 24 : 12, static_cast<std::uint64_t>(pid), 4);
    put(body, wide ? 28 : 16, static_cast<std::uint64_t>(parent), 4);
    body.replace(wide ? 40 : 28, comm.size(), comm);
    body.replace(wide ? 56 : 44, arguments.size(), arguments);
    return body;
  }

  std::string signal_info() const {
    std::string body(128, '\0');
    put(body, 0, static_cast<std::uint64_t>(signal), 4);
    put(body, 8, static_cast<std::uint64_t>(code), 4);
    put(body, wide ? 16 : 12, address, wide ? 8 : 4);
    if (!wide) put(body, 16, address >> 32, 4);
    return body;
  }

  std::string files() const {
    const std::size_t word = wide ? 8 : 4;
    std::string body;
    std::uint64_t base = wide ? 0x7f0000000000 : 0xf7000000;
    const std::uint64_t numbers[] = {2, 4096, 0x400000, 0x500000, 0, base, base + 0x100000, 0x2a};
    for (auto number : numbers) put(body, body.size(), number, word);
    body += std::string_view("/usr/sbin/nginx\0/usr/lib/libc.so.6\0", 35);
    return body;
  }

  std::string notes() const {
    std::string all, auxiliary;
    const std::size_t word = wide ? 8 : 4;
    for (auto number : {AT_PHDR, 0x400040, AT_NULL, 0})
      put(auxiliary, auxiliary.size(), static_cast<std::uint64_t>(number), word);
    if (debugger) note(all, NT_PRPSINFO, process());
    note(all, NT_PRSTATUS, thread());
    if (!debugger) note(all, NT_PRPSINFO, process());
    if (has_signal) note(all, NT_SIGINFO, signal_info());
    note(all, NT_AUXV, auxiliary);
    note(all, NT_FILE, files());
    return all;
  }

  template <typename File, typename Header>
  std::string of() const {
    auto all = notes();
    File head{};
    std::memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_type = ET_CORE;
    head.e_machine = machine;
    head.e_phoff = sizeof head;
    head.e_phentsize = sizeof(Header);
    head.e_phnum = 2;
    Header segments[2] = {};
    segments[0].p_type = PT_NOTE;
    segments[0].p_offset = sizeof head + sizeof segments;
    segments[0].p_filesz = static_cast<decltype(segments[0].p_filesz)>(all.size());
    segments[1].p_type = PT_LOAD;
    segments[1].p_offset = segments[0].p_offset + segments[0].p_filesz;
    segments[1].p_filesz = static_cast<decltype(segments[0].p_filesz)>(memory);
    std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
    bytes.append(reinterpret_cast<const char*>(segments), sizeof segments);
    return bytes + all;
  }
};
