// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "act/notifications/channels/mqtt/address.hpp"
#include "act/notifications/channels/mqtt/channel.hpp"
#include "base/id.hpp"

namespace bongsu::notifications {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using enum Outcome::What;

constexpr auto kIdleTime = std::chrono::seconds{20};
constexpr std::uint16_t kKeepAliveSeconds = 60;  // longer than an idle line stays open, so no ping is needed
constexpr std::uint8_t kQuotaExceeded = 0x97;

/// A line to a broker. Handlers keep the socket they work on and look whether it still is the line's.
class Line final : public std::enable_shared_from_this<Line> {
 public:
  Line(asio::io_context& loop, Endpoint endpoint)
      : loop_{loop}, endpoint_{std::move(endpoint)}, resolver_{loop}, deadline_{loop}, idle_timer_{loop} {}

  void Send(const std::string& body, std::function<void(Outcome)> done) {
    auto address = MqttAddressOf(endpoint_);
    if (!address) return done({kRefused, address.error().message});
    address_ = std::move(*address);
    done_ = std::move(done);
    idle_timer_.cancel();
    publish_ = mqtt::Publish{address_.topic, MqttPayload(endpoint_, body), address_.qos, false, false, 0};
    if (publish_.qos > 0)
      publish_.packet_id = packet_id_ = static_cast<std::uint16_t>(packet_id_ == 65'535 ? 1 : packet_id_ + 1);
    deadline_.expires_after(endpoint_.deadline);
    deadline_.async_wait([weak = weak_from_this(), round = ++round_](const error_code& error) {
      const auto self = weak.lock();
      if (!error && self && round == self->round_)
        self->Lost(fmt::format("no answer within {} ms", self->endpoint_.deadline.count()));
    });
    if (ready_) return WritePublish();
    Connect();
  }

  void Close() {
    done_ = nullptr;
    deadline_.cancel();
    idle_timer_.cancel();
    Drop();
  }

 private:
  using Stream = asio::ssl::stream<tcp::socket>;
  using StreamPtr = std::shared_ptr<Stream>;

  void Connect() {
    Drop();
    tls_.set_verify_mode(asio::ssl::verify_peer);
    stream_ = std::make_shared<Stream>(loop_, tls_);
    reader_ = mqtt::Reader{address_.version, 64UL << 10U};
    resolver_.async_resolve(address_.host, address_.port,
                            [self = shared_from_this(), stream = stream_](const error_code& error,
                                                                          const tcp::resolver::results_type& found) {
                              if (self->stream_ != stream) return;
                              if (error) return self->Lost(error.message());
                              asio::async_connect(stream->next_layer(), found,
                                                  [self, stream](const error_code& failed, const tcp::endpoint&) {
                                                    if (self->stream_ != stream) return;
                                                    if (failed) return self->Lost(failed.message());
                                                    self->Secure();
                                                  });
                            });
  }

  void Secure() {
    error_code ignored;
    stream_->next_layer().set_option(tcp::no_delay{true}, ignored);
    if (!address_.secure) return Greet();
    tls_.set_default_verify_paths(ignored);
    stream_->set_verify_callback(asio::ssl::host_name_verification{address_.host});
    SSL_set_tlsext_host_name(stream_->native_handle(), address_.host.c_str());
    stream_->async_handshake(asio::ssl::stream_base::client,
                             [self = shared_from_this(), stream = stream_](const error_code& error) {
                               if (self->stream_ != stream) return;
                               if (error) return self->Lost(error.message());
                               self->Greet();
                             });
  }

  void Greet() {
    mqtt::Connect hello;
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    hello.client_id =
        "bongsu-" +
        ToText(HashParts({endpoint_.uri, std::to_string(now), std::to_string(reinterpret_cast<std::uintptr_t>(this))}));
    if (address_.version == mqtt::Version::k311) hello.client_id.resize(23);  // what a 3.1.1 broker must take
    hello.user = address_.user;
    hello.password = address_.password;
    hello.keep_alive_s = kKeepAliveSeconds;
    hello.clean_start = true;
    hello.session_expiry_s = 0;
    Write(mqtt::Encode(hello, address_.version), {});
    Read();
  }

  void Read() {
    auto handler = [self = shared_from_this(), stream = stream_](const error_code& error, std::size_t count) {
      if (self->stream_ != stream) return;
      if (error) return self->Lost(error.message());
      self->reader_.Feed({self->input_.data(), count});
      self->TakePackets();
    };
    if (address_.secure) {
      stream_->async_read_some(asio::buffer(input_), std::move(handler));
    } else {
      stream_->next_layer().async_read_some(asio::buffer(input_), std::move(handler));
    }
  }

  void TakePackets() {
    const StreamPtr mine = stream_;
    while (stream_ == mine) {
      auto packet = reader_.Next();
      if (!packet) return Lost(packet.error().message);
      const auto& whole = *packet;
      if (!whole) return Read();
      if (const auto* ack = std::get_if<mqtt::ConnAck>(&*whole)) {
        Greeted(*ack);
      } else if (const auto* step = std::get_if<mqtt::PubAck>(&*whole)) {
        Acknowledged(*step);
      } else if (const auto* end = std::get_if<mqtt::Disconnect>(&*whole)) {
        Lost(mqtt::ReasonText(end->reason, address_.version));
      }
    }
  }

  void Greeted(const mqtt::ConnAck& ack) {
    if (ack.reason != 0) return Lost(mqtt::ReasonText(ack.reason, address_.version));
    ready_ = true;
    WritePublish();
  }

  void WritePublish() {
    const bool at_once = publish_.qos == 0;
    Write(mqtt::Encode(publish_, address_.version), [this, at_once] {
      if (at_once) Finish({kDelivered, {}});
    });
  }

  void Acknowledged(const mqtt::PubAck& step) {
    if (!done_ || step.packet_id != publish_.packet_id) return;
    if (step.reason >= 0x80) {
      const bool later = step.reason == kQuotaExceeded;
      return Finish({later ? kFailed : kRefused, std::string(mqtt::ReasonText(step.reason, address_.version))});
    }
    if (step.step == mqtt::PubAck::Step::kReceived) return Write(mqtt::EncodePubRel(step.packet_id), {});
    Finish({kDelivered, {}});
  }

  void Write(std::string bytes, std::function<void()> then) {
    const auto kept = std::make_shared<std::string>(std::move(bytes));
    auto handler = [self = shared_from_this(), stream = stream_, kept, then = std::move(then)](const error_code& error,
                                                                                               std::size_t) {
      if (self->stream_ != stream) return;
      if (error) return self->Lost(error.message());
      if (then) then();
    };
    if (address_.secure) {
      asio::async_write(*stream_, asio::buffer(*kept), std::move(handler));
    } else {
      asio::async_write(stream_->next_layer(), asio::buffer(*kept), std::move(handler));
    }
  }

  void Lost(std::string_view why) {
    Drop();
    if (done_) Finish({kFailed, fmt::format("broker {}:{}: {}", address_.host, address_.port, why)});
  }

  void Finish(Outcome outcome) {
    ++round_;
    deadline_.cancel();
    idle_timer_.expires_after(kIdleTime);
    idle_timer_.async_wait([weak = weak_from_this(), round = round_](const error_code& error) {
      const auto self = weak.lock();
      if (error || !self || round != self->round_) return;
      if (self->ready_) self->WriteLastWord();
      self->Drop();
    });
    const auto done = std::exchange(done_, nullptr);
    if (done) done(std::move(outcome));
  }

  void WriteLastWord() {
    error_code ignored;
    const std::string bytes = mqtt::EncodeDisconnect(address_.version);
    stream_->next_layer().non_blocking(true, ignored);
    if (!address_.secure) stream_->next_layer().write_some(asio::buffer(bytes), ignored);
  }

  void Drop() {
    ready_ = false;
    resolver_.cancel();
    if (!stream_) return;
    error_code ignored;
    stream_->next_layer().close(ignored);
    stream_.reset();
  }

  asio::io_context& loop_;
  Endpoint endpoint_;
  MqttAddress address_;
  std::function<void(Outcome)> done_;
  mqtt::Publish publish_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  tcp::resolver resolver_;
  asio::steady_timer deadline_;
  asio::steady_timer idle_timer_;
  StreamPtr stream_;
  mqtt::Reader reader_{mqtt::Version::k5};
  std::array<char, 4096> input_{};
  std::uint16_t packet_id_ = 0;
  std::uint64_t round_ = 0;
  bool ready_ = false;
};

class MqttChannel final : public Channel {
 public:
  MqttChannel(asio::io_context& loop, const Endpoint& endpoint) : line_{std::make_shared<Line>(loop, endpoint)} {}
  ~MqttChannel() override { line_->Close(); }
  void Send(std::string body, std::function<void(Outcome)> done) override { line_->Send(body, std::move(done)); }

 private:
  std::shared_ptr<Line> line_;
};

}  // namespace

std::unique_ptr<Channel> MakeMqttChannel(runtime::Shards& shards, std::size_t shard, const Endpoint& endpoint) {
  return std::make_unique<MqttChannel>(shards.context(shard), endpoint);
}

}  // namespace bongsu::notifications
