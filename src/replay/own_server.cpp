// SPDX-License-Identifier: Apache-2.0
#include "replay/own_server.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json.hpp"
#include "base/time.hpp"

namespace bongsu::replay {
namespace {

constexpr auto kReadyWithin = 60s;
constexpr auto kEndWithin = 20s;

/// The first line of the pipe that is a ready event.
Result<std::string> ReadReadyLine(int pipe) {
  const auto deadline = std::chrono::steady_clock::now() + kReadyWithin;
  std::string text;
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd wait{.fd = pipe, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 500) <= 0) continue;
    char letter = 0;
    if (read(pipe, &letter, 1) <= 0) break;
    if (letter != '\n') {
      text += letter;
      continue;
    }
    const auto line = json::Parse(text);
    if (line && (*line)["event"].AsString() == "ready") return std::string((*line)["http"].AsString());
    text.clear();
  }
  return Fail(Code::kUnavailable, "replay.no_server", "the server did not become ready");
}

}  // namespace

Result<std::unique_ptr<OwnServer>> OwnServer::Start(const std::string& program, double scale) {
  std::unique_ptr<OwnServer> made{new OwnServer};
  std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-replay-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    return Fail(Code::kUnavailable, "replay.no_server", "cannot make a temporary folder");
  made->folder_ = pattern;
  std::ofstream(made->folder_ + "/bongsu.yaml")
      << "connectors:\n  syslog: {udp: \"127.0.0.1:0\", tcp: \"127.0.0.1:0\"}\n";
  const TimePoint epoch = std::chrono::floor<std::chrono::seconds>(WallClock{}.Now());
  const std::vector<std::string> words{program,
                                       "serve",
                                       "--data",
                                       made->folder_ + "/data",
                                       "--listen",
                                       "127.0.0.1:0",
                                       "--open",
                                       "--config",
                                       made->folder_ + "/bongsu.yaml",
                                       "--clock",
                                       fmt::format("scale={},epoch={}", scale, FormatUtc(epoch))};
  std::vector<char*> args;
  for (const std::string& word : words) args.push_back(const_cast<char*>(word.c_str()));
  args.push_back(nullptr);
  int pipes[2] = {-1, -1};
  if (pipe(pipes) != 0) return Fail(Code::kUnavailable, "replay.no_server", "no pipe");
  made->pid_ = fork();
  if (made->pid_ == 0) {
    dup2(pipes[1], 1);
    close(pipes[0]);
    close(pipes[1]);
    execv(args[0], args.data());
    _exit(127);
  }
  close(pipes[1]);
  auto url = ReadReadyLine(pipes[0]);
  close(pipes[0]);
  if (!url) return tl::unexpected<Error>(std::move(url).error());
  made->url_ = *std::move(url);
  return made;
}

OwnServer::~OwnServer() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + kEndWithin;
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > deadline) kill(pid_, SIGKILL);
      usleep(20'000);
    }
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace bongsu::replay
