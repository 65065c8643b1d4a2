#include "autopsy/records/state_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "autopsy/records/foreign_json.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostBytes = 1 << 20, kMostFiles = 10'000, kMostStates = 2'000;

}  // namespace

void StateFiles::failed(const std::string& path, int error) {
  if (error == EACCES || error == EPERM) {
    if (closed_.empty()) closed_ = path;
  } else if (error != ENOENT && error != ENOTDIR && first_error_.empty()) {
    first_error_ = path + ": " + std::generic_category().message(error);
  }
}

std::vector<std::string> StateFiles::list(const std::string& path, bool own) {
  int error = 0;
  auto names = scope_.files.list(path, error);
  if (error) failed(path, error);
  present_ = present_ || (own && !error);
  return names;
}

std::optional<std::string> StateFiles::text(const std::string& path) {
  int error = 0;
  auto bytes = scope_.files.read(path, kMostBytes + 1, error);
  if (!bytes) {
    failed(path, error);
    return std::nullopt;
  }
  ++files_;
  present_ = true;
  if (bytes->size() <= kMostBytes) return bytes;
  damaged(path);
  return std::nullopt;
}

std::optional<nlohmann::json> StateFiles::json(const std::string& path) {
  auto bytes = text(path);
  if (!bytes) return std::nullopt;
  auto parsed = foreign_json(*bytes);
  if (!parsed) damaged(path);
  return parsed;
}

Time StateFiles::written(const std::string& path) const {
  int error = 0;
  auto file = scope_.files.open(path, error);
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return 0;
  return Time{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

void StateFiles::take(const ContainerState& state) {
  ++states_;
  std::vector<Finding> findings;
  add_state(state, findings);
  take(std::move(findings));
}

void StateFiles::take(std::vector<Finding> findings) {
  for (auto& one : findings) {
    bool in_scope = one.time == 0 || (one.time + one.doubt >= scope_.since && one.time - one.doubt <= scope_.until);
    if (in_scope) reading_.findings.push_back(std::move(one));
  }
}

bool StateFiles::full() {
  cut_ = cut_ || files_ >= kMostFiles || states_ >= kMostStates || scope_.late();
  return cut_;
}

void StateFiles::seen() {
  ++files_;
  present_ = true;
}

void StateFiles::damaged(const std::string& path) {
  if (damaged_++ == 0) first_damaged_ = path;
}

void StateFiles::finish(const std::string& path) {
  using State = SourceNote::State;
  SourceNote note{State::absent, source_, path, ""};
  if (present_) {
    note.state = State::read;
    note.detail = fmt::format("{} files", files_);
  }
  if (!closed_.empty()) {
    note.state = State::not_permitted;
    note.detail = closed_;
  } else if (damaged_ > 0) {
    note.state = State::broken;
    note.detail = phrase("{} of {} files are damaged or too large, the first is {}", damaged_, files_, first_damaged_);
  } else if (!first_error_.empty()) {
    note.state = State::broken;
    note.detail = first_error_;
  } else if (cut_) {
    note.state = State::cut;
    note.detail = phrase("stopped after {} containers: too many, or no time left", states_);
  }
  reading_.notes.push_back(std::move(note));
}

}  // namespace stapkill
