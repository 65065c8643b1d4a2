#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/phrase.h"
#include "host/distribution.h"

namespace stapkill {

/// How to fix something: in words, and as commands for a root shell. stapkill prints commands and never runs them.
struct Remedy {
  Phrase text;
  std::vector<std::string> commands;
  bool reboot = false;
  bool by_hand = false;  ///< not for a script: the commands only show something, need changes, or are for another user
};

/// Values for a remedy's template: "release" → "6.1.0-56-amd64". They are quoted for a shell.
using RemedyWords = std::map<std::string, std::string, std::less<>>;

/// The remedy for a need on a distribution: its kernel's row ("release" among the words), else the distribution's own,
/// else that of one it derives from, else its package manager's, else the general one. Needs are named in the tables of
/// remedies_*.cpp; empty for an unknown need.
Remedy remedy_for(std::string_view need, const Distribution& distribution, const RemedyWords& words);

}  // namespace stapkill
