// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_server.hpp"

#include <atomic>
#include <deque>
#include <optional>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace bongsu::runtime {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kMaxUnsentBytes = 8UL << 20U;
constexpr std::size_t kMaxHeaderBytes = 32UL << 10U;
constexpr auto kIdleLimit = std::chrono::seconds{75};
constexpr auto kBodyLimit = std::chrono::seconds{30};
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// Splits a decoded path; nullopt when an escape is broken.
std::optional<http::Request> ToRequest(const beast::http::request<beast::http::string_body>& from,
                                       const std::string& peer) {
  http::Request request;
  request.method = std::string(from.method_string());
  request.peer = peer;
  const std::string_view target{from.target().data(), from.target().size()};
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  request.raw_query = target.substr(std::min(mark + 1, target.size()));
  std::string_view rest = request.path;
  while (!rest.empty()) {
    rest.remove_prefix(rest.front() == '/' ? 1 : 0);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    auto part = http::PercentDecode(rest.substr(0, end));
    if (!part) return std::nullopt;
    request.segments.push_back(std::move(*part));
    rest.remove_prefix(end);
  }
  auto query = http::ParseQuery(request.raw_query);
  if (!query) return std::nullopt;
  request.query = std::move(*query);
  for (const auto& field : from) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.has_content_length = from.has_content_length();
  return request;
}

beast::http::response<beast::http::string_body> ToBeast(http::Response&& from, unsigned version, bool keep_alive,
                                                        bool head) {
  beast::http::response<beast::http::string_body> to{static_cast<beast::http::status>(from.status), version};
  to.keep_alive(keep_alive);
  for (auto& [name, value] : from.headers) to.insert(name, value);
  const bool bodiless = from.status == 204 || from.status == 304;
  if (!bodiless && !from.body.empty() && !from.content_type.empty())
    to.set(beast::http::field::content_type, from.content_type);
  const std::size_t length = from.body.size();
  if (!bodiless && !head) to.body() = std::move(from.body);
  if (!bodiless) to.content_length(length);
  return to;
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(Shards& all, ListenConfig listen, OnRequest request, OnUpgrade upgrade, Metrics& metrics, const Log& sink)
      : shards{all},
        config{std::move(listen)},
        on_request{std::move(request)},
        on_upgrade{std::move(upgrade)},
        log{sink},
        requests{metrics.Counter("bongsu_http_requests_total", "Requests answered.")},
        refused{
            metrics.Counter("bongsu_http_connections_refused_total", "Connections closed because too many were open.")},
        open_gauge{metrics.Gauge("bongsu_http_connections", "Connections open now.")},
        streamed{metrics.Counter("bongsu_http_streamed_total", "Answers sent in parts.")},
        broken_off{metrics.Counter("bongsu_http_broken_off_total",
                                   "Answers in parts whose rest was not sent: read too slowly, or not to be made.")} {}

  Shards& shards;
  ListenConfig config;
  OnRequest on_request;
  OnUpgrade on_upgrade;
  const Log& log;
  Counter& requests;
  Counter& refused;
  Gauge& open_gauge;
  Counter& streamed;
  Counter& broken_off;
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors;
  std::uint16_t port = 0;
  std::atomic<bool> closing{false};
  std::atomic<std::size_t> connections{0};

  void Accept(std::size_t shard);
};

namespace {

/// Counts a connection while it lives.
template <class State>
struct Ticket {
  explicit Ticket(std::shared_ptr<State> to) : state{std::move(to)} {
    state->open_gauge.Set(static_cast<double>(state->connections.fetch_add(1) + 1));
  }
  ~Ticket() { state->open_gauge.Set(static_cast<double>(state->connections.fetch_sub(1) - 1)); }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  std::shared_ptr<State> state;
};

template <class State>
class SocketSession final : public WebSocket, public std::enable_shared_from_this<SocketSession<State>> {
 public:
  SocketSession(std::unique_ptr<Ticket<State>> ticket, beast::tcp_stream stream, std::size_t shard,
                UpgradeAnswer answer)
      : ticket_{std::move(ticket)}, socket_{std::move(stream)}, shard_{shard}, answer_{std::move(answer)} {}

  void Run(beast::http::request<beast::http::string_body> request) {
    beast::get_lowest_layer(socket_).expires_never();
    socket_.set_option(
        beast::websocket::stream_base::timeout{std::chrono::seconds{20}, std::chrono::seconds{60}, true});
    socket_.set_option(beast::websocket::stream_base::decorator(
        [protocol = answer_.protocol](beast::websocket::response_type& response) {
          if (!protocol.empty()) response.set(beast::http::field::sec_websocket_protocol, protocol);
        }));
    socket_.read_message_max(64UL << 10U);
    request_ = std::move(request);
    socket_.async_accept(request_, [self = this->shared_from_this()](const error_code& error) {
      if (error) return self->Ended();
      self->answer_.handlers.opened(self);
      self->Read();
    });
  }

