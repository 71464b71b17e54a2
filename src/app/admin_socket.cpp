// SPDX-License-Identifier: Apache-2.0
#include "app/admin_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "app/socket_path.hpp"

namespace bongsu::app {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

namespace {

constexpr auto kDeadline = std::chrono::seconds{30};

/// Uid of the process at the other end; -1 when the kernel does not say.
std::int64_t PeerUid(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
  return peer.uid;
}

}  // namespace

struct AdminSocket::State : std::enable_shared_from_this<AdminSocket::State> {
  struct Line {
    explicit Line(stream_protocol::socket taken)
        : socket{std::move(taken)}, deadline{socket.get_executor(), kDeadline} {}
    stream_protocol::socket socket;
    asio::steady_timer deadline;
    std::string in;
    std::string out;
  };

  State(std::filesystem::path where, runtime::Shards& of, AdminHouse to, Log logger)
      : path{std::move(where)}, shards{of}, house{to}, log{logger}, acceptor{of.context(0)} {}

  void Accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error, stream_protocol::socket socket) {
      if (error) return;  // closed
      self->Take(std::move(socket));
      self->Accept();
    });
  }

  void Take(stream_protocol::socket socket) {
    const std::int64_t uid = PeerUid(socket.native_handle());
    if ((uid != 0 && uid != static_cast<std::int64_t>(::geteuid())) || open >= kMaxConnections) {
      log.Warn("admin.refused", {{"uid", uid}, {"open", static_cast<std::int64_t>(open)}});
      return;
    }
    ++open;
    auto line = std::make_shared<Line>(std::move(socket));
    line->deadline.async_wait([line](const error_code& stopped) {
      error_code ignored;
      if (!stopped) line->socket.close(ignored);
    });
    asio::async_read_until(line->socket, asio::dynamic_buffer(line->in, kMaxLine), '\n',
                           [self = shared_from_this(), line, uid](const error_code& error, std::size_t size) {
                             if (error) return self->Done(*line);
                             line->in.resize(size);
                             self->Run(line, fmt::format("host uid={}", uid));
                           });
  }

  void Run(const std::shared_ptr<Line>& line, const std::string& from) {
    const auto request = json::Parse(line->in);
    const auto answer = [self = shared_from_this(), line](const Result<json::Value>& result) {
      self->Reply(line, result);
    };
    if (!request) return answer(tl::unexpected<Error>(request.error()));
    RunAdminCommand(house, *request, from, answer);
  }

  void Reply(const std::shared_ptr<Line>& line, const Result<json::Value>& result) {
    line->out = json::ToString(AdminAnswer(result)) + "\n";
    asio::async_write(line->socket, asio::buffer(line->out),
                      [self = shared_from_this(), line](const error_code&, std::size_t) { self->Done(*line); });
  }

  void Done(Line& line) {
    --open;
    line.deadline.cancel();
    error_code ignored;
    line.socket.close(ignored);
  }

  std::filesystem::path path;
  runtime::Shards& shards;
  AdminHouse house;
  Log log;
  stream_protocol::acceptor acceptor;
  std::size_t open = 0;
};

AdminSocket::AdminSocket(std::shared_ptr<State> state) : state_{std::move(state)} {}
AdminSocket::~AdminSocket() { Close(); }

Result<std::unique_ptr<AdminSocket>> AdminSocket::Open(const std::filesystem::path& path, runtime::Shards& shards,
                                                       AdminHouse house, Log log) {
  auto state = std::make_shared<State>(path, shards, house, log);
  std::error_code ignored;
  std::filesystem::remove(path, ignored);  // the journal's lock says that no other server lives here
  const SocketPath name{path};
  error_code error;
  if (!error) state->acceptor.open(stream_protocol{}, error);
  if (!error) state->acceptor.bind(stream_protocol::endpoint{name.name()}, error);
  if (!error && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
    error = error_code{errno, boost::system::system_category()};
  if (!error) state->acceptor.listen(static_cast<int>(kMaxConnections), error);
  if (error)
    return Fail(Code::kUnavailable, "admin.cannot_listen", "cannot listen at '{}': {}", path.string(), error.message());
  state->Accept();
  return std::unique_ptr<AdminSocket>(new AdminSocket(std::move(state)));  // NOLINT: the constructor is private
}

void AdminSocket::Close() {
  if (!state_) return;
  std::error_code ignored;
  std::filesystem::remove(state_->path, ignored);
  state_->shards.Post(0, [state = state_] {
    error_code unused;
    state->acceptor.close(unused);
  });
  state_.reset();
}

}  // namespace bongsu::app
