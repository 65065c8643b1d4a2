#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "report/renderer.h"
#include "session/redaction.h"
#include "store/history.h"

namespace stapkill {

/// What the recorder asks about a container before it stores a death.
struct ContainerNames {
  std::function<std::optional<std::string>(const std::string& id)> name;
  std::function<std::optional<std::string>(const std::string& uid)> pod;
};

/// Hears of each death that is kept, in its stored form: without secrets.
using OnStored = std::function<void(const StoredDeath& stored, const DeathRecord& record)>;

/// Puts a session's records into the recorder's history, each death in its tier, and writes no text. `on_error` hears
/// each time when something cannot be stored after it could.
std::unique_ptr<Renderer> make_history_renderer(History history, Redaction redaction, ContainerNames names,
                                                std::function<void(const Error&)> on_error, OnStored on_stored = {});

}  // namespace stapkill
