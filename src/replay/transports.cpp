// SPDX-License-Identifier: Apache-2.0
// The three ways a recorded row reaches the server: HTTP push, safety-net event, syslog over TCP.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>

#include "replay/player.hpp"

namespace bongsu::replay {
namespace {

/// True when the answer means: later, not never.
bool IsForLater(const Result<http::Response>& response) {
  return !response || response->status == 429 || response->status >= 500;
}

std::string Why(const Result<http::Response>& response) {
  if (!response) return response.error().message;
  return fmt::format("{} {}", response->status, response->body.substr(0, 300));
}

class HttpPlayer final : public Player {
 public:
  using Player::Player;

 private:
  // Asking for the links of the tenant makes an open server make the tenant.
  void Prepare() override {
    LookAtLink(
        [self = std::static_pointer_cast<HttpPlayer>(shared_from_this())](const Result<http::Response>& response) {
          if (IsForLater(response)) return self->Again(Why(response));
          // Whoever may send need not be allowed to look.
          if (response->status != 200 && response->status != 403)
            return self->GiveUp(
                fmt::format("source '{}' of tenant '{}': {}", self->set_.source, self->set_.tenant, Why(response)));
          self->Ready();
        });
  }

  void Send() override {
    runtime::HttpCall call{.method = "POST", .url = "/api/v1/ingest/" + set_.source, .headers = {}, .body = {}};
    call.content_type = set_.one_by_one ? "application/json" : "application/x-ndjson";
    for (const Row* const row : chunk_) call.body += Rendered(*row) + "\n";
    Http(std::move(call), [self = std::static_pointer_cast<HttpPlayer>(shared_from_this())](
                              const Result<http::Response>& response) { self->OnAnswer(response); });
  }

  void OnAnswer(const Result<http::Response>& response) {
    if (IsForLater(response)) return Again(Why(response));
    const auto body = json::Parse(response->body);
    if (response->status != 200 || !body) return GiveUp(Why(response));
    const auto number = [&](std::string_view name) { return static_cast<std::uint64_t>((*body)[name].AsInt()); };
    Answer answer{number("accepted"), number("refused"), number("duplicate"), number("quarantined")};
    if (set_.one_by_one) {  // many readings in one row: the row is what its worst reading is
      const Answer parts = answer;
      answer = {};
      (parts.refused > 0                            ? answer.refused
       : parts.quarantined > 0                      ? answer.quarantined
       : parts.accepted > 0 || parts.duplicate == 0 ? answer.accepted
                                                    : answer.duplicate) = 1;
    }
    Settle(answer);
  }
};

class SafetyNetPlayer final : public Player {
 public:
  using Player::Player;

 private:
  void Prepare() override {
    LookAtLink([self = Self()](const Result<http::Response>& response) {
      if (IsForLater(response)) return self->Again(Why(response));
      self->SignIn([self] { self->Ready(); });
    });
  }

  void SignIn(std::function<void()> then) {
    const char* const set = std::getenv("BONGSU_LINK_KEY_SMFR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
    json::Value body;
    body.Set("apiKey", set != nullptr ? set : "recorded-smfr-key");
    Http({.method = "POST",
          .url = fmt::format("/link/{}/api/getAuth.json", set_.source),
          .headers = {},
          .body = json::ToString(body)},
         [self = Self(), then = std::move(then)](const Result<http::Response>& response) {
           if (IsForLater(response)) return self->Again(Why(response));
           const auto answer = json::Parse(response->body);
           if (!answer || (*answer)["result"].AsString() != "0") return self->GiveUp("sign-in: " + Why(response));
           self->session_ = (*answer)["message"].AsString();
           then();
         });
  }

  void Send() override {
    runtime::HttpCall call{.method = "POST",
                           .url = fmt::format("/link/{}/linkHttp/recvEvent.json", set_.source),
                           .headers = {{"X-Scsns-svcTy", "EVENT"},
                                       {"X-Scsns-sendCd", "F0800000000"},
                                       {"X-Scsns-encAt", "N"},
                                       {"X-Scsns-Secret", session_},
                                       {"X-Scsns-type", "sync"}},
                           .body = Rendered(*chunk_.front())};
    Http(std::move(call), [self = Self()](const Result<http::Response>& response) { self->OnAnswer(response); });
  }

  void OnAnswer(const Result<http::Response>& response) {
    if (IsForLater(response)) return Again(Why(response));
    if (response->status == 401 && !std::exchange(signed_in_again_, true)) {
      return SignIn([self = Self()] { self->Send(); });
    }
    signed_in_again_ = false;
    const auto body = json::Parse(response->body);
    const bool taken = body && (*body)["result"].AsString() == "0";
    const std::string_view word = taken ? (*body)["message"].AsString() : std::string_view{};
    Answer answer;
    (!taken                ? answer.refused
     : word == "HELD"      ? answer.quarantined
     : word == "DUPLICATE" ? answer.duplicate
                           : answer.accepted) = 1;
    if (!taken) tally_.error = Why(response);
    Settle(answer);
  }

  std::shared_ptr<SafetyNetPlayer> Self() { return std::static_pointer_cast<SafetyNetPlayer>(shared_from_this()); }
  std::string session_;
  bool signed_in_again_ = false;
};

/// Syslog says nothing back: what became of the lines is read off the link's counters.
class SyslogPlayer final : public Player {
 public:
  using Player::Player;
  ~SyslogPlayer() override { Hang(); }