  void SendText(std::string text) override { Send({std::move(text), true}); }
  void SendBinary(std::string bytes) override { Send({std::move(bytes), false}); }
  std::size_t Unsent() const override { return unsent_.load(std::memory_order_relaxed); }
  std::size_t shard() const override { return shard_; }

  void Close(std::uint16_t code, std::string reason) override {
    asio::dispatch(socket_.get_executor(), [self = this->shared_from_this(), code, reason = std::move(reason)] {
      if (self->closing_) return;
      self->closing_ = true;
      self->close_reason_ = {code, reason};
      if (!self->writing_) self->StartClose();
    });
  }

 private:
  struct Frame {
    std::string bytes;
    bool text;
  };

  void Send(Frame frame) {
    unsent_.fetch_add(frame.bytes.size(), std::memory_order_relaxed);
    asio::dispatch(socket_.get_executor(), [self = this->shared_from_this(), frame = std::move(frame)]() mutable {
      if (self->ended_ || self->closing_) return;
      if (self->Unsent() > kMaxUnsentBytes) return self->Close(1013, "try again later");
      self->queue_.push_back(std::move(frame));
      if (!self->writing_) self->Write();
    });
  }

  void Write() {
    if (queue_.empty() || ended_) {
      writing_ = false;
      if (closing_) StartClose();
      return;
    }
    writing_ = true;
    socket_.text(queue_.front().text);
    socket_.async_write(asio::buffer(queue_.front().bytes),
                        [self = this->shared_from_this()](const error_code& error, std::size_t) {
                          if (error) return self->Ended();
                          self->unsent_.fetch_sub(self->queue_.front().bytes.size(), std::memory_order_relaxed);
                          self->queue_.pop_front();
                          self->Write();
                        });
  }

  void StartClose() {
    socket_.async_close({static_cast<beast::websocket::close_code>(close_reason_.first), close_reason_.second.c_str()},
                        [self = this->shared_from_this()](const error_code&) { self->Ended(); });
  }

  void Read() {
    socket_.async_read(buffer_, [self = this->shared_from_this()](const error_code& error, std::size_t) {
      if (error) return self->Ended();
      const auto data = self->buffer_.data();
      if (self->socket_.got_text() && self->answer_.handlers.text) {
        self->answer_.handlers.text({static_cast<const char*>(data.data()), data.size()});
      }
      self->buffer_.consume(self->buffer_.size());
      self->Read();
    });
  }

  void Ended() {
    if (std::exchange(ended_, true)) return;
    beast::get_lowest_layer(socket_).close();
    if (answer_.handlers.closed) answer_.handlers.closed();
    answer_.handlers = {};
  }

  std::unique_ptr<Ticket<State>> ticket_;
  beast::websocket::stream<beast::tcp_stream> socket_;
  std::size_t shard_;
  UpgradeAnswer answer_;
  beast::http::request<beast::http::string_body> request_;
  beast::flat_buffer buffer_;
  std::deque<Frame> queue_;
  std::atomic<std::size_t> unsent_{0};
  std::pair<std::uint16_t, std::string> close_reason_{1000, ""};
  bool writing_ = false;
  bool closing_ = false;
  bool ended_ = false;
};

template <class State>
class HttpSession : public std::enable_shared_from_this<HttpSession<State>> {
 public:
  HttpSession(std::shared_ptr<State> state, tcp::socket socket, std::size_t shard)
      : ticket_{std::make_unique<Ticket<State>>(state)},
        state_{std::move(state)},
        stream_{std::move(socket)},
        shard_{shard} {
    error_code ignored;
    const auto endpoint = stream_.socket().remote_endpoint(ignored);
    if (!ignored) peer_ = endpoint.address().to_string();
    stream_.socket().set_option(tcp::no_delay{true}, ignored);
  }

  void Read() {
    Parser& parser = parser_.emplace();
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(state_->config.max_body_bytes);
    stream_.expires_after(kIdleLimit);
    beast::http::async_read_header(
        stream_, buffer_, parser, [self = this->shared_from_this()](const error_code& error, std::size_t) {
          if (error) return self->ReadFailed(error);
          if (beast::iequals(self->parser().get()[beast::http::field::expect], "100-continue")) {
            return self->SendContinue();
          }
          self->ReadBody();
        });
  }

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;

  Parser& parser() {
    BONGSU_ASSERT(parser_.has_value());
    return *parser_;
  }

