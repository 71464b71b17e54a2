// SPDX-License-Identifier: Apache-2.0
// How long from an event sent to its alarm on the live socket, at a fixed rate of events.
// Open loop: requests go out on time whether or not the server answers. usage: bench_event_to_live [RATE...]

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "base/json.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr int kBatch = 50;  // events a request
constexpr int kConnections = 8;
constexpr int kAlarmEvery = 200;  // one event in so many raises an alarm of its own

/// Times at which alarm-raising events were sent, by key.
struct Sent {
  std::mutex mutex;
  std::unordered_map<std::string, Clock::time_point> at;
  std::vector<double> seconds;
};

struct Server {
  pid_t pid = 0;
  std::string port;
  std::filesystem::path folder;
};

Server Start() {
  Server server;
  server.folder = std::filesystem::temp_directory_path() / fmt::format("bongsu-bench-{}", getpid());
  std::filesystem::create_directories(server.folder);
  std::ofstream(server.folder / "bongsu.yaml") << "packs: bench/packs\n";
  std::array<int, 2> out{};
  if (pipe(out.data()) != 0) std::exit(2);
  server.pid = fork();
  if (server.pid == 0) {
    dup2(out[1], 1);
    close(out[0]);
    const std::string data = server.folder / "data";
    const std::string config = server.folder / "bongsu.yaml";
    execl("build/bongsu", "bongsu", "serve", "--data", data.c_str(), "--open", "--config", config.c_str(), nullptr);
    _exit(127);
  }
  close(out[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.find('\n') == std::string::npos) {
    const ssize_t count = read(out[0], buffer.data(), buffer.size());
    if (count <= 0) std::exit(2);
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const auto ready = bongsu::json::Parse(text.substr(0, text.find('\n')));
  const std::string http{(*ready)["http"].AsString()};
  server.port = http.substr(http.rfind(':') + 1);
  return server;
}

void Stop(const Server& server) {
  kill(server.pid, SIGTERM);
  waitpid(server.pid, nullptr, 0);
  std::filesystem::remove_all(server.folder);
}

void Listen(const Server& server, Sent& sent, const std::atomic<bool>& done) {
  asio::io_context loop;
  beast::websocket::stream<tcp::socket> socket{loop};
  tcp::resolver resolver{loop};
  asio::connect(socket.next_layer(), resolver.resolve("127.0.0.1", server.port));
  socket.handshake("127.0.0.1:" + server.port, "/live?tenant=default");
  beast::flat_buffer buffer;
  while (!done) {
    beast::error_code error;
    socket.read(buffer, error);
    if (error) return;
    const auto now = Clock::now();
    const std::string text = beast::buffers_to_string(buffer.data());
    buffer.consume(buffer.size());
    if (text.find("\"hello\"") != std::string::npos) {
      socket.write(asio::buffer(std::string(R"({"type":"resume","seq":0})")));
      continue;
    }
    if (!text.starts_with(R"({"type":"alarm")")) continue;
    const auto frame = bongsu::json::Parse(text);
    const std::string key{(*frame)["data"]["key"].AsString()};
    const std::lock_guard lock{sent.mutex};
    const auto found = sent.at.find(key);
    if (found == sent.at.end()) continue;
    sent.seconds.push_back(std::chrono::duration<double>(now - found->second).count());
    sent.at.erase(found);
  }
}

void Load(const Server& server, Sent& sent, int number, double rate, double seconds,
          std::atomic<std::uint64_t>& accepted) {
  asio::io_context loop;
  tcp::socket socket{loop};
  tcp::resolver resolver{loop};
  asio::connect(socket, resolver.resolve("127.0.0.1", server.port));
  socket.set_option(tcp::no_delay{true});
  const auto gap =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kBatch * kConnections / rate));
  const auto begin = Clock::now() + gap * number / kConnections;
  const auto requests = static_cast<std::int64_t>(seconds * rate / kBatch / kConnections);
  beast::flat_buffer buffer;
  for (std::int64_t i = 0; i < requests; ++i) {
    std::this_thread::sleep_until(begin + gap * i);
    std::string body = "[";
    const auto due = begin + gap * i;  // the time it should have gone out: a late sender counts against the server
    for (int k = 0; k < kBatch; ++k) {
      const std::string id = fmt::format("{}-{}-{}", number, i, k);
      const bool alarm = (i * kBatch + k) % kAlarmEvery == 0;
      if (alarm) {
        const std::lock_guard lock{sent.mutex};
        sent.at.emplace(id, due);
      }
      body += fmt::format(R"({}{{"id":"{}","device":"{}","value":{},"alarm":{}}})", k == 0 ? "" : ",", id, id, k,
                          alarm ? "true" : "false");
    }
    body += "]";
    beast::http::request<beast::http::string_body> request{beast::http::verb::post, "/api/v1/ingest/bench", 11};
    request.set(beast::http::field::host, "127.0.0.1");
    request.set(beast::http::field::content_type, "application/json");
    request.body() = std::move(body);
    request.prepare_payload();
    beast::http::write(socket, request);
    beast::http::response<beast::http::string_body> answer;
    beast::http::read(socket, buffer, answer);
    if (answer.result_int() / 100 == 2) accepted += kBatch;
  }
}

void Measure(double rate, double seconds) {
  const Server server = Start();
  Sent sent;
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> accepted{0};
  std::thread listener{[&] { Listen(server, sent, done); }};
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  std::vector<std::thread> senders;
  const auto begin = Clock::now();
  for (int i = 0; i < kConnections; ++i)
    senders.emplace_back([&, i] { Load(server, sent, i, rate, seconds, accepted); });
  for (std::thread& sender : senders) sender.join();
  const double took = std::chrono::duration<double>(Clock::now() - begin).count();
  std::this_thread::sleep_for(std::chrono::seconds{1});
  done = true;
  Stop(server);
  listener.join();
  std::ranges::sort(sent.seconds);
  const auto quantile = [&](double q) {
    return sent.seconds.empty()
               ? -1.0
               : sent.seconds[static_cast<std::size_t>(q * static_cast<double>(sent.seconds.size() - 1))] * 1000;
  };
  rusage self{};
  getrusage(RUSAGE_SELF, &self);
  const double generator = static_cast<double>(self.ru_utime.tv_sec + self.ru_stime.tv_sec) +
                           static_cast<double>(self.ru_utime.tv_usec + self.ru_stime.tv_usec) * 1e-6;
  std::printf(
      "%s\n",
      fmt::format(
          R"({{"bench":"event_to_live","value":{:.2f},"unit":"ms p99","budget":50,"reference":"p50 of the same run","reference_value":{:.2f},)"
          R"("ratio":{:.2f},"seconds":{:.1f},"cores":{},"rate_asked":{},"rate_accepted":{:.0f},"alarms":{},"missing":{},"connections":{},"batch":{},"generator_cpu_s":{:.1f}}})",
          quantile(0.99), quantile(0.5), quantile(0.99) / quantile(0.5), took, std::thread::hardware_concurrency(),
          rate, static_cast<double>(accepted) / took, sent.seconds.size(), sent.at.size(), kConnections, kBatch,
          generator)
          .c_str());
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<double> rates;
  for (int i = 1; i < argc; ++i) rates.push_back(std::atof(argv[i]));
  if (rates.empty()) rates = {5000, 20000};
  for (const double rate : rates) Measure(rate, 15);
  return 0;
}
