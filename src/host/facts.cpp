#include "host/facts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/ask.h"
#include "host/elf.h"
#include "host/packages.h"
#include "sys/file.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSchema = "stapkill.facts/1";
constexpr std::size_t kMostSaved = 64 << 20;
constexpr int kRunSeconds = 10;

bool is_utf8(const std::string& bytes) {
  // Bytes that nlohmann refuses to write.
  try {
    (void)Json(bytes).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

// Values in a saved file: bytes as a string where they are UTF-8, else as {"hex": "…"}.

std::string to_hex(const std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

Json to_json(const std::string& bytes) {
  if (is_utf8(bytes)) return bytes;
  return {{"hex", to_hex(bytes)}};
}
Json to_json(bool value) {
  return value;
}
Json to_json(std::int64_t value) {
  return value;
}
Json to_json(const std::vector<std::string>& words) {
  Json all = Json::array();
  for (const auto& word : words) all.push_back(to_json(word));
  return all;
}
Json to_json(const Inode& inode) {
  return {{"type", std::string(1, inode.type)},
          {"mode", inode.mode},
          {"uid", inode.uid},
          {"gid", inode.gid},
          {"size", inode.size}};
}
Json to_json(const Packages& packages) {
  Json all = Json::array();
  for (const auto& one : packages.all)
    all.push_back({to_json(one.name), to_json(one.version), to_json(one.architecture)});
  return {{"manager", packages.manager}, {"all", all}};
}
Json to_json(const Uname& name) {
  return {{"release", to_json(name.release)}, {"version", to_json(name.version)}, {"machine", to_json(name.machine)}};
}
Json to_json(const Identity& who) {
  return {{"uid", who.uid}, {"groups", to_json(who.groups)}, {"capabilities", who.capabilities}};
}
Json to_json(const Ran& ran) {
  return {{"status", ran.status}, {"out", to_json(ran.out)}, {"err", to_json(ran.err)}};
}

// And back. Anybody may have written the file: a value that does not fit throws, and is then not known.

/// Json's own get() takes true as 1 and truncates large numbers: 2^32 as an exit status would be 0.
template <typename T>
T whole(const Json& json) {
  if (!json.is_number_integer()) throw std::runtime_error("not a whole number");
  bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                        : std::in_range<T>(json.get<std::int64_t>());
  if (!fits) throw std::runtime_error("a number out of range");
  return json.get<T>();
}

void from(const Json& json, std::string& bytes) {
  if (json.is_string()) {
    bytes = json.get<std::string>();
    return;
  }
  const auto& hex = json.at("hex").get_ref<const std::string&>();
  if (hex.size() % 2 != 0) throw std::runtime_error("not hex");
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    if (std::from_chars(&hex[i], &hex[i] + 2, value, 16).ptr != &hex[i] + 2) throw std::runtime_error("not hex");
    bytes += static_cast<char>(value);
  }
}
void from(const Json& json, bool& value) {
  value = json.get<bool>();
}
void from(const Json& json, std::int64_t& value) {
  value = whole<std::int64_t>(json);
}
void from(const Json& json, std::vector<std::string>& words) {
  if (!json.is_array()) throw std::runtime_error("not a list");
  for (const auto& word : json) from(word, words.emplace_back());
}
void from(const Json& json, Inode& inode) {
  const auto& type = json.at("type").get_ref<const std::string&>();
  if (type.size() != 1) throw std::runtime_error("not a type of file");
  inode.type = type[0];
  inode.mode = whole<unsigned>(json.at("mode"));
  inode.uid = whole<std::int64_t>(json.at("uid"));
  inode.gid = whole<std::int64_t>(json.at("gid"));
  inode.size = whole<std::int64_t>(json.at("size"));
}
void from(const Json& json, Packages& packages) {
  packages.manager = json.at("manager").get<std::string>();
  for (const auto& one : json.at("all")) {
    Package& package = packages.all.emplace_back();
    from(one.at(0), package.name);
    from(one.at(1), package.version);
    from(one.at(2), package.architecture);
  }
}
void from(const Json& json, Uname& name) {
  from(json.at("release"), name.release);
  from(json.at("version"), name.version);
  from(json.at("machine"), name.machine);
}
void from(const Json& json, Identity& who) {
  who.uid = whole<std::int64_t>(json.at("uid"));
  from(json.at("groups"), who.groups);
  who.capabilities = whole<std::uint64_t>(json.at("capabilities"));
}
void from(const Json& json, Ran& ran) {
  ran.status = whole<int>(json.at("status"));
  from(json.at("out"), ran.out);
  from(json.at("err"), ran.err);
}

/// Facts are a few levels deep. A file with deeper levels is rejected: copying it would use up the stack.
Json parse_flat(const std::string& text) {
  constexpr int kDeepest = 16;
  bool deep = false;
  auto json = Json::parse(
      text, [&](int depth, Json::parse_event_t, Json&) { return !(deep = deep || depth > kDeepest); }, false);
  return deep ? Json() : json;
}

/// The key of a question: a path can be any bytes, a JSON key cannot.
std::string key_of(const std::string& about) {
  return is_utf8(about) ? about : "hex " + to_hex(about);
}

template <typename T>
Json answer(const Fact<T>& fact) {
  return fact ? Json{{"is", to_json(*fact)}} : Json{{"why", to_json(fact.why.english())}};
}

/// What a saved file says; of a reason only the English is there.
template <typename T>
Fact<T> parsed(const Json& json) {
  try {
    if (auto is = json.find("is"); is != json.end()) {
      T value{};
      from(*is, value);
      return known(std::move(value));
    }
    std::string why;
    from(json.at("why"), why);
    return unknown<T>(phrase_from(why));
  } catch (const std::exception& error) {
    return unknown<T>(phrase("a damaged fact: {}", error.what()));
  }
}

}  // namespace

template <typename T>
bool Fact<T>::absent() const {
  return !value && why == kAbsent;
}
template struct Fact<std::string>;
template struct Fact<std::vector<std::string>>;
template struct Fact<Inode>;
template struct Fact<bool>;
template struct Fact<std::int64_t>;
template struct Fact<Packages>;
template struct Fact<Uname>;
template struct Fact<Identity>;
template struct Fact<Ran>;

Facts::Facts(Origin origin, std::string root)
    : origin_(origin), root_(std::move(root)), known_(std::make_unique<Json>(Json::object())) {}

Facts::~Facts() = default;

std::shared_ptr<Facts> Facts::live() {
  return std::shared_ptr<Facts>(new Facts(Origin::live, ""));
}

Result<std::shared_ptr<Facts>> Facts::below(const std::string& root) {
  struct stat info {};
  if (::stat(root.c_str(), &info) != 0)
    return fail(phrase("cannot read {}: {}", root, reason(errno)), phrase("name the directory of a captured host"));
  if (!S_ISDIR(info.st_mode))
    return fail(phrase("{} is not a directory", root), phrase("name the directory of a captured host"));
  std::error_code error;
  auto real = std::filesystem::canonical(root, error).string();
  if (error) return fail(phrase("cannot read {}: {}", root, error.message()));
  return std::shared_ptr<Facts>(new Facts(real == "/" ? Origin::live : Origin::tree, real == "/" ? "" : real));
}

Result<std::shared_ptr<Facts>> Facts::load(const std::string& path) {
  auto text = read_file(path, kMostSaved);
  if (!text)
    return fail(phrase("cannot read {}: {}", path, reason(errno)), phrase("name a file that --save-facts wrote"));
  auto json = parse_flat(*text);
  if (!json.is_object() || !json.contains("schema") || !json["schema"].is_string() || !json.contains("facts") ||
      !json["facts"].is_object()) {
    return fail(phrase("{} is not a file of facts", path),
                phrase("make one on the host in question: stapkill doctor --save-facts FILE"));
  }
  if (json["schema"] != kSchema) {
    return fail(phrase("{} has facts of another version: {}, and this stapkill reads {}", path,
                       json["schema"].get<std::string>(), kSchema),
                phrase("make it again there with the same version of stapkill"));
  }
  std::shared_ptr<Facts> facts(new Facts(Origin::saved, ""));
  *facts->known_ = std::move(json["facts"]);
  return facts;
}

template <typename T>
Fact<T> Facts::understood(const Key& key, const Json& json) const {
  auto fact = parsed<T>(json);
  if (auto why = whys_.find(key); why != whys_.end()) fact.why = why->second;
  return fact;
}

template <typename T>
Fact<T> Facts::get(const std::string& kind, const std::string& question, const std::function<Fact<T>()>& ask) {
  Key key{kind, key_of(question)};
  {
    std::lock_guard lock(mutex_);
    auto group = known_->find(kind);
    if (group != known_->end() && group->is_object()) {
      if (auto at = group->find(key.second); at != group->end()) return understood<T>(key, *at);
    }
  }
  if (origin_ == Origin::saved) return unknown<T>();
  auto asked = ask();  // without the lock: a file system that hangs must not block other threads
  std::lock_guard lock(mutex_);
  auto& group = (*known_)[kind];
  if (!group.is_object()) group = Json::object();
  auto [kept, is_new] = group.emplace(key.second, answer(asked));
  if (is_new && !asked) whys_.emplace(key, asked.why);
  return understood<T>(key, *kept);
}

Fact<std::string> Facts::file(const std::string& path) {
  return get<std::string>("file", path, [&] { return ask_file(Tree(root_), path); });
}
Fact<std::string> Facts::unpacked(const std::string& path) {
  return get<std::string>("unpacked", path, [&] { return ask_unpacked(Tree(root_), path); });
}
Fact<std::vector<std::string>> Facts::list(const std::string& path) {
  return get<std::vector<std::string>>("list", path, [&] { return ask_list(Tree(root_), path); });
}
Fact<std::string> Facts::resolved(const std::string& path) {
  return get<std::string>("resolved", path, [&] {
    std::string real;
    int error = Tree(root_).resolve(path, real);
    return error ? unknown<std::string>(reason(error)) : known(std::move(real));
  });
}
Fact<Inode> Facts::inode(const std::string& path) {
  return get<Inode>("inode", path, [&] { return ask_inode(Tree(root_), path); });
}
Fact<bool> Facts::holds(const std::string& path, const std::string& text) {
  return get<bool>("holds", path + " ? " + text, [&] { return ask_holds(Tree(root_), path, text); });
}
Fact<std::string> Facts::build_id(const std::string& path) {
  return get<std::string>("build_id", path, [&] { return ask_build_id(Tree(root_), path); });
}
Fact<bool> Facts::debug_info(const std::string& path) {
  return get<bool>("debug_info", path, [&] { return ask_debug_info(Tree(root_), path); });
}
Fact<std::int64_t> Facts::free_space(const std::string& path) {
  return get<std::int64_t>("free_space", path,
                           [&] { return origin_ == Origin::live ? ask_free_space(path) : unknown<std::int64_t>(); });
}
Fact<std::string> Facts::program(const std::string& name) {
  return get<std::string>("program", name, [&] { return ask_program(Tree(root_), name); });
}
Fact<std::string> Facts::place(const std::string& name) {
  return get<std::string>("place", name, [&] { return ask_place(Tree(root_), name); });
}
Fact<Packages> Facts::packages() {
  return get<Packages>("packages", "", [&] { return ask_packages(Tree(root_)); });
}
Fact<std::string> Facts::mounted(const std::string& path) {
  return get<std::string>("mounted", path, [&] { return ask_mounted(Tree(root_), path); });
}
Fact<Uname> Facts::uname() {
  return get<Uname>("uname", "", [&] { return ask_uname(Tree(root_)); });
}
Fact<Identity> Facts::identity() {
  return get<Identity>("identity", "", [&] { return origin_ == Origin::live ? ask_identity() : unknown<Identity>(); });
}
Fact<std::string> Facts::bpf_syscall() {
  return get<std::string>("bpf_syscall", "",
                          [&] { return origin_ == Origin::live ? ask_bpf_syscall() : unknown<std::string>(); });
}
Fact<std::string> Facts::pid_namespace() {
  return get<std::string>("pid_namespace", "",
                          [&] { return origin_ == Origin::live ? ask_pid_namespace() : unknown<std::string>(); });
}
Fact<std::string> Facts::container() {
  return get<std::string>("container", "", [&] { return ask_container(Tree(root_)); });
}
Fact<Ran> Facts::run(const std::vector<std::string>& argv) {
  std::string name;
  for (const auto& word : argv) name += (name.empty() ? "" : " ") + word;
  return outcome(name, [&] { return ask_run(argv, kRunSeconds); });
}
Fact<Ran> Facts::outcome(const std::string& name, const std::function<Fact<Ran>()>& find_out) {
  return get<Ran>("outcome", name, [&] { return origin_ == Origin::live ? find_out() : unknown<Ran>(); });
}

Result<void> Facts::save(const std::string& path, std::string_view version, bool with_hostname) {
  // Writing replaces the target, which may be /dev/null.
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return fail(phrase("cannot write {}: it is not a regular file", path), phrase("name a new file"));
  }
  Json all = {{"schema", kSchema}, {"stapkill", version}};
  {
    std::lock_guard lock(mutex_);
    all["facts"] = *known_;
  }
  if (with_hostname) {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    all["hostname"] = to_json(std::string(name));
  }
  return write_file_atomically(path, all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace stapkill
