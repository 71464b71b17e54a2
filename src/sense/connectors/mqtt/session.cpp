// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/mqtt/session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "base/id.hpp"

namespace bongsu::mqtt {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kConnectDeadline = 10s;
constexpr auto kFirstPause = std::chrono::milliseconds{250};
constexpr auto kLongestPause = std::chrono::milliseconds{30'000};
constexpr auto kFullPause = std::chrono::milliseconds{200};
constexpr std::size_t kMaxWriteBytes = 4U << 20U;

class Connection final : public Session, public std::enable_shared_from_this<Connection> {
 public:
  Connection(runtime::Shards& shards, std::size_t shard, BrokerConfig config, BrokerUrl url,
             std::vector<std::string> filters, Events events)
      : loop_{shards.context(shard)},
        config_{std::move(config)},
        url_{std::move(url)},
        filters_{std::move(filters)},
        events_{std::move(events)},
        version_{config_.version == 4 ? Version::k311 : Version::k5},
        resolver_{loop_},
        timer_{loop_},
        alive_timer_{loop_},
        full_timer_{loop_},
        bound_{static_cast<std::size_t>(std::clamp<std::int64_t>(config_.receive_maximum, 1, 65'535))} {}

  Result<void> Prepare() {
    if (!url_.secure) return {};
    error_code error;
    if (config_.ca_file.empty()) {
      tls_.set_default_verify_paths(error);
    } else {
      tls_.load_verify_file(config_.ca_file, error);
    }
    if (error)
      return Fail(Code::kInvalidArgument, "mqtt.bad_ca", "certificate authority '{}': {}", config_.ca_file,
                  error.message());
    tls_.set_verify_mode(asio::ssl::verify_peer);
    return {};
  }

  void Start() override {
    asio::post(loop_, [self = shared_from_this()] { self->Connect(); });
  }

  void Stop() override {
    asio::post(loop_, [self = shared_from_this()] {
      self->stopped_ = true;
      if (self->state_ == LinkState::kConnected) self->WriteLastWord();
      self->Close();
      self->resolver_.cancel();
      self->timer_.cancel();
      self->alive_timer_.cancel();
      self->full_timer_.cancel();
      self->events_ = {};
    });
  }

 private:
  /// A message between its arrival and its acknowledgement, in order of arrival.
  struct InFlight {
    std::uint64_t number = 0;
    Publish publish;
    bool settled = false;
  };

  using Stream = asio::ssl::stream<tcp::socket>;

  // ---- connecting

  void Connect() {
    if (stopped_) return;
    Tell(LinkState::kConnecting, {});
    const std::uint64_t generation = ++generation_;
    stream_ = std::make_unique<Stream>(loop_, tls_);
    reader_ = Reader{version_};
    timer_.expires_after(kConnectDeadline);
    timer_.async_wait([self = shared_from_this(), generation](const error_code& error) {
      if (!error && generation == self->generation_ && self->state_ == LinkState::kConnecting)
        self->Lost(generation, "no answer within 10 s");
    });
    resolver_.async_resolve(
        url_.host, url_.port,
        [self = shared_from_this(), generation](const error_code& error, const tcp::resolver::results_type& found) {
          if (generation != self->generation_) return;
          if (error) return self->Lost(generation, error.message());
          asio::async_connect(self->stream_->next_layer(), found,
                              [self, generation](const error_code& failed, const tcp::endpoint&) {
                                if (generation != self->generation_) return;
                                if (failed) return self->Lost(generation, failed.message());
                                self->Secure(generation);
                              });
        });
  }

  void Secure(std::uint64_t generation) {
    error_code ignored;
    stream_->next_layer().set_option(tcp::no_delay{true}, ignored);
    if (!url_.secure) return Greet(generation);
    stream_->set_verify_callback(asio::ssl::host_name_verification{url_.host});
    SSL_set_tlsext_host_name(stream_->native_handle(), url_.host.c_str());
    stream_->async_handshake(asio::ssl::stream_base::client,
                             [self = shared_from_this(), generation](const error_code& error) {
                               if (generation != self->generation_) return;
                               if (error) return self->Lost(generation, error.message());
                               self->Greet(generation);
                             });
  }

  void Greet(std::uint64_t generation) {
    Connect_ hello;
    hello.client_id = config_.client_id;
    hello.user = config_.user;
    hello.password = config_.password.Reveal();
    keep_alive_ = std::chrono::seconds{std::clamp<std::int64_t>(config_.keep_alive.count() / 1'000'000, 1, 65'535)};
    hello.keep_alive_s = static_cast<std::uint16_t>(keep_alive_.count());
    hello.clean_start = config_.client_id.empty();
    hello.receive_maximum = static_cast<std::uint16_t>(bound_);
    heard_ = std::chrono::steady_clock::now();
    Write(Encode(hello, version_));
    Read(generation);
  }

  void Lost(std::uint64_t generation, std::string_view why) {
    if (generation != generation_ || stopped_) return;
    Close();
    const Error error{Code::kUnavailable, "mqtt.no_link", fmt::format("broker {}:{}: {}", url_.host, url_.port, why)};
    pause_ = state_ == LinkState::kConnected ? kFirstPause : std::min(pause_ * 2, kLongestPause);
    Tell(LinkState::kWaiting, error);
    // A third of jitter, so that many clients of one broker do not come back at the same moment.
    const auto jitter =
        std::chrono::milliseconds{static_cast<std::int64_t>(Hash64(fmt::format("{}{}", config_.client_id, generation)) %
                                                            static_cast<std::uint64_t>(pause_.count() / 3 + 1))};
    timer_.expires_after(pause_ + jitter);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->Connect();
    });
  }

  void Close() {
    ++generation_;
    alive_timer_.cancel();
    in_flight_.clear();  // unacknowledged: the broker gives them again
    out_.clear();
    writing_ = false;
    if (!stream_) return;
    error_code ignored;
    stream_->next_layer().close(ignored);
    retired_ = std::move(stream_);  // handlers of the old socket still run once
  }

  void WriteLastWord() {
    error_code ignored;
    const std::string bytes = EncodeDisconnect(version_);
    stream_->next_layer().non_blocking(true, ignored);
    if (!url_.secure) stream_->next_layer().write_some(asio::buffer(bytes), ignored);
  }

  // ---- reading

  void Read(std::uint64_t generation) {
    if (generation != generation_ || reading_ == generation) return;
    if (in_flight_.size() >= bound_) return;  // full: the socket is read again when something is settled
    reading_ = generation;
    auto handler = [self = shared_from_this(), generation](const error_code& error, std::size_t count) {
      if (self->reading_ == generation) self->reading_ = 0;
      if (generation != self->generation_) return;
      if (error) return self->Lost(generation, error.message());
      self->heard_ = std::chrono::steady_clock::now();
      self->reader_.Feed({self->input_.data(), count});
      self->TakePackets(generation);
    };
    if (url_.secure) {
      stream_->async_read_some(asio::buffer(input_), std::move(handler));
    } else {
      stream_->next_layer().async_read_some(asio::buffer(input_), std::move(handler));
    }
  }

  void TakePackets(std::uint64_t generation) {
    while (generation == generation_ && in_flight_.size() < bound_) {
      auto packet = reader_.Next();
      if (!packet) return Lost(generation, packet.error().message);
      std::optional<Packet>& one = *packet;
      if (!one) break;
      std::visit([&](auto& message) { On(generation, message); }, *one);
    }
    Read(generation);
  }

  void On(std::uint64_t generation, const ConnAck& ack) {
    if (ack.reason != 0) {
      return Lost(generation, ack.reason_text.empty() ? ReasonText(ack.reason, version_) : ack.reason_text);
    }
    if (ack.server_keep_alive_s)
      keep_alive_ = std::chrono::seconds{std::max<std::uint16_t>(1, *ack.server_keep_alive_s)};
    Write(EncodeSubscribe(1, filters_, version_));
    KeepAlive(generation);
  }

  void On(std::uint64_t /*generation*/, const SubAck& ack) {
    timer_.cancel();
    pause_ = kFirstPause;
    std::string refused;
    for (std::size_t i = 0; i < ack.reasons.size() && i < filters_.size(); ++i) {
      if (ack.reasons[i] >= 0x80) refused += fmt::format("{}{}", refused.empty() ? "" : ", ", filters_[i]);
    }
    Error why;
    if (!refused.empty())
      why = {Code::kPermissionDenied, "mqtt.not_subscribed", fmt::format("the broker refuses {}", refused)};
    Tell(LinkState::kConnected, why);
  }

  void On(std::uint64_t generation, Publish& publish) {
    InFlight& entry = in_flight_.emplace_back(InFlight{++number_, std::move(publish), false});
    Give(generation, entry.number, entry.publish);
  }
  void On(std::uint64_t /*generation*/, const PubAck& /*ack*/) {}
  void On(std::uint64_t /*generation*/, const PingResp& /*pong*/) {}
  void On(std::uint64_t generation, const Disconnect& end) {
    Lost(generation, end.reason_text.empty() ? ReasonText(end.reason, version_) : end.reason_text);
  }

  // ---- settling

  void Give(std::uint64_t generation, std::uint64_t number, const Publish& publish) {
    if (!events_.message) return;
    events_.message(publish, [weak = weak_from_this(), generation, number](Settled settled) {
      if (const auto self = weak.lock()) {
        asio::post(self->loop_, [self, generation, number, settled] { self->SettleHere(generation, number, settled); });
      }
    });
  }

  void SettleHere(std::uint64_t generation, std::uint64_t number, Settled settled) {
    if (generation != generation_) return;
    const auto entry = std::ranges::lower_bound(in_flight_, number, {}, &InFlight::number);
    if (entry == in_flight_.end() || entry->number != number) return;
    if (settled == Settled::kAgain) {
      again_.push_back(number);
      return GiveAgainSoon(generation);
    }
    entry->settled = true;
    // In the order of arrival, section 4.6.
    while (!in_flight_.empty() && in_flight_.front().settled) {
      const Publish done = std::move(in_flight_.front().publish);
      in_flight_.pop_front();
      if (done.qos == 1) Write(Encode(PubAck{done.packet_id, 0}, version_));
    }
    TakePackets(generation);
  }

  void GiveAgainSoon(std::uint64_t generation) {
    if (std::exchange(waiting_to_give_, true)) return;
    full_timer_.expires_after(kFullPause);
    full_timer_.async_wait([self = shared_from_this(), generation](const error_code& error) {
      self->waiting_to_give_ = false;
      std::vector<std::uint64_t> again = std::exchange(self->again_, {});
      if (error || generation != self->generation_) return;
      std::ranges::sort(again);
      for (const std::uint64_t number : again) {
        const auto entry = std::ranges::lower_bound(self->in_flight_, number, {}, &InFlight::number);
        if (entry != self->in_flight_.end() && entry->number == number) self->Give(generation, number, entry->publish);
      }
    });
  }

  // ---- writing

  void Write(const std::string& bytes) {
    if (out_.size() + bytes.size() > kMaxWriteBytes) return Lost(generation_, "the broker does not read");
    out_ += bytes;
    wrote_ = std::chrono::steady_clock::now();
    if (!writing_) WriteMore();
  }

  void WriteMore() {
    if (out_.empty() || !stream_) return;
    writing_ = true;
    auto bytes = std::make_shared<std::string>(std::exchange(out_, {}));
    auto handler = [self = shared_from_this(), generation = generation_, bytes](const error_code& error, std::size_t) {
      if (generation != self->generation_) return;
      self->writing_ = false;
      if (error) return self->Lost(generation, error.message());
      self->WriteMore();
    };
    if (url_.secure) {
      asio::async_write(*stream_, asio::buffer(*bytes), std::move(handler));
    } else {
      asio::async_write(stream_->next_layer(), asio::buffer(*bytes), std::move(handler));
    }
  }

  void KeepAlive(std::uint64_t generation) {
    alive_timer_.expires_after(std::chrono::milliseconds{keep_alive_} / 3);
    alive_timer_.async_wait([self = shared_from_this(), generation](const error_code& error) {
      if (error || generation != self->generation_) return;
      const auto now = std::chrono::steady_clock::now();
      // While we do not read on purpose, silence proves nothing.
      const bool reading = self->in_flight_.size() < self->bound_;
      if (reading && now - self->heard_ > self->keep_alive_ * 3 / 2) return self->Lost(generation, "no sign of life");
      if (now - self->wrote_ > self->keep_alive_ / 2 || now - self->heard_ > self->keep_alive_ / 2)
        self->Write(EncodePingReq());
      self->KeepAlive(generation);
    });
  }

  void Tell(LinkState state, const Error& why) {
    state_ = state;
    if (events_.state) events_.state(state, why);
  }

  using Connect_ = mqtt::Connect;

  asio::io_context& loop_;
  BrokerConfig config_;
  BrokerUrl url_;
  std::vector<std::string> filters_;
  Events events_;
  Version version_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  tcp::resolver resolver_;
  asio::steady_timer timer_;  ///< Deadline of connecting, then the pause before the next try.
  asio::steady_timer alive_timer_;
  asio::steady_timer full_timer_;
  std::unique_ptr<Stream> stream_, retired_;
  Reader reader_{Version::k5};
  std::array<char, 32U << 10U> input_{};
  std::string out_;
  bool writing_ = false;
  bool stopped_ = false;
  bool waiting_to_give_ = false;
  std::uint64_t reading_ = 0;     ///< Generation whose read is under way; 0 for none.
  std::uint64_t generation_ = 0;  ///< Rises with each connection and each end of one; old handlers see it and leave.
  std::size_t bound_;
  std::deque<InFlight> in_flight_;  ///< At most bound_.
  std::vector<std::uint64_t> again_;
  std::uint64_t number_ = 0;
  LinkState state_ = LinkState::kOff;
  std::chrono::milliseconds pause_ = kFirstPause;
  std::chrono::seconds keep_alive_{30};
  std::chrono::steady_clock::time_point heard_{}, wrote_{};
};

}  // namespace

Result<BrokerUrl> ParseBrokerUrl(std::string_view url) {
  const auto bad = [whole = std::string(url)] {
    return Fail(Code::kInvalidArgument, "mqtt.bad_url", "address '{}' is not mqtt://host:port", whole);
  };
  BrokerUrl parsed;
  if (url.starts_with("mqtts://")) {
    parsed.secure = true;
    url.remove_prefix(8);
  } else if (url.starts_with("mqtt://")) {
    url.remove_prefix(7);
  } else {
    return bad();
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t colon = url.rfind(':');
  const bool has_port = colon != std::string_view::npos && url.find(']', colon) == std::string_view::npos;
  std::string_view host = url.substr(0, has_port ? colon : std::string_view::npos);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  parsed.host = host;
  parsed.port = has_port ? std::string(url.substr(colon + 1)) : parsed.secure ? "8883" : "1883";
  int number = 0;
  const auto [end, error] = std::from_chars(parsed.port.data(), parsed.port.data() + parsed.port.size(), number);
  if (parsed.host.empty() || error != std::errc{} || end != parsed.port.data() + parsed.port.size() || number < 1 ||
      number > 65'535)
    return bad();
  return parsed;
}

Result<std::shared_ptr<Session>> Session::Make(runtime::Shards& shards, std::size_t shard, BrokerConfig config,
                                               std::vector<std::string> filters, Events events) {
  BONGSU_TRY(BrokerUrl url, ParseBrokerUrl(config.url));
  if (filters.empty())
    return Fail(Code::kInvalidArgument, "mqtt.no_topic", "no source is read from broker '{}'", config.id);
  auto made = std::make_shared<Connection>(shards, shard, std::move(config), std::move(url), std::move(filters),
                                           std::move(events));
  BONGSU_CHECK(made->Prepare());
  return std::shared_ptr<Session>{std::move(made)};
}

}  // namespace bongsu::mqtt
