// SPDX-License-Identifier: Apache-2.0
#pragma once

// A server of NGSI-LD alone (no sign-in) over the real journal and state store, and a client with many connections.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "know/journal/embedded/embedded_journal.hpp"
#include "know/store/live_context.hpp"
#include "know/store/rocks_state.hpp"
#include "runtime/committer.hpp"
#include "runtime/http_server.hpp"
#include "serve/ngsi/routes.hpp"

namespace bongsu::bench {

inline double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// CPU time of the whole process, or (RUSAGE_THREAD) of the load generator when its thread asks.
inline double CpuSeconds(int whose = RUSAGE_SELF) {
  rusage usage{};
  getrusage(whose, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

inline std::size_t ResidentBytes() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  if (FILE* file = fopen("/proc/self/statm", "r")) {
    if (fscanf(file, "%zu %zu", &pages, &resident) != 2) resident = 0;
    fclose(file);
  }
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// An entity of five attributes, as the budgets count them.
inline std::string Entity(std::size_t number, std::size_t value) {
  return fmt::format(
      R"({{"id":"urn:ngsi-ld:Station:{:07}","type":"Station","name":{{"type":"Property","value":"Station {}"}},)"
      R"("location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{:.5f},{:.5f}]}}}},)"
      R"("pm10":{{"type":"Property","value":{},"unitCode":"GQ","observedAt":"2026-11-22T10:00:00Z"}},)"
      R"("pm25":{{"type":"Property","value":{},"unitCode":"GQ","observedAt":"2026-11-22T10:00:00Z"}},)"
      R"("status":{{"type":"Property","value":"ok"}}}})",
      number, number, 126.5 + static_cast<double>(number % 1000) * 0.0003,
      35.7 + static_cast<double>(number / 1000) * 0.0003, value % 200, value % 90);
}

class House {
 public:
  /// @param memory_bytes  for attributes of entities; 0: no bound
  explicit House(const std::filesystem::path& folder, std::size_t memory_bytes = 0)
      : memory_bytes_{memory_bytes},
        journal_{Journal(folder)},
        state_{store::RocksState::Open({(folder / "state").string()}).value()} {
    if (!live_.Recover()) std::abort();
    committer_.SetSink([this](std::size_t shard, std::span<const model::Record* const> records) {
      live_.WhenWhole(shard, records,
                      [this, shard](std::span<const model::Record* const> whole) { live_.OnCommitted(shard, whole); });
    });
    if (!committer_.Start()) std::abort();
    shards_.Start();
    live_.Start();
    server_ =
        runtime::HttpServer::Open(
            shards_, {},
            [this](http::Request request, http::Respond respond) { Handle(std::move(request), std::move(respond)); },
            [](const http::Request&, const std::function<void(runtime::UpgradeAnswer)>& answer) { answer({}); },
            metrics_, Log{Log::Level::kWarn})
            .value();
  }
  ~House() {
    server_->Close();
    committer_.Stop();
    pool_.Stop();
    shards_.Stop();
  }
  std::uint16_t port() const { return server_->port(); }
  store::LiveContext& live() { return live_; }
  runtime::Shards& shards() { return shards_; }
  double save_seconds() {
    return std::max(metrics_.Gauge("bongsu_store_save_seconds", "", "shard=\"0\"").value(),
                    metrics_.Gauge("bongsu_store_save_seconds", "", "shard=\"1\"").value());
  }

 private:
  static std::unique_ptr<journal::EmbeddedJournal> Journal(const std::filesystem::path& folder) {
    journal::EmbeddedOptions options;
    options.folder = folder / "journal";
    options.disk.ballast_bytes = 0;
    auto engine = journal::EmbeddedJournal::Open(options);
    if (!engine) std::abort();
    return std::move(*engine);
  }

  void Handle(http::Request request, http::Respond respond) {
    const auto found = router_.Find(request.method, request.segments);
    if (!found) return respond(http::ProblemResponse(found.error()));
    api::Call call;
    call.request = std::move(request);
    call.caller.tenant_name = "default";
    call.params = found->params;
    found->route->handler(std::move(call), std::move(respond));
  }