 private:
  static constexpr std::chrono::milliseconds kLook{50};
  static constexpr int kLooks = 200;  // ten seconds

  void Prepare() override {
    Look([self = Self()] { self->Ready(); });
  }

  /// Reads the counters, and the port.
  void Look(std::function<void()> then) {
    LookAtLink([self = Self(), then = std::move(then)](const Result<http::Response>& response) {
      if (IsForLater(response)) return self->Lost(Why(response));
      const auto body = json::Parse(response->body);
      if (response->status != 200 || !body)
        return self->GiveUp(
            fmt::format("source '{}' of tenant '{}': {}", self->set_.source, self->set_.tenant, Why(response)));
      const auto number = [&](std::string_view name) { return static_cast<std::uint64_t>((*body)[name].AsInt()); };
      self->now_ = {number("accepted"), number("refused"), number("duplicate"), number("quarantined")};
      const std::string_view address = (*body)["address"].AsString();
      const std::size_t tcp = address.find("tcp:");
      self->port_ = 0;
      if (tcp != std::string_view::npos)
        std::from_chars(address.data() + tcp + 4, address.data() + address.size(), self->port_);
      if (self->port_ == 0) return self->GiveUp("the server does not listen for syslog over TCP");
      then();
    });
  }

  void Send() override {
    Look([self = Self()] {
      self->before_ = self->now_;
      self->looks_ = 0;
      std::string bytes;
      for (const Row* const row : self->chunk_) bytes += self->Rendered(*row) + "\n";
      if (!self->Write(bytes)) return self->Lost("the connection for syslog broke");
      self->Watch();
    });
  }

  void Watch() {
    Look([self = Self()] {
      const auto sum = [](const Answer& a) { return a.accepted + a.refused + a.duplicate + a.quarantined; };
      if (sum(self->now_) < sum(self->before_)) return self->Lost("the server began anew");
      if (sum(self->now_) - sum(self->before_) >= self->chunk_.size()) {
        const Answer& a = self->now_;
        const Answer& b = self->before_;
        return self->Settle(
            {a.accepted - b.accepted, a.refused - b.refused, a.duplicate - b.duplicate, a.quarantined - b.quarantined});
      }
      if (++self->looks_ > kLooks) return self->Lost("lines did not arrive");
      self->shards_.After(0, kLook, [self] { self->Watch(); });
    });
  }

  void Lost(std::string_view why) {
    Hang();
    Again(why);
  }

  bool Write(std::string_view bytes) {
    if (socket_ < 0 && !Dial()) return false;
    while (!bytes.empty()) {
      const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool Dial() {
    std::string host = target_.server.substr(target_.server.find("//") + 2);
    host = host.substr(0, host.find_first_of(":/"));
    if (host == "localhost") host = "127.0.0.1";
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return false;
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
    Hang();
    return false;
  }
  void Hang() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  std::shared_ptr<SyslogPlayer> Self() { return std::static_pointer_cast<SyslogPlayer>(shared_from_this()); }
  int socket_ = -1;
  std::uint16_t port_ = 0;
  int looks_ = 0;
  Answer before_, now_;
};

}  // namespace

std::shared_ptr<Player> Player::Make(runtime::Shards& shards, const Target& target, Dataset set, TimePoint from,
                                     TimePoint until, TimePoint start) {
  switch (set.transport) {
    case Transport::kHttp:
      return std::make_shared<HttpPlayer>(shards, target, std::move(set), from, until, start);
    case Transport::kSyslog:
      return std::make_shared<SyslogPlayer>(shards, target, std::move(set), from, until, start);
    case Transport::kSafetyNet:
      return std::make_shared<SafetyNetPlayer>(shards, target, std::move(set), from, until, start);
  }
  return nullptr;
}

}  // namespace bongsu::replay
