// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_link.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "runtime/http_url.hpp"

namespace bongsu::runtime {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Parser = beast::http::response_parser<beast::http::string_body>;

constexpr auto kIdleTime = std::chrono::seconds{10};

class Link final : public HttpLink, public std::enable_shared_from_this<Link> {
 public:
  Link(asio::io_context& loop, IdleLines& idle)
      : loop_{loop}, idle_{idle}, resolver_{loop}, deadline_{loop}, idle_timer_{loop} {}
  ~Link() override { LeaveIdle(); }

  void Send(HttpCall call, std::function<void(Result<http::Response>)> done) override {
    auto url = ParseHttpUrl(call.url);
    if (!url) return done(tl::unexpected<Error>(url.error()));
    LeaveIdle();
    done_ = std::move(done);
    call_ = std::move(call);
    reused_ = stream_ != nullptr && url->host == url_.host && url->port == url_.port && url->secure == url_.secure;
    url_ = std::move(*url);
    BuildRequest();
    deadline_.expires_after(call_.deadline);
    deadline_.async_wait([self = shared_from_this(), generation = ++generation_](const error_code& error) {
      if (!error && generation == self->generation_)
        self->Finish(self->Failed(fmt::format("no answer within {} ms", self->call_.deadline.count())), false);
    });
    if (reused_) return Write();
    Drop();
    Connect();
  }

  void Close() override {
    LeaveIdle();
    if (done_) return Finish(Failed("the line was closed"), false);
    Drop();
  }

 private:
  /// What the operations of one call work on; handlers of a call that was given up keep it.
  struct Work {
    beast::http::request<beast::http::string_body> request;
    beast::flat_buffer buffer;
  };

  void BuildRequest() {
    work_ = std::make_shared<Work>();
    auto& request = work_->request;
    request.method_string(call_.method);
    request.target(url_.target);
    request.version(11);
    const bool usual = url_.port == (url_.secure ? "443" : "80");
    request.set(beast::http::field::host, usual ? url_.host : url_.host + ":" + url_.port);
    request.set(beast::http::field::user_agent, "Bongsu");
    if (!call_.body.empty()) request.set(beast::http::field::content_type, call_.content_type);
    for (const auto& [name, value] : call_.headers) request.set(name, value);
    request.body() = std::move(call_.body);
    request.prepare_payload();
  }

  void Connect() {
    tls_.set_verify_mode(asio::ssl::verify_peer);
    stream_ = std::make_shared<Stream>(loop_, tls_);
    resolver_.async_resolve(url_.host, url_.port,
                            [self = shared_from_this(), stream = stream_](const error_code& error,
                                                                          const tcp::resolver::results_type& found) {
                              if (self->stream_ != stream) return;
                              if (error) return self->Finish(self->Failed(error.message()), false);
                              beast::get_lowest_layer(*stream).async_connect(
                                  found, [self, stream](const error_code& problem, const tcp::endpoint&) {
                                    if (self->stream_ == stream) self->Connected(problem);
                                  });
                            });
  }

  void Connected(const error_code& error) {
    if (error) return Finish(Failed(error.message()), false);
    error_code ignored;
    beast::get_lowest_layer(*stream_).socket().set_option(tcp::no_delay{true}, ignored);
    if (!url_.secure) return Write();
    tls_.set_default_verify_paths(ignored);
    stream_->set_verify_callback(asio::ssl::host_name_verification{url_.host});
    SSL_set_tlsext_host_name(stream_->native_handle(), url_.host.c_str());
    stream_->async_handshake(asio::ssl::stream_base::client,
                             [self = shared_from_this(), stream = stream_](const error_code& problem) {
                               if (self->stream_ != stream) return;
                               if (problem) return self->Finish(self->Failed(problem.message()), false);
                               self->Write();
                             });
  }

  void Write() {
    if (url_.secure) {
      WriteOn(*stream_);
    } else {
      WriteOn(stream_->next_layer());
    }
  }

  template <class Layer>
  void WriteOn(Layer& layer) {
    work_->buffer.clear();
    const auto parser = std::make_shared<Parser>();
    parser->body_limit(call_.max_answer_bytes);
    beast::http::async_write(layer, work_->request,
                             [self = shared_from_this(), stream = stream_, work = work_, parser, &layer](
                                 const error_code& error, std::size_t) {
                               if (self->stream_ != stream) return;
                               if (error) return self->Broken(error);
                               beast::http::async_read(
                                   layer, work->buffer, *parser,
                                   [self, stream, work, parser](const error_code& problem, std::size_t bytes) {
                                     if (self->stream_ == stream) self->Answered(problem, bytes, *parser);
                                   });
                             });
  }

  void Broken(const error_code& error) {
    if (!reused_) return Finish(Failed(error.message()), false);
    reused_ = false;  // the other end had closed it meanwhile
    Drop();
    Connect();
  }

  void Answered(const error_code& error, std::size_t bytes, Parser& parser) {
    if (error && bytes == 0) return Broken(error);
    if (error) return Finish(Failed(error.message()), false);
    auto message = parser.release();
    const bool stays = message.keep_alive();
    http::Response response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message)
      response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    response.content_type = std::string(http::HeaderOf(response.headers, "Content-Type"));
    response.body = std::move(message.body());
    Finish(std::move(response), stays);
  }

  Result<http::Response> Failed(std::string_view why) const {
    return Fail(Code::kUnavailable, "http.no_answer", "{}:{} did not answer: {}", url_.host, url_.port, why);
  }

  void Finish(Result<http::Response> result, bool stays) {
    ++generation_;
    deadline_.cancel();
    if (stays && idle_.open < idle_.most) {
      EnterIdle();
    } else {
      Drop();
    }
    const auto done = std::exchange(done_, nullptr);
    if (done) done(std::move(result));
  }

  void EnterIdle() {
    idle_here_ = true;
    ++idle_.open;
    idle_timer_.expires_after(kIdleTime);
    idle_timer_.async_wait([weak = weak_from_this(), generation = generation_](const error_code& error) {
      const auto self = weak.lock();
      if (error || !self || generation != self->generation_) return;
      self->LeaveIdle();
      self->Drop();
    });
  }

  void LeaveIdle() {
    if (!std::exchange(idle_here_, false)) return;
    --idle_.open;
    idle_timer_.cancel();
  }

  void Drop() {
    resolver_.cancel();
    if (!stream_) return;
    beast::get_lowest_layer(*stream_).close();
    stream_.reset();  // handlers that still run keep it
  }

  asio::io_context& loop_;
  IdleLines& idle_;
  HttpCall call_;
  HttpUrl url_;
  std::function<void(Result<http::Response>)> done_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::shared_ptr<Stream> stream_;
  tcp::resolver resolver_;
  asio::steady_timer deadline_;
  asio::steady_timer idle_timer_;
  std::shared_ptr<Work> work_;
  std::uint64_t generation_ = 0;
  bool reused_ = false;
  bool idle_here_ = false;
};

}  // namespace

std::shared_ptr<HttpLink> MakeHttpLink(Shards& shards, std::size_t shard, IdleLines& idle) {
  return std::make_shared<Link>(shards.context(shard), idle);
}

}  // namespace bongsu::runtime
