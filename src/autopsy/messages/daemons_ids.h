#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"

namespace stapkill {

/// The first container id (64 hexadecimal digits) in a text, such as "containerd://ID" or {"Type":"…","ID":"ID"}; ""
/// where there is none.
std::string container_id_in(std::string_view text);

/// Whether a text is a container's id, whole or cut to 12 digits and more.
bool may_be_id(std::string_view text);

/// Puts what a daemon calls a container into a party: its id, else its name.
void set_container(Party& subject, std::string_view id_or_name);

/// Pods as the kubelet lists them, at most 50: klog's ["ns/a","ns/b"] and [ns/a ns/b], format.Pods' "a_ns(uid),
/// b_ns(uid)" (kubernetes, pkg/kubelet/util/format/pod.go), with or without quotes and brackets. A name of a pod has
/// none of the letters between them.
std::vector<Party> pods_in(std::string_view text);

}  // namespace stapkill
