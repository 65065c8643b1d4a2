#include "backend/stap/log_text.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "backend/stap/log_decoder.h"

namespace stapkill {
namespace {

// ---------------------------------------------------------------------------------------------------------------------
// Escape codes of terminals

/// The end of a string that began with ESC ] (or P, X, ^, _): after BEL or ESC \.
std::size_t end_of_string(std::string_view line, std::size_t at) {
  for (; at < line.size(); ++at) {
    if (line[at] == '\a') return at + 1;
    if (line[at] == '\033') return std::min(at + 2, line.size());
  }
  return line.size();
}

/// The end of the escape code at `at`; `at` when there is none.
std::size_t end_of_escape(std::string_view line, std::size_t at) {
  // "^[" is how cat -v and editors show ESC.
  bool shown = line.substr(at).starts_with("^[[");
  if (line[at] != '\033' && !shown) return at;
  std::size_t next = at + (shown ? 2 : 1);
  if (next >= line.size()) return line.size();
  if (line[next] == '[') {
    for (++next; next < line.size() && (line[next] < '@' || line[next] > '~');) ++next;
    return std::min(next + 1, line.size());
  }
  if (std::string_view("]PX^_").find(line[next]) != std::string_view::npos) return end_of_string(line, next + 1);
  if (std::string_view("()*+#%").find(line[next]) != std::string_view::npos) return std::min(next + 2, line.size());
  return next + 1;
}

/// The end of a colour that has lost its ESC ("[01;31m[K", as in pasted output of gcc); `at` when there is none.
std::size_t end_of_remnant(std::string_view line, std::size_t at) {
  static const re2::RE2 remnant(R"((\[\d{1,2}(;\d{1,3})*m(\[K)?|\[m\[K))", re2::RE2::Latin1);
  if (line[at] != '[') return at;
  re2::StringPiece rest(line.data() + at, line.size() - at);
  if (!re2::RE2::Consume(&rest, remnant)) return at;
  auto end = line.size() - rest.size();
  return end < line.size() && line[end] == ']' ? at : end;  // "[5m]" is a span of time
}

std::string without_escapes(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = end_of_escape(line, at);
    if (end == at) end = end_of_remnant(line, at);
    if (end == at) out += line[end++];
    at = end;
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// HTML

constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
    {"lt", "<"},          {"gt", ">"},         {"amp", "&"},        {"quot", "\""},      {"apos", "'"},
    {"nbsp", " "},        {"lsquo", "\u2018"}, {"rsquo", "\u2019"}, {"ldquo", "\u201c"}, {"rdquo", "\u201d"},
    {"hellip", "\u2026"}, {"ndash", "\u2013"}, {"mdash", "\u2014"},
};

/// The character that an entity's name stands for ("lt", "#39", "#x27"); "" for none.
std::string entity(std::string_view name) {
  if (name.starts_with('#')) {
    unsigned code = 0;
    re2::StringPiece digits(name.data() + 1, name.size() - 1);
    static const re2::RE2 hex("[xX]([0-9a-fA-F]{1,6})"), decimal(R"((\d{1,7}))");
    if (!re2::RE2::FullMatch(digits, hex, re2::RE2::Hex(&code)) && !re2::RE2::FullMatch(digits, decimal, &code))
      return {};
    if (code < 0x20 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
    std::string out;
    append_utf8(out, code);
    return out;
  }
  const auto* row =
      std::find_if(std::begin(kEntities), std::end(kEntities), [&](const auto& known) { return known.first == name; });
  return row == std::end(kEntities) ? std::string() : std::string(row->second);
}

std::string without_entities(std::string_view line) {
  constexpr std::size_t kLongest = 9;
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    auto end = line[at] == '&' ? line.substr(at + 1, kLongest).find(';') : std::string_view::npos;
    auto character = end == std::string_view::npos ? std::string() : entity(line.substr(at + 1, end));
    out += character.empty() ? std::string(1, line[at]) : character;
    if (!character.empty()) at += end + 1;
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// Prefixes of a message

struct Prefix {
  const char* pattern;
  bool stamps;           ///< a logger's: every line has it
  bool after_time;       ///< only after a time: elsewhere it would also fit messages
  bool is_time = false;  ///< patterns with TIME are times too
};

constexpr char kTimeOfDay[] = R"(\d\d:\d\d:\d\d(?:[.,]\d+)?)";

// Any can follow any other. Sources: the programs' own output, unless a file is named.
constexpr Prefix kPrefixes[] = {
    {R"([ \t]*>+(?: >+)* ?)", false, false},  // a quotation of a mail or an issue
    {R"(\xef\xbb\xbf)", false, false},        // a byte order mark
    // ISO 8601: journalctl -o short-iso, kubectl and docker logs -t, GitHub, GitLab, Azure; also "[…]" of Jenkins.
    {R"(\[?\d{4}[-/]\d\d[-/]\d\d[T ]TIME(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?[ \t|:]*)", true, false},
    // syslog, journalctl; a priority before it; journalctl in Chinese.
    {R"((?:<\d+>)?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +\d+|\d+月 +\d+)(?: \d{4})? TIME )",
     true, false},
    // The kernel's: dmesg, with the caller (CONFIG_PRINTK_CALLER, kernel/printk/printk.c), and dmesg -T.
    {R"((?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? ?)", true, false, true},
    {R"(\[[^\]\[]{3,40} TIME \d{4}\] ?)", true, false},
    {R"(\[TIME\][A-Z]?:?[ \t]*(?:\[Step \d+/\d+\] )?)", true, false},  // TeamCity, many CI
    {R"([\w.-]+ (?:kernel|[\w./@()-]{1,60}\[\d+\]): ?)", true, true},  // host and program of syslog
    {R"(kernel: ?)", true, false},                                     // journalctl -k -o cat, wall messages
    {R"((?:stdout|stderr) [FP] )", true, true},                        // files of containerd and CRI-O
    {R"(\d\d[OE][+ ]?)", true, true},                                  // GitLab's runner
    {R"(\[pod/[^\] ]+\] )", true, false},                              // kubectl logs --prefix
    {R"([\w.-]{1,60} +\| )", true, false},                             // docker compose
    {R"(#\d+ \d+\.\d+ )", true, false},                                // docker build
    {R"(##\[\w+\])", true, false},                                     // GitHub, Azure
    {R"([ \t]+)", false, false},
};

/// The table, compiled; also as one pattern, because most lines have no prefix.
struct Prefixes {
  struct One {
    re2::RE2 pattern;
    bool stamps, after_time, is_time;
  };
  std::vector<std::unique_ptr<One>> all;
  std::unique_ptr<re2::RE2> any;

  Prefixes() {
    std::string alternatives;
    for (const auto& row : kPrefixes) {
      std::string pattern = row.pattern;
      auto time = pattern.find("TIME");
      if (time != std::string::npos) pattern.replace(time, 4, kTimeOfDay);
      bool is_time = time != std::string::npos || row.is_time;
      all.push_back(std::unique_ptr<One>(new One{{pattern, re2::RE2::Latin1}, row.stamps, row.after_time, is_time}));
      alternatives += (alternatives.empty() ? "" : "|") + pattern;
    }
    any = std::make_unique<re2::RE2>("(?:" + alternatives + ")", re2::RE2::Latin1);
  }
};

/// The line after its prefixes.
std::string_view without_prefixes(std::string_view line, bool& stamped) {
  constexpr int kMost = 12;  // prefixes: of the runner, the container, the journal, and the kernel
  static const Prefixes known;
  re2::StringPiece rest(line.data(), line.size());
  bool time = false;
  for (int taken = 0; taken < kMost; ++taken) {
    if (!known.any->Match(rest, 0, rest.size(), re2::RE2::ANCHOR_START, nullptr, 0)) break;
    auto fits = std::find_if(known.all.begin(), known.all.end(), [&](const auto& prefix) {
      return (!prefix->after_time || time) && re2::RE2::Consume(&rest, prefix->pattern);
    });
    if (fits == known.all.end()) break;
    stamped = stamped || (*fits)->stamps;
    time = time || (*fits)->is_time;
  }
  return {rest.data(), rest.size()};
}

/// The message in a line of docker's json-file log; other lines unchanged.
std::string from_docker(std::string_view line) {
  constexpr std::string_view kStart = R"({"log":")";
  if (!line.starts_with(kStart)) return std::string(line);
  std::string out;
  for (std::size_t at = kStart.size(); at < line.size() && line[at] != '"'; ++at) {
    if (line[at] != '\\' || at + 1 >= line.size()) {
      out += line[at];
      continue;
    }
    char escaped = line[++at];
    unsigned code = 0;
    static const re2::RE2 hex("([0-9a-fA-F]{4})");
    if (escaped == 'u' &&
        re2::RE2::FullMatch(re2::StringPiece(line.data() + at + 1, std::min<std::size_t>(4, line.size() - at - 1)), hex,
                            re2::RE2::Hex(&code))) {
      append_utf8(out, code);
      at += 4;
    } else if (escaped == 't') {
      out += '\t';
    } else if (escaped != 'n' && escaped != 'r') {
      out += escaped;
    }
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// Other languages

struct Translation {
  std::string_view there, here;
};

// Simplified Chinese, from Debian 12's catalogues (cpplib-12.mo, gcc-12.mo, make.mo 4.3, bash.mo 5.2, libc.mo 2.36,
// apt.mo and libapt-pkg6.0.mo 2.6) and from the output of other versions. A phrase comes before those that are part of
// it.
constexpr Translation kTranslations[] = {
    // gcc, cpp
    {"致命错误：", "fatal error: "},
    {"编译器内部错误：", "internal compiler error: "},
    {"] 错误 ", "] Error "},  // make
    {"错误：", "error: "},
    {"警告：", "warning: "},
    {"附注：", "note: "},
    {"编译中断。", "compilation terminated."},
    {"时在不兼容的指针类型间转换", " from incompatible pointer type"},
    {"隐式声明函数", "implicit declaration of function "},
    {"没有名为", " has no member named "},
    {"未声明(在此函数内第一次使用)", " undeclared (first use in this function)"},
    {"未声明（在此函数内第一次使用）", " undeclared (first use in this function)"},
    {"重定义", " redefined"},
    {"无法识别的命令行选项", "unrecognized command-line option "},
    {"代码模式 kernel 在 PIC 模式下不受支持", "code model kernel does not support PIC mode"},
    {"code model kernel 不支持 PIC 模式", "code model kernel does not support PIC mode"},
    // make
    {"没有规则可制作目标", "No rule to make target "},
    {"没有规则可以创建", "No rule to make target "},
    {"。 停止。", ".  Stop."},
    {"正在等待未完成的任务", "Waiting for unfinished jobs"},
    // bash, zsh
    {"未找到命令", "command not found"},
    {"找不到命令", "command not found"},
    {"无法执行二进制文件", "cannot execute binary file"},
    // libc
    {"没有那个文件或目录", "No such file or directory"},
    {"文件已存在", "File exists"},
    {"权限不够", "Permission denied"},
    {"不允许的操作", "Operation not permitted"},
    {"设备上没有空间", "No space left on device"},
    {"超出磁盘限额", "Disk quota exceeded"},
    {"只读文件系统", "Read-only file system"},
    {"无法分配内存", "Cannot allocate memory"},
    {"设备或资源忙", "Device or resource busy"},
    {"可执行文件格式错误", "Exec format error"},
    {"函数未实现", "Function not implemented"},
    {"键值被服务所拒绝", "Key was rejected by service"},
    {"需要的关键字不存在", "Required key not available"},
    {"键值已取消", "Key has been revoked"},
    {"关键字已过期", "Key has expired"},
    {"资源暂时不可用", "Resource temporarily unavailable"},
    // yum and dnf
    {"没有可用软件包", "No package available:"},
    {"未找到匹配的参数", "Unable to find a match"},
    // apt and rpm
    {"无法定位软件包", "Unable to locate package"},
    {"无法下载 ", "Failed to fetch "},
    {"下列软件包有未满足的依赖关系", "The following packages have unmet dependencies"},
    {"仓库 “", "The repository “"},
    {"” 没有 Release 文件", "” does not have a Release file"},
    {"” 不再含有 Release 文件", "” no longer has a Release file"},
    {"依赖检测失败", "Failed dependencies"},
    // marks
    {"：", ": "},
    {"“", "\""},
    {"”", "\""},
    {"‘", "'"},
    {"’", "'"},
};

std::size_t columns(std::string_view line) {
  std::size_t count = 0;
  for (char byte : line) {
    auto value = static_cast<unsigned char>(byte);
    count += value >= 0xe0 ? 2 : (value & 0xc0) != 0x80;  // Chinese characters are two columns wide
  }
  return count;
}

}  // namespace

LogLine clean_line(std::string_view bytes) {
  while (!bytes.empty() && (bytes.back() == '\r' || bytes.back() == '\n')) bytes.remove_suffix(1);
  LogLine line;
  line.stamped = bytes.starts_with('{');
  line.text = from_docker(bytes);
  line.stamped = line.stamped && line.text.size() != bytes.size();
  if (line.text.find_first_of("\033^[") != std::string::npos) line.text = without_escapes(line.text);
  if (line.text.find('&') != std::string::npos) line.text = without_entities(line.text);
  for (auto at = line.text.find("\xc2\xa0"); at != std::string::npos; at = line.text.find("\xc2\xa0", at)) {
    line.text.replace(at, 2, " ");  // a no-break space, from web pages
  }
  while (!line.text.empty() && line.text.back() == '\r') line.text.pop_back();
  line.width = columns(line.text);
  auto rest = without_prefixes(line.text, line.stamped);
  line.text.erase(0, line.text.size() - rest.size());
  return line;
}

std::string untranslated(std::string_view line) {
  std::string out(line);
  if (std::all_of(line.begin(), line.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x80; }))
    return out;
  for (const auto& words : kTranslations) {
    for (auto at = out.find(words.there); at != std::string::npos; at = out.find(words.there, at + words.here.size())) {
      out.replace(at, words.there.size(), words.here);
    }
  }
  return out;
}

bool may_be_folded(const LogLine& line, const LogLine& rest) {
  // From narrower than any window or mail to wider than any terminal.
  constexpr std::size_t kLeast = 56, kEdge = 66, kMost = 240, kShort = 20;
  static const re2::RE2 starts(
      R"((source|saw|at): |In file included|\^|[$#] |\[\w+@|(CC|LD|MODPOST|BTF|CALL) +\[?|Tip: |Number of similar |Rerun with )",
      re2::RE2::Latin1);
  re2::StringPiece text(rest.text.data(), rest.text.size());
  if (rest.stamped || line.width > kMost || re2::RE2::Consume(&text, starts)) return false;
  // Folding at blanks leaves a line short before a long word.
  auto word = columns(std::string_view(rest.text).substr(0, rest.text.find(' ')));
  return line.width >= kLeast || (line.width >= kShort && line.width + 1 + word > kEdge);
}

}  // namespace stapkill