  void SendContinue() {
    continue_.emplace(beast::http::status::continue_, parser().get().version());
    beast::http::async_write(stream_, *continue_,
                             [self = this->shared_from_this()](const error_code& error, std::size_t) {
                               if (!error) self->ReadBody();
                             });
  }

  void ReadBody() {
    stream_.expires_after(kBodyLimit);
    beast::http::async_read(stream_, buffer_, parser(),
                            [self = this->shared_from_this()](const error_code& error, std::size_t) {
                              if (error) return self->ReadFailed(error);
                              self->Handle();
                            });
  }

  void ReadFailed(const error_code& error) {
    if (error == beast::http::error::body_limit) {
      return Write(http::ProblemResponse({Code::kTooLarge, "http.body_too_large",
                                          fmt::format("the body is larger than {} bytes; send it in parts",
                                                      state_->config.max_body_bytes)}),
                   false);
    }
    if (error == beast::http::error::end_of_stream) {
      error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      return;
    }
    if (error.category() == beast::http::make_error_code(beast::http::error::bad_method).category()) {
      Write(http::ProblemResponse(
                {Code::kInvalidArgument, "http.bad_request", "not an HTTP request: " + error.message()}),
            false);
    }
  }

  void Handle() {
    auto message = parser().release();
    keep_alive_ = message.keep_alive();
    version_ = message.version();
    head_ = message.method() == beast::http::verb::head;
    auto request = ToRequest(message, peer_);
    if (!request) {
      return Write(http::ProblemResponse({Code::kInvalidArgument, "http.bad_escape",
                                          "a % in the address is not followed by two hex digits"}),
                   keep_alive_);
    }
    state_->requests.Add();
    if (beast::websocket::is_upgrade(message)) return Upgrade(std::move(*request), std::move(message));
    request->body = std::move(message.body());
    stream_.expires_never();  // the handler has its own deadlines
    state_->on_request(std::move(*request), [self = this->shared_from_this()](http::Response response) {
      asio::dispatch(self->stream_.get_executor(), [self, response = std::move(response)]() mutable {
        if (std::exchange(self->answered_, true)) return;
        self->Write(std::move(response), self->keep_alive_);
      });
    });
  }

  void Upgrade(http::Request request, beast::http::request<beast::http::string_body> message) {
    state_->on_upgrade(std::move(request),
                       [self = this->shared_from_this(), message = std::move(message)](UpgradeAnswer answer) mutable {
                         asio::dispatch(self->stream_.get_executor(), [self, message = std::move(message),
                                                                       answer = std::move(answer)]() mutable {
                           if (!answer.accept) return self->Write(std::move(answer.refusal), false);
                           std::make_shared<SocketSession<State>>(std::move(self->ticket_), std::move(self->stream_),
                                                                  self->shard_, std::move(answer))
                               ->Run(std::move(message));
                         });
                       });
  }

  void Write(http::Response response, bool keep_alive) {
    if (response.parts && !head_) return WriteParts(std::move(response), keep_alive);
    const bool keep = keep_alive && !state_->closing;
    const bool streamed = response.parts != nullptr;
    response_.emplace(ToBeast(std::move(response), version_, keep, head_));
    if (streamed) response_->erase(beast::http::field::content_length);  // HEAD: how long it would be nobody knows
    stream_.expires_after(kBodyLimit);
    beast::http::async_write(stream_, *response_,
                             [self = this->shared_from_this(), keep](const error_code& error, std::size_t) {
                               if (!error) self->Written(keep);
                             });
  }

  void Written(bool keep) {
    if (!keep) {
      error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      return;
    }
    answered_ = false;
    Read();
  }

  /// In chunks; to a client of HTTP/1.0, which has none, until the connection ends.
  void WriteParts(http::Response response, bool keep_alive) {
    state_->streamed.Add();
    parts_ = std::move(response.parts);
    part_ = std::move(response.body);
    chunked_ = version_ >= 11;
    keep_parts_ = chunked_ && keep_alive && !state_->closing;
    head_of_parts_.emplace(static_cast<beast::http::status>(response.status), version_);
    head_of_parts_->keep_alive(keep_parts_);
    for (auto& [name, value] : response.headers) head_of_parts_->insert(name, value);
    head_of_parts_->set(beast::http::field::content_type, response.content_type);
    if (chunked_) head_of_parts_->chunked(true);
    head_writer_.emplace(*head_of_parts_);
    stream_.expires_after(kBodyLimit);
    beast::http::async_write_header(stream_, *head_writer_,
                                    [self = this->shared_from_this()](const error_code& error, std::size_t) {
                                      if (error) return self->BreakOff();
                                      if (self->part_.empty()) return self->NextPart();
                                      self->WritePart();
                                    });
  }

