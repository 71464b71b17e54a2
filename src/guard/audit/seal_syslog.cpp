// SPDX-License-Identifier: Apache-2.0
#include "guard/audit/seal_syslog.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "base/json.hpp"

namespace bongsu::audit {
namespace {

constexpr int kConnectMs = 3'000;
constexpr int kSendSeconds = 2;

std::string HostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "-";
  return name.data();
}

/// Connects within kConnectMs; -1 when it cannot.
int Connect(const addrinfo& address) {
  const int handle = ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (handle < 0) return -1;
  bool ok = ::connect(handle, address.ai_addr, address.ai_addrlen) == 0;
  if (!ok && errno == EINPROGRESS) {
    pollfd waits{handle, POLLOUT, 0};
    int error = 0;
    socklen_t size = sizeof(error);
    ok = ::poll(&waits, 1, kConnectMs) == 1 && ::getsockopt(handle, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
         error == 0;
  }
  if (!ok) {
    ::close(handle);
    return -1;
  }
  ::fcntl(handle, F_SETFL, ::fcntl(handle, F_GETFL) & ~O_NONBLOCK);
  const timeval limit{kSendSeconds, 0};
  ::setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  return handle;
}

bool SendAll(int handle, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(handle, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

Result<SyslogTarget> ReadSyslogTarget(std::string_view text) {
  const auto bad = [text] {
    return Fail(Code::kInvalidArgument, "audit.bad_syslog",
                "seal_syslog '{}' is not udp://HOST:PORT or tcp://HOST:PORT", text.substr(0, 200));
  };
  SyslogTarget target;
  target.tcp = text.starts_with("tcp://");
  if (!target.tcp && !text.starts_with("udp://")) return bad();
  text.remove_prefix(6);
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return bad();
  const std::size_t colon = text.find(':', bracket);
  target.host = bracket > 0 ? text.substr(1, bracket - 1) : text.substr(0, colon);
  if (colon != std::string_view::npos) target.port = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(target.port.data(), target.port.data() + target.port.size(), port);
  if (target.host.empty() || error != std::errc{} || end != target.port.data() + target.port.size() || port == 0)
    return bad();
  return target;
}

std::string SyslogMessage(std::string_view seal, std::string_view host, int pid) {
  const auto value = json::Parse(seal);
  const std::string at = value ? std::string((*value)["at"].AsString("-")) : "-";
  return fmt::format("<109>1 {} {} bongsu {} audit.seal - {}", at, host, pid, seal);
}

std::size_t SendSyslog(const SyslogTarget& target, const std::vector<std::string>& messages) {
  addrinfo wanted{};
  wanted.ai_socktype = target.tcp ? SOCK_STREAM : SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(target.host.c_str(), target.port.c_str(), &wanted, &found) != 0) return 0;
  const int handle = Connect(*found);
  ::freeaddrinfo(found);
  if (handle < 0) return 0;
  std::size_t sent = 0;
  for (const std::string& message : messages) {
    if (!SendAll(handle, target.tcp ? fmt::format("{} {}", message.size(), message) : message)) break;
    ++sent;
  }
  // A collector that closed meanwhile has not read it: its end of the stream shows before ours.
  std::array<char, 1> byte{};
  if (target.tcp && ::recv(handle, byte.data(), byte.size(), MSG_DONTWAIT) == 0) sent = 0;
  ::close(handle);
  return sent;
}

SealSyslog::SealSyslog(SyslogTarget target, runtime::Shards& shards, runtime::BlockingPool& pool, Metrics& metrics,
                       Log log)
    : target_{std::move(target)},
      shards_{shards},
      pool_{pool},
      lost_{metrics.Counter("bongsu_audit_seals_lost_total",
                            "Seals that did not get out of the data directory, by way.", R"(way="syslog")")},
      failed_{
          metrics.Counter("bongsu_audit_syslog_failed_total", "Tries to reach the collector of seals that failed.")},
      log_{log} {}

void SealSyslog::Send(const std::vector<std::string>& seals) {
  shards_.Post(0, [this, seals] {
    const std::string host = HostName();
    for (const std::string& seal : seals) waiting_.push_back(SyslogMessage(seal, host, ::getpid()));
    for (; waiting_.size() > kMaxWaiting; waiting_.pop_front()) lost_.Add();
    if (!busy_) Try();
  });
}

void SealSyslog::Try() {
  busy_ = !waiting_.empty();
  if (!busy_) return;
  std::vector<std::string> messages{waiting_.begin(), waiting_.end()};
  const bool queued = pool_.Run([this, messages = std::move(messages)] {
    const std::size_t sent = SendSyslog(target_, messages);
    shards_.Post(0, [this, sent, of = messages.size()] { Took(sent, of); });
  });
  if (!queued) Took(0, 1);
}

void SealSyslog::Took(std::size_t count, std::size_t of) {
  // What came meanwhile may have pushed the oldest out: then fewer are left than were sent.
  for (std::size_t i = 0; i < count && !waiting_.empty(); ++i) waiting_.pop_front();
  if (count == of) return Try();
  failed_.Add();
  log_.Error("audit.syslog_failed",
             {{"host", target_.host}, {"port", target_.port}, {"waiting", static_cast<std::int64_t>(waiting_.size())}});
  shards_.After(0, kRetry, [this] { Try(); });
}

}  // namespace bongsu::audit
