#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/distribution.h"

namespace stapkill {

/// What mends something: in words, and as commands for a root shell where there are any. stapkill prints them and never
/// runs them.
struct Remedy {
  std::string text;
  std::vector<std::string> commands;
  bool reboot = false;
  bool by_hand = false;  ///< the commands only tell something, or have to be changed or run by somebody else: no script
};

/// What a template of a remedy is filled with: "release" → "6.1.0-56-amd64". Values are quoted for a shell.
using RemedyWords = std::map<std::string, std::string, std::less<>>;

/// The remedy for a need on a distribution: the row of its kernel ("release" among the words), else its own, else that
/// of one that it takes after, else its package manager's, else the one in words for all. The needs are the names in
/// the tables of remedies_*.cpp; an empty remedy for one that is not there.
Remedy remedy_for(std::string_view need, const Distribution& distribution, const RemedyWords& words);

}  // namespace stapkill