  void NextPart() {
    stream_.expires_never();  // whoever makes the part has deadlines of its own
    parts_->Next([self = this->shared_from_this()](Result<std::string> part) {
      asio::dispatch(self->stream_.get_executor(), [self, part = std::move(part)]() mutable {
        if (!part) return self->BreakOff();
        self->part_ = std::move(*part);
        self->WritePart();
      });
    });
  }

  /// An empty part is the end.
  void WritePart() {
    const bool last = part_.empty();
    const auto then = [self = this->shared_from_this(), last](const error_code& error, std::size_t) {
      if (error) return self->BreakOff();
      if (!last) return self->NextPart();
      self->parts_.reset();
      self->Written(self->keep_parts_);
    };
    stream_.expires_after(kBodyLimit);
    if (last && chunked_) {
      asio::async_write(stream_, beast::http::make_chunk_last(), then);
    } else if (chunked_) {
      asio::async_write(stream_, beast::http::make_chunk(asio::buffer(part_)), then);
    } else if (last) {
      then({}, 0);
    } else {
      asio::async_write(stream_, asio::buffer(part_), then);
    }
  }

  /// The other end sees that the body has no end.
  void BreakOff() {
    state_->broken_off.Add();
    parts_.reset();
    part_ = {};
    stream_.close();
  }

  std::unique_ptr<Ticket<State>> ticket_;
  std::shared_ptr<State> state_;
  beast::tcp_stream stream_;
  std::size_t shard_;
  std::string peer_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;  ///< Of the request that is read; a new one each.
  std::optional<beast::http::response<beast::http::empty_body>> continue_;
  std::optional<beast::http::response<beast::http::string_body>> response_;
  std::optional<beast::http::response<beast::http::empty_body>> head_of_parts_;
  std::optional<beast::http::response_serializer<beast::http::empty_body>> head_writer_;
  std::shared_ptr<http::BodyParts> parts_;
  std::string part_;
  bool chunked_ = true;
  bool keep_parts_ = true;
  unsigned version_ = 11;
  bool keep_alive_ = true;
  bool head_ = false;
  bool answered_ = false;
};

}  // namespace

void HttpServer::State::Accept(std::size_t shard) {
  acceptors[shard]->async_accept([self = shared_from_this(), shard](const error_code& error, tcp::socket socket) {
    if (self->closing) return;
    if (!error) {
      if (self->connections.load() >= self->config.max_connections) {
        self->refused.Add();
      } else {
        std::make_shared<HttpSession<State>>(self, std::move(socket), shard)->Read();
      }
    }
    self->Accept(shard);
  });
}

Result<std::unique_ptr<HttpServer>> HttpServer::Open(Shards& shards, const ListenConfig& config, OnRequest on_request,
                                                     OnUpgrade on_upgrade, Metrics& metrics, const Log& log) {
  error_code error;
  const auto address = asio::ip::make_address(config.host, error);
  if (error)
    return Fail(Code::kInvalidArgument, "http.bad_host", "listen address '{}' is not an IP address", config.host);
  auto state = std::make_shared<State>(shards, config, std::move(on_request), std::move(on_upgrade), metrics, log);
  state->port = config.port;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    auto acceptor = std::make_unique<tcp::acceptor>(shards.context(shard));
    const tcp::endpoint endpoint{address, state->port};
    acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->set_option(tcp::acceptor::reuse_address{true}, error);
    // The first listener takes the port alone, so that a second server is told "in use"; the others share it.
    if (!error && shard == 0) {
      acceptor->bind(endpoint, error);
      if (!error) acceptor->set_option(ReusePort{true}, error);
    } else if (!error) {
      acceptor->set_option(ReusePort{true}, error);
      if (!error) acceptor->bind(endpoint, error);
    }
    if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Fail(Code::kUnavailable, "http.cannot_listen", "cannot listen on {}:{}: {}", config.host, state->port,
                  error.message());
    }
    if (shard == 0) state->port = acceptor->local_endpoint().port();
    state->acceptors.push_back(std::move(acceptor));
  }
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    shards.Post(shard, [state, shard] { state->Accept(shard); });
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));  // NOLINT: private constructor
}

HttpServer::HttpServer(std::shared_ptr<State> state) : state_{std::move(state)} {}
HttpServer::~HttpServer() { Close(); }
std::uint16_t HttpServer::port() const { return state_->port; }

void HttpServer::Close() {
  if (state_->closing.exchange(true)) return;
  for (std::size_t shard = 0; shard < state_->acceptors.size(); ++shard) {
    state_->shards.Post(shard, [state = state_, shard] {
      error_code ignored;
      state->acceptors[shard]->close(ignored);
    });
  }
}

}  // namespace bongsu::runtime
