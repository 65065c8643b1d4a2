#include "sys/unpack.h"

namespace stapkill {
namespace {

constexpr std::string_view kWhy = msgid("it is compressed, and this build of stapkill has no libarchive");

struct Nothing : Pieces {
  Nothing() { fault_ = phrase_from(kWhy); }
  std::string_view next() override { return {}; }
};

}  // namespace

Phrase unpack_file(int /*fd*/, const std::function<bool(std::string_view)>& /*take*/) {
  return phrase_from(kWhy);
}

std::string unpack_head(std::string_view /*head*/, std::size_t /*most*/) {
  return {};
}

std::unique_ptr<Pieces> unpacked_pieces(std::unique_ptr<Pieces> /*packed*/) {
  return std::make_unique<Nothing>();
}

}  // namespace stapkill
