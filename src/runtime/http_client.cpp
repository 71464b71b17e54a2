// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_client.hpp"

#include <optional>

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

/// One call on one connection; lives as long as its handlers.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& loop, HttpCall call, HttpUrl url, std::function<void(Result<http::Response>)> done)
      : call_{std::move(call)},
        url_{std::move(url)},
        done_{std::move(done)},
        resolver_{loop},
        deadline_{loop},
        stream_{loop, tls_} {}

  void Run() {
    request_.method_string(call_.method);
    request_.target(url_.target);
    request_.version(11);
    request_.set(beast::http::field::host, url_.host + ":" + url_.port);
    request_.set(beast::http::field::user_agent, "Bongsu");
    request_.set(beast::http::field::connection, "close");
    if (!call_.body.empty()) request_.set(beast::http::field::content_type, call_.content_type);
    for (const auto& [name, value] : call_.headers) request_.set(name, value);
    request_.body() = std::move(call_.body);
    request_.prepare_payload();
    deadline_.expires_after(call_.deadline);
    deadline_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->Finish(self->Failed(fmt::format("no answer within {} ms", self->call_.deadline.count())));
    });
    resolver_.async_resolve(
        url_.host, url_.port,
        [self = shared_from_this()](const error_code& error, const tcp::resolver::results_type& found) {
          if (error) return self->Finish(self->Failed(error.message()));
          beast::get_lowest_layer(self->stream_)
              .async_connect(found,
                             [self](const error_code& problem, const tcp::endpoint&) { self->Connected(problem); });
        });
  }

 private:
  void Connected(const error_code& error) {
    if (error) return Finish(Failed(error.message()));
    if (!url_.secure) return Write(stream_.next_layer());
    error_code ignored;
    tls_.set_default_verify_paths(ignored);
    stream_.set_verify_mode(asio::ssl::verify_peer);
    stream_.set_verify_callback(asio::ssl::host_name_verification{url_.host});
    SSL_set_tlsext_host_name(stream_.native_handle(), url_.host.c_str());
    stream_.async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](const error_code& problem) {
      if (problem) return self->Finish(self->Failed(problem.message()));
      self->Write(self->stream_);
    });
  }

  template <class Stream>
  void Write(Stream& stream) {
    parser_.body_limit(call_.max_answer_bytes);
    beast::http::async_write(
        stream, request_, [self = shared_from_this(), &stream](const error_code& error, std::size_t) {
          if (error) return self->Finish(self->Failed(error.message()));
          beast::http::async_read(stream, self->buffer_, self->parser_, [self](const error_code& problem, std::size_t) {
            if (problem) return self->Finish(self->Failed(problem.message()));
            self->Finish(self->Answer());
          });
        });
  }

  Result<http::Response> Answer() {
    auto message = parser_.release();
    http::Response response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message)
      response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    response.content_type = std::string(http::HeaderOf(response.headers, "Content-Type"));
    response.body = std::move(message.body());
    return response;
  }

  Result<http::Response> Failed(std::string_view why) const {
    return Fail(Code::kUnavailable, "http.no_answer", "{}:{} did not answer: {}", url_.host, url_.port, why);
  }

  void Finish(Result<http::Response> result) {
    if (std::exchange(finished_, true)) return;
    deadline_.cancel();
    resolver_.cancel();
    beast::get_lowest_layer(stream_).close();
    done_(std::move(result));
  }

  HttpCall call_;
  HttpUrl url_;
  std::function<void(Result<http::Response>)> done_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  tcp::resolver resolver_;
  asio::steady_timer deadline_;
  beast::ssl_stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::string_body> request_;
  beast::http::response_parser<beast::http::string_body> parser_;
  bool finished_ = false;
};

}  // namespace

void HttpSend(Shards& shards, std::size_t shard, HttpCall call, std::function<void(Result<http::Response>)> done) {
  shards.Post(shard, [&shards, shard, call = std::move(call), done = std::move(done)]() mutable {
    auto url = ParseHttpUrl(call.url);
    if (!url) return done(tl::unexpected<Error>(url.error()));
    std::make_shared<Exchange>(shards.context(shard), std::move(call), std::move(*url), std::move(done))->Run();
  });
}

}  // namespace bongsu::runtime
