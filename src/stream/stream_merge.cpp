#include "stream/stream_merge.h"

#include <utility>

namespace stapkill {

StreamMerge::StreamMerge(std::vector<std::unique_ptr<RecordStream>> streams) : streams_(std::move(streams)) {}

void StreamMerge::advance(std::size_t stream) {
  Head& head = heads_[stream];
  head.record = streams_[stream]->next();
  if (!head.record) return;
  bool back = head.record->time < head.time && head.time - head.record->time <= kDisorder;
  if (!back) head.time = head.record->time;
}

void StreamMerge::begin() {
  if (!heads_.empty()) return;
  heads_.resize(streams_.size());
  for (std::size_t at = 0; at < streams_.size(); ++at) {
    advance(at);
    auto name = streams_[at]->name().english();
    labels_.push_back(heads_[at].record ? heads_[at].record->host : "");
    if (labels_.back().empty()) labels_.back() = name.substr(name.rfind('/') + 1);
  }
}

const std::string& StreamMerge::label(std::size_t stream) {
  begin();
  return labels_[stream];
}

std::optional<StreamMerge::Next> StreamMerge::next() {
  begin();
  if (given_) advance(*given_);  // not before: it can wait for the record after that
  given_.reset();
  std::optional<std::size_t> first;
  for (std::size_t at = 0; at < heads_.size(); ++at) {
    if (heads_[at].record && (!first || heads_[at].time < heads_[*first].time)) first = at;
  }
  if (!first) return std::nullopt;
  given_ = first;
  return Next{*first, *std::exchange(heads_[*first].record, std::nullopt)};
}

}  // namespace stapkill
