// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>

namespace bongsu::crash {
namespace {

/// The program's standard output and its process.
struct Child {
  pid_t process = 0;
  int output = -1;
};

Child Start(const std::vector<std::string>& command) {
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execv's signature
  words.push_back(nullptr);
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) std::abort();
  const pid_t process = ::fork();
  if (process == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  return {process, pipe[0]};
}

}  // namespace

Life RunUntilDead(const std::vector<std::string>& command, bool cuts_its_power, std::uint64_t longest_ms,
                  std::mt19937_64& random) {
  const Child child = Start(command);
  Life life;
  std::array<char, 65536> buffer{};
  const auto begin = std::chrono::steady_clock::now();
  auto until = std::chrono::steady_clock::time_point::max();
  for (;;) {
    const ssize_t got = ::read(child.output, buffer.data(), buffer.size());
    if (got <= 0) break;
    life.lines.append(buffer.data(), static_cast<std::size_t>(got));
    const auto now = std::chrono::steady_clock::now();
    if (cuts_its_power) continue;
    // The first line starts the clock; a random moment after it the writer dies.
    if (until == std::chrono::steady_clock::time_point::max())
      until = now + std::chrono::microseconds{random() % (longest_ms * 1000)};
    if (now >= until || now - begin > std::chrono::seconds{20}) {
      ::kill(child.process, SIGKILL);
      until = now + std::chrono::hours{1};
    }
  }
  ::close(child.output);
  int status = 0;
  ::waitpid(child.process, &status, 0);
  const bool as_wanted = cuts_its_power ? WIFEXITED(status) && WEXITSTATUS(status) == 137
                                        : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (!as_wanted) life.wrong = fmt::format("the writer ended by itself, status {:#x}", status);
  life.lines.erase(life.lines.rfind('\n') + 1);
  return life;
}

}  // namespace bongsu::crash
