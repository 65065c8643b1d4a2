#include <fmt/format.h>

#include <algorithm>

#include "base/signals.h"
#include "report/html_parts.h"
#include "report/lanes.h"
#include "report/words.h"

namespace stapkill::html {
namespace {

constexpr int kLane = 28, kAxis = 22;  // pixels
constexpr std::size_t kLaneMarkup = 190, kMarkMarkup = 110, kArrowMarkup = 60, kWaitMarkup = 110;
constexpr double kThinnest = 0.4;  // per cent, for a life or a loss that would not be seen

std::string percent(double value) {
  auto text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + '%';
}

int middle(int lane) {
  return kAxis + lane * kLane + kLane / 2;
}

void set_span(Data& data, double from, double to) {
  from = std::min(from, 100 - kThinnest);
  data.set("x", percent(from));
  data.set("width", percent(std::max(kThinnest, to - from)));
}

Data lane_of(const Lane& lane, int number, const Lanes& lanes, std::size_t& bytes) {
  Data data;
  auto name = words::name(*lane.process);
  data.set("name", name);
  data.set("top", std::to_string(middle(number) - 5));
  set_span(data, lanes.place(lane.start), lane.death ? lanes.place(lane.death->time) : 100);
  data.set("dead", Data(lane.death != nullptr));
  data.set("at", lane.death ? percent(lanes.place(lane.death->time)) : "");
  data.set("y", std::to_string(middle(number)));
  std::string title =
      lane.death ? words::clock(lane.death->time) + ' ' + name + ": " + words::ending(lane.death->wait_status) : "";
  data.set("title", title);
  bytes += kLaneMarkup + 2 * cost(name) + cost(title);
  return data;
}

Data mark_of(const SignalRecord& signal, int lane, const Lanes& lanes, std::size_t& bytes) {
  Data data;
  auto x = percent(lanes.place(signal.time));
  int from = signal.by == By::process ? lanes.of(*signal.sender) : -1;
  bool arrow = from >= 0 && from != lane;
  data.set("x", x);
  data.set("y", std::to_string(middle(lane)));
  data.set("arrow", Data(arrow));
  data.set("from", std::to_string(middle(from)));
  auto to = tr("{} to {}", signal_name(signal.number), words::name(*signal.target));
  auto title = words::clock(signal.time) + ' ' +
               (signal.by == By::process ? tr("{} from {}", to, words::name(*signal.sender))
                                         : tr("{}, {}", to, words::how(signal)));
  data.set("title", title);
  bytes += kMarkMarkup + cost(title) + (arrow ? kArrowMarkup : 0);
  return data;
}

Data wait_of(const Wait& wait, const Lanes& lanes, std::size_t& bytes) {
  Data data;
  set_span(data, lanes.place(wait.from), lanes.place(wait.to));
  data.set("top", std::to_string(middle(wait.lane) - 10));
  auto name = words::name(*lanes.all()[static_cast<std::size_t>(wait.lane)].process);
  auto title = words::clock(wait.from) + ' ' + name + ": " + words::wait(*wait.step, wait.to - wait.from);
  data.set("title", title);
  bytes += kWaitMarkup + cost(title);
  return data;
}

/// Up to that room.
Data waits_of(const Lanes& lanes, std::size_t room, std::size_t& bytes) {
  Data list(Data::type::list);
  for (const auto& wait : lanes.waits()) {
    if (bytes >= room) break;
    list.push_back(wait_of(wait, lanes, bytes));
  }
  return list;
}

/// A loss is somewhere between the last record before it and the moment when it was noticed.
Data loss_of(const Kept<LossRecord>& loss, Time before, std::pair<int, int> rows, const Lanes& lanes) {
  Data data;
  set_span(data, lanes.place(before), lanes.place(loss.time));
  data.set("top", std::to_string(kAxis + rows.first * kLane));
  data.set("height", std::to_string((rows.second - rows.first) * kLane));
  data.set("title",
           words::on_host(loss.origin.host, tr("{} lost by {}", words::events(loss.count), words::clock(loss.time))));
  return data;
}

Time last_before(const Digest& digest, const Kept<LossRecord>& loss, Time first) {
  Time last = first;
  auto look = [&](const auto& other) {
    if (other.time < loss.time && other.origin.host == loss.origin.host) last = std::max(last, other.time);
  };
  for (const auto& signal : digest.signals()) look(signal);
  for (const auto& death : digest.deaths()) look(death);
  return last;
}

/// The lanes that a loss concerns: those of its host.
std::pair<int, int> rows_of(const Digest& digest, const Kept<LossRecord>& loss, const Lanes& lanes) {
  int all = std::max(1, static_cast<int>(lanes.all().size()));
  return digest.has_hosts() && !lanes.all().empty() ? lanes.of_host(loss.origin.host) : std::pair(0, all);
}

Data losses_of(const Digest& digest, const Lanes& lanes) {
  constexpr std::size_t most = 20;
  Data list(Data::type::list);
  std::size_t count = 0;
  for (const auto& loss : digest.losses()) {
    if (++count > most) break;
    auto rows = rows_of(digest, loss, lanes);
    if (rows.first < rows.second) list.push_back(loss_of(loss, last_before(digest, loss, lanes.begin()), rows, lanes));
  }
  return list;
}

}  // namespace

Data timeline(const Digest& digest, const std::vector<Incident>& incidents, std::size_t room) {
  Lanes lanes(digest, incidents);
  Data nothing(false);
  if (lanes.all().empty() && digest.losses().empty()) return nothing;
  std::size_t bytes = 0, left = 0;
  Data rows(Data::type::list), marks(Data::type::list);
  int number = 0;
  for (const auto& lane : lanes.all()) rows.push_back(lane_of(lane, number++, lanes, bytes));
  auto waits = waits_of(lanes, room / 2, bytes);
  for (const auto& signal : digest.signals()) {
    int lane = lanes.of(*signal.target);
    if (lane < 0) continue;
    if (bytes >= room) {
      ++left;
    } else {
      marks.push_back(mark_of(signal, lane, lanes, bytes));
    }
  }
  int height = kAxis + static_cast<int>(std::max<std::size_t>(1, lanes.all().size())) * kLane;
  Data data;
  data.set("lanes", rows);
  data.set("waits", waits);
  data.set("marks", marks);
  data.set("losses", losses_of(digest, lanes));
  data.set("height", std::to_string(height));
  Time span = lanes.end() - lanes.begin();
  data.set("span", fmt::format("{:.3f}", static_cast<double>(span) / 1e6));
  data.set("half", "+" + words::span(span / 2));
  data.set("full", "+" + words::span(span));
  data.set("begin", words::clock(lanes.begin()));
  data.set("range", tr("{} to {} UTC", words::date(lanes.begin()), words::clock(lanes.end())));
  std::string more;
  if (lanes.left_out()) more = words::count(lanes.left_out(), msgid("{} more process"), msgid("{} more processes"));
  if (left) more = more.empty() ? words::more_signals(left) : tr("{} and {}", more, words::more_signals(left));
  data.set("has_more", Data(!more.empty()));
  data.set("more", more);
  return data;
}

}  // namespace stapkill::html
