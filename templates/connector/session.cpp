// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/@NAME@/session.hpp"

#include <array>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>

#include "sense/connectors/@NAME@/codec.hpp"

namespace bongsu::@NAME@ {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

class Datagrams final : public Session, public std::enable_shared_from_this<Datagrams> {
 public:
  Datagrams(asio::io_context& loop, OnMessage on_message)
      : loop_{loop}, socket_{loop}, on_message_{std::move(on_message)} {}

  Result<void> Bind(const std::string& host, std::int64_t port) {
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || port < 0 || port > 65'535)
      return Fail(Code::kInvalidArgument, "@NAME@.bad_address", "'{}' port {} is no address to listen on", host, port);
    const udp::endpoint endpoint{address, static_cast<std::uint16_t>(port)};
    socket_.open(endpoint.protocol(), error);
    if (!error) socket_.bind(endpoint, error);
    if (error) return Fail(Code::kUnavailable, "@NAME@.cannot_listen", "udp {}:{}: {}", host, port, error.message());
    port_ = socket_.local_endpoint().port();
    asio::post(loop_, [self = shared_from_this()] { self->Receive(); });
    return {};
  }
  std::uint16_t port() const override { return port_; }
  void Stop() override {
    asio::post(loop_, [self = shared_from_this()] {
      error_code ignored;
      self->socket_.close(ignored);
      self->on_message_ = {};
    });
  }

 private:
  void Receive() {
    socket_.async_receive_from(asio::buffer(buffer_), from_,
                               [self = shared_from_this()](const error_code& error, std::size_t count) {
                                 if (error == asio::error::operation_aborted || !self->on_message_) return;
                                 if (!error && count > 0) self->on_message_(std::string(self->buffer_.data(), count));
                                 self->Receive();
                               });
  }

  asio::io_context& loop_;
  udp::socket socket_;
  udp::endpoint from_;
  OnMessage on_message_;
  std::array<char, kMaxMessageBytes> buffer_{};
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::shared_ptr<Session>> Session::Listen(runtime::Shards& shards, std::size_t shard, const std::string& host,
                                                 std::int64_t port, OnMessage on_message) {
  auto made = std::make_shared<Datagrams>(shards.context(shard), std::move(on_message));
  BONGSU_CHECK(made->Bind(host, port));
  return std::shared_ptr<Session>{std::move(made)};
}

}  // namespace bongsu::@NAME@
