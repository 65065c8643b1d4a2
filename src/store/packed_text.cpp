#include "store/packed_text.h"

#include <zlib.h>

#include <algorithm>

namespace stapkill {
namespace {

constexpr std::size_t kLongest = std::size_t{4} << 20;
constexpr int kRaw = -15;  // no header: the largest window (deflateInit2 in zlib.h)
constexpr int kMemory = 8;

/// What records of stapkill-stream(5) repeat, the most frequent last (deflateSetDictionary in zlib.h). It belongs to
/// the store's version; words may be added at the front, because what was packed refers to them from the end.
constexpr std::string_view kWords =
    R"w({"message":"{} was asked to end by {}","values":["{"message":", started by {} in {}","values":["{"message":", running)w"
    R"w( {}","values":["{"message":", which runs {}","values":["{"message":", started by {}","values":["{"message":"calls of )w"
    R"w({}, the innermost first:","values":["[{"message":"suspicious: {}: {}","values":["SIGTERM",[{"message":"delivered to )w"
    R"w(a handler"}],"kill(2) = 0","{"message":"wait status {}: exit, status {}","values":["0x0100","1"]}]],"rule":"exit",)w"
    R"w([{"message":"{} {} {}: {} by {}, si_code {}, {}","values":["SIGKILL",[{"message":"delivered"}],"kill(2) = 0","SI_USER",)w"
    R"w([{"message":"sent by that process"}]]}]{"message":", run by {} ({} {})","values":["]},{"message":" from {}","values":[[")w"
    R"w(,{"message":", its parent"},"summary":[{"message":"{} ended by itself with {}","values":[",[{"message":"exit status {}",)w"
    R"w("values":["1"]}]]}],"summary":[{"message":"{} was killed by {}","values":["SIGKILL"]},"."],"evidence":[[{"message":)w"
    R"w("wait status {}: killed by {}","values":["0x09","SIGKILL"]}],"texts":true},)w"
    R"w( was asked to end by SIGTERM, and ended with exit status 0. by itself with exit status , its parent, through )w"
    R"w(systemd(1) docker.service containerd-shim runc kubelet /usr/bin/python3 /usr/lib/systemd/systemd /usr/sbin/ /bin/sh )w"
    R"w(","evidence":["wait status 0x0f: killed by SIGTERM","wait status 0x09: killed by SIGKILL","wait status 0x0100: exit, )w"
    R"w(status delivered: kill(2) = 0 by , si_code SI_USER, sent by that process","calls of , the innermost first:","  ?? )w"
    R"w((libc.so.6+0x","suspicious: "frames":[{"module":"function":null,"offset":"core_dumped":false,"shell_code":137})w"
    R"w("exit":{"kind":"exit","signal":null,"signal_name":null,"status":1,"core_dumped":null,"shell_code":1})w"
    R"w(,"cwd":"/","uid":0,"user":"root","cgroup":"/system.slice/","cgroup":"/kubepods.slice/kubepods-burstable.slice/)w"
    R"w(kubepods-burstable-pod.slice/cri-containerd-.scope","container":{"runtime":"docker","id":"","pod_uid":null},"unit":)w"
    R"w(".service","loginuid":1000,"login":"root","audit_session":,"tty":"pts/0","script":{"path":"/","line":null,"text":null})w"
    R"w(,"flags":["kernel"],"ended":true},"verdict":{"cause":"kill","by":"process","killer":{"$":,"signal_seq":,"initiator")w"
    R"w(:{"$":},"chain":[{"what":"signal","process":{"$":},"signal_seq":null,"signal_name":"SIGTERM","through":"kill(2)",)w"
    R"w("time":"2026-","confidence":"likely","ancestry":[]}],"confidence":"certain","summary":" was killed by SIGKILL from )w"
    R"w(, started by "],"rule":"kill-call"},"ancestry":[{"$":},{"$":}]{"type":"death","time":"2026-","process":{"$":},)w"
    R"w("parent":{"$":},"exit":{"kind":"signal","signal":15,"signal_name":"SIGKILL","status":null,"core_dumped":false,)w"
    R"w("shell_code":143},"verdict":{"cause":"exit","by":"self","killer":null,"signal_seq":null,"initiator":null,"chain":[],)w"
    R"w({"pid":,"tid":,"comm":"","exe":"/usr/bin/","argv":["","-c",""],"argv_bytes":,"cwd":"/","uid":0,"user":"root","start":)w"
    R"w("2026-","cgroup":"/system.slice/.service","container":null,"unit":".service","loginuid":null,"login":null,)w"
    R"w("audit_session":null,"tty":null,"script":null})w";

const Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

}  // namespace

std::string packed(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kRaw, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  deflateSetDictionary(&stream, bytes_of(kWords), static_cast<uInt>(kWords.size()));
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = const_cast<Bytef*>(bytes_of(text));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string unpacked(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kRaw) != Z_OK) return {};
  inflateSetDictionary(&stream, bytes_of(kWords), static_cast<uInt>(kWords.size()));
  stream.next_in = const_cast<Bytef*>(bytes_of(bytes));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK && out.size() < kLongest) {
    auto at = out.size();
    out.resize(std::max<std::size_t>(at * 2, 4096));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + at);
    stream.avail_out = static_cast<uInt>(out.size() - at);
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (stream.avail_in == 0 && stream.avail_out != 0) break;  // cut off: nothing more comes
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END ? out : std::string();
}

}  // namespace stapkill
