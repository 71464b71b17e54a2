// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/syslog/session.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>

namespace bongsu::syslog {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

constexpr int kReceiveBuffer = 4 << 20;    // bytes the kernel may keep while we are busy
constexpr std::size_t kMaxUnderWay = 500;  // messages of one connection that are not settled yet
constexpr int kDatagramsPerTurn = 64;

struct Address {
  asio::ip::address ip;
  std::uint16_t port = 0;
};

Result<Address> ParseAddress(std::string_view text) {
  const auto bad = [&] {
    return Fail(Code::kInvalidArgument, "syslog.bad_address", "'{}' is no address such as 127.0.0.1:514", text);
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Address address;
  error_code error;
  address.ip = asio::ip::make_address(host.empty() ? "0.0.0.0" : std::string(host), error);
  const auto [end, problem] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), address.port);
  if (error || problem != std::errc{} || end != text.data() + text.size()) return bad();
  return address;
}

std::uint32_t Ipv4Of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_v4().to_uint();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_uint();
  return 0;
}

class Datagrams final : public Socket, public std::enable_shared_from_this<Datagrams> {
 public:
  Datagrams(asio::io_context& loop, Events events) : loop_{loop}, socket_{loop}, events_{std::move(events)} {}

  Result<void> Bind(const Address& address) {
    error_code error;
    const udp::endpoint endpoint{address.ip, address.port};
    socket_.open(endpoint.protocol(), error);
    if (!error) socket_.bind(endpoint, error);
    if (error)
      return Fail(Code::kUnavailable, "syslog.cannot_listen", "udp {}:{}: {}", address.ip.to_string(), address.port,
                  error.message());
    error_code ignored;
    socket_.set_option(asio::socket_base::receive_buffer_size{kReceiveBuffer}, ignored);
    socket_.non_blocking(true, ignored);
    port_ = socket_.local_endpoint().port();
    asio::post(loop_, [self = shared_from_this()] { self->Wait(); });
    return {};
  }
  std::uint16_t port() const override { return port_; }
  void Stop() override {
    asio::post(loop_, [self = shared_from_this()] {
      error_code ignored;
      self->socket_.close(ignored);
      self->events_ = {};
    });
  }

 private:
  void Wait() {
    socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
      if (error || !self->events_.message) return;
      self->Take();
      self->Wait();
    });
  }
  void Take() {
    for (int i = 0; i < kDatagramsPerTurn; ++i) {
      error_code error;
      udp::endpoint from;
      const std::size_t count = socket_.receive_from(asio::buffer(buffer_), from, 0, error);
      if (error) return;
      if (count > 0) events_.message(std::string(buffer_.data(), count), Ipv4Of(from.address()), {});
    }
  }

  asio::io_context& loop_;
  udp::socket socket_;
  Events events_;
  std::array<char, kMaxMessageBytes> buffer_{};
  std::uint16_t port_ = 0;
};

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(asio::io_context& loop, tcp::socket socket, std::shared_ptr<Events> events, std::shared_ptr<std::size_t> open)
      : loop_{loop}, socket_{std::move(socket)}, events_{std::move(events)}, open_{std::move(open)} {
    ++*open_;
    error_code ignored;
    const tcp::endpoint from = socket_.remote_endpoint(ignored);
    peer_ = Ipv4Of(from.address());
    socket_.set_option(tcp::socket::keep_alive{true}, ignored);
  }
  ~Stream() { --*open_; }

  void Read() {
    if (reading_ || ended_ || under_way_ >= kMaxUnderWay) return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](const error_code& error, std::size_t count) {
                              self->reading_ = false;
                              if (error) return self->End();
                              self->framer_.Feed({self->buffer_.data(), count});
                              self->Take();
                            });
  }
  void Close() {
    ended_ = true;
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  void Take() {
    while (!ended_ && under_way_ < kMaxUnderWay) {
      auto message = framer_.Next();
      if (!message) {
        if (events_->broken) events_->broken(message.error());
        return Close();
      }
      if (!*message) break;
      Give(**std::move(message));
    }
    Read();
  }
  void Give(std::string message) {
    if (!events_->message) return;
    ++under_way_;
    events_->message(std::move(message), peer_, [weak = weak_from_this(), &loop = loop_] {
      asio::post(loop, [weak] {
        const auto self = weak.lock();
        if (!self) return;
        --self->under_way_;
        self->Take();
      });
    });
  }
  void End() {
    if (!ended_) {
      if (auto last = framer_.Last()) Give(*std::move(last));
    }
    Close();
  }

  asio::io_context& loop_;
  tcp::socket socket_;
  std::shared_ptr<Events> events_;
  std::shared_ptr<std::size_t> open_;
  Framer framer_;
  std::array<char, 16U << 10U> buffer_{};
  std::size_t under_way_ = 0;
  std::uint32_t peer_ = 0;
  bool reading_ = false;
  bool ended_ = false;
};

class Acceptor final : public Socket, public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(asio::io_context& loop, std::size_t most, Events events)
      : loop_{loop}, acceptor_{loop}, pause_{loop}, most_{most}, events_{std::make_shared<Events>(std::move(events))} {}

  Result<void> Bind(const Address& address) {
    error_code error;
    const tcp::endpoint endpoint{address.ip, address.port};
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return Fail(Code::kUnavailable, "syslog.cannot_listen", "tcp {}:{}: {}", address.ip.to_string(), address.port,
                  error.message());
    port_ = acceptor_.local_endpoint().port();
    asio::post(loop_, [self = shared_from_this()] { self->Accept(); });
    return {};
  }
  std::uint16_t port() const override { return port_; }
  void Stop() override {
    asio::post(loop_, [self = shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
      self->pause_.cancel();
      *self->events_ = {};
      for (const auto& weak : self->streams_) {
        if (const auto stream = weak.lock()) stream->Close();
      }
    });
  }

 private:
  void Accept() {
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      if (!self->acceptor_.is_open()) return;
      if (!error && *self->open_ < self->most_) {
        std::erase_if(self->streams_, [](const auto& weak) { return weak.expired(); });
        const auto stream = std::make_shared<Stream>(self->loop_, std::move(socket), self->events_, self->open_);
        self->streams_.push_back(stream);
        stream->Read();
      }
      if (!error) return self->Accept();
      self->pause_.expires_after(100ms);  // out of descriptors: not a busy loop
      self->pause_.async_wait([self](const error_code& cancelled) {
        if (!cancelled) self->Accept();
      });
    });
  }

  asio::io_context& loop_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::size_t most_;
  std::shared_ptr<Events> events_;
  std::shared_ptr<std::size_t> open_ = std::make_shared<std::size_t>(0);
  std::vector<std::weak_ptr<Stream>> streams_;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::shared_ptr<Socket>> ListenUdp(runtime::Shards& shards, std::size_t shard, std::string_view address,
                                          Events events) {
  BONGSU_TRY(const Address at, ParseAddress(address));
  auto socket = std::make_shared<Datagrams>(shards.context(shard), std::move(events));
  BONGSU_CHECK(socket->Bind(at));
  return std::shared_ptr<Socket>{std::move(socket)};
}

Result<std::shared_ptr<Socket>> ListenTcp(runtime::Shards& shards, std::size_t shard, std::string_view address,
                                          std::size_t max_connections, Events events) {
  BONGSU_TRY(const Address at, ParseAddress(address));
  auto socket = std::make_shared<Acceptor>(shards.context(shard), max_connections, std::move(events));
  BONGSU_CHECK(socket->Bind(at));
  return std::shared_ptr<Socket>{std::move(socket)};
}

}  // namespace bongsu::syslog