  const std::size_t memory_bytes_;
  WallClock clock_;
  Metrics metrics_;
  runtime::Shards shards_{2};
  runtime::BlockingPool pool_{2, 1000};
  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::unique_ptr<store::RocksState> state_;
  runtime::Committer committer_{*journal_, shards_, clock_, metrics_, Log{Log::Level::kWarn}};
  store::LiveContext live_{shards_,
                           pool_,
                           *journal_,
                           *state_,
                           metrics_,
                           Log{Log::Level::kWarn},
                           {{}, {}, {}, {.memory_bytes = memory_bytes_}}};
  ngsi::ContextService service_{shards_, committer_, clock_, {}, live_.contexts()};
  api::Router router_{ngsi::NgsiRoutes(service_)};
  std::unique_ptr<runtime::HttpServer> server_;
};

inline std::string Request(std::string_view method, std::string_view target, std::string_view body = {}) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", method, target);
  if (!body.empty()) out += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  out += "\r\n";
  out += body;
  return out;
}

struct Figures {
  double per_second = 0;
  double seconds = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::size_t failed = 0;
};

/// At most one request on each of `connections` until `requests` are answered; `make(n)` gives the n-th.
/// @param rate  requests a second, each measured from the moment it was due, whether a connection was free or not (open
///              loop); 0: each as soon as a connection is free
inline Figures Run(std::uint16_t port, std::size_t connections, std::size_t requests,
                   const std::function<std::string(std::size_t)>& make, double rate = 0) {
  struct Connection {
    int socket = -1;
    std::string in;
    double due = 0;
  };
  std::vector<Connection> all(connections);
  std::vector<Connection*> free;
  std::vector<pollfd> polled(connections);
  std::vector<double> latencies;
  Figures figures;
  std::size_t next = 0;
  const double begin = Now();
  const auto due = [&] { return rate > 0 ? begin + static_cast<double>(next) / rate : Now(); };
  const auto send_due = [&] {
    while (!free.empty() && next < requests && due() <= Now()) {
      Connection& c = *free.back();
      free.pop_back();
      c.due = due();
      const std::string request = make(next++);
      for (std::size_t done = 0; done < request.size();) {
        const auto sent = send(c.socket, request.data() + done, request.size() - done, 0);
        if (sent <= 0) std::abort();
        done += static_cast<std::size_t>(sent);
      }
    }
  };
  /// Until the next is due; when none can be sent, until an answer comes.
  const auto pause = [&] {
    const double wait = free.empty() || next >= requests ? 10 : std::max(0.0, due() - Now());
    const auto whole = static_cast<time_t>(wait);
    return timespec{whole, static_cast<long>((wait - static_cast<double>(whole)) * 1e9)};
  };
  for (std::size_t i = 0; i < connections; ++i) {
    all[i].socket = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(all[i].socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(all[i].socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
    polled[i] = {all[i].socket, POLLIN, 0};
    free.push_back(&all[i]);
  }
  send_due();
  while (latencies.size() < requests) {
    const timespec wait = pause();
    if (ppoll(polled.data(), polled.size(), &wait, nullptr) == 0 && wait.tv_sec >= 10) std::abort();
    for (std::size_t i = 0; i < connections; ++i) {
      if ((polled[i].revents & POLLIN) == 0) continue;
      Connection& c = all[i];
      char buffer[65536];
      const auto got = recv(c.socket, buffer, sizeof buffer, 0);
      if (got <= 0) std::abort();
      c.in.append(buffer, static_cast<std::size_t>(got));
      const auto head = c.in.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const auto length = c.in.find("Content-Length: ");
      const std::size_t body = length < head ? std::stoul(c.in.substr(length + 16)) : 0;
      if (c.in.size() < head + 4 + body) continue;
      if (c.in[9] != '2' || c.in.compare(9, 3, "207") == 0) ++figures.failed;
      c.in.erase(0, head + 4 + body);
      latencies.push_back(Now() - c.due);
      free.push_back(&c);
    }
    send_due();
  }
  figures.seconds = Now() - begin;
  for (const auto& c : all) close(c.socket);
  std::ranges::sort(latencies);
  figures.per_second = static_cast<double>(requests) / figures.seconds;
  figures.p50_ms = latencies[latencies.size() / 2] * 1e3;
  figures.p99_ms = latencies[latencies.size() * 99 / 100] * 1e3;
  return figures;
}

inline std::filesystem::path MakeFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-bench-XXXXXX").string();
  return mkdtemp(pattern.data());
}

}  // namespace bongsu::bench
