// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The HTTP/1.1 and WebSocket server: one listener a shard on one shared port, requests as plain values. A body in
/// parts (http::BodyParts) is sent in chunks; each has 30 s to leave.

#include <functional>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "runtime/http_message.hpp"
#include "runtime/shards.hpp"

namespace bongsu::runtime {

/// One WebSocket connection. Every call may be made from any thread; the handlers run on the connection's shard.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// Queues a text frame. Past 8 MiB unsent the connection is closed with 1013 "try again later".
  virtual void SendText(std::string text) = 0;
  virtual void SendBinary(std::string bytes) = 0;
  /// Bytes queued and not yet handed to the kernel.
  virtual std::size_t Unsent() const = 0;
  virtual void Close(std::uint16_t code, std::string reason) = 0;
  /// Shard the connection lives on.
  virtual std::size_t shard() const = 0;
};

struct WebSocketHandlers {
  std::function<void(std::shared_ptr<WebSocket>)> opened;
  std::function<void(std::string_view text)> text;
  std::function<void()> closed;
};

/// What to do with an upgrade request: accept with these handlers, or answer with a plain response.
struct UpgradeAnswer {
  bool accept = false;
  std::string protocol;  ///< Sub-protocol to confirm; empty for none.
  WebSocketHandlers handlers;
  http::Response refusal;
};

struct ListenConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;                    ///< 0: any free one
  std::size_t max_body_bytes = 16UL << 20U;  ///< Larger bodies get 413.
  std::size_t max_connections = 10'000;      ///< Further ones are closed at once, counted.
};

class HttpServer {
 public:
  /// Both run on the connection's shard.
  using OnRequest = std::function<void(http::Request, http::Respond)>;
  using OnUpgrade = std::function<void(http::Request, std::function<void(UpgradeAnswer)>)>;

  /// @errors kInvalidArgument http.bad_host   kUnavailable http.cannot_listen (names address and port)
  static Result<std::unique_ptr<HttpServer>> Open(Shards& shards, const ListenConfig& config, OnRequest on_request,
                                                  OnUpgrade on_upgrade, Metrics& metrics, const Log& log);
  ~HttpServer();

  std::uint16_t port() const;
  /// Stops listening and closes connections. Call before Shards::Stop.
  void Close();

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace bongsu::runtime
