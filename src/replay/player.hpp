// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Plays one dataset to a server at the pace of its clock and counts what became of each row. Rows whose answer got
/// lost are sent again; the server drops repeats, and what a repeat says is counted once.

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "base/id.hpp"
#include "replay/dataset.hpp"
#include "runtime/http_client.hpp"

namespace bongsu::replay {

/// The server's clock as seen from here.
struct ServerClock {
  TimePoint now{};
  std::chrono::steady_clock::time_point seen{};
  double scale = 1;
  /// Real time until platform time `at`; zero when it has passed.
  std::chrono::milliseconds Until(TimePoint at) const;
};

struct Target {
  std::string server;  ///< http://host:port
  ServerClock clock;
  /// Bearer token that may ingest for a tenant; empty for none (an open server).
  std::function<std::string(std::string_view tenant)> token;
  /// The same for a token that may read the state of links: what became of syslog is read there.
  std::function<std::string(std::string_view tenant)> watch_token;
};

struct Tally {
  std::uint64_t rows_in = 0, accepted = 0, refused = 0, duplicate = 0, quarantined = 0;
  std::uint64_t sent_again = 0;  ///< Requests that were repeated because their answer did not come.
  Duration shift{};              ///< Added to every time of the file.
  std::string file;
  std::string error;  ///< Why rows were refused, if they were.
};

class Player : public std::enable_shared_from_this<Player> {
 public:
  /// @param from, until  window in the file's own time
  /// @param start        platform time at which the window begins
  Player(runtime::Shards& shards, const Target& target, Dataset set, TimePoint from, TimePoint until, TimePoint start);
  virtual ~Player() = default;

  /// On shard 0; `done` there too.
  void Play(std::function<void()> done);
  const Tally& tally() const { return tally_; }
  const Dataset& set() const { return set_; }
  /// Rows of the window that were sent so far.
  std::size_t sent() const { return position_; }

  static std::shared_ptr<Player> Make(runtime::Shards& shards, const Target& target, Dataset set, TimePoint from,
                                      TimePoint until, TimePoint start);

 protected:
  using Rows = std::vector<const Row*>;
  /// What became of a chunk, by row.
  struct Answer {
    std::uint64_t accepted = 0, refused = 0, duplicate = 0, quarantined = 0;
  };
  /// Gets ready (signs in, looks up ports); calls Ready or GiveUp.
  virtual void Prepare() = 0;
  /// Sends one chunk; calls Settle, Again or GiveUp.
  virtual void Send() = 0;

  void Ready() { Next(); }
  void Settle(Answer answer);
  void Again(std::string_view why);
  /// Nothing more will get through: the rest is refused.
  void GiveUp(std::string why);
  void Http(runtime::HttpCall call, std::function<void(Result<http::Response>)> done);
  /// State and counters of the link.
  void LookAtLink(std::function<void(Result<http::Response>)> done);
  std::string Rendered(const Row& row) const { return set_.render(row, row.at + tally_.shift); }

  runtime::Shards& shards_;
  const Target& target_;
  Dataset set_;
  Rows chunk_;
  Tally tally_;
  std::size_t chunk_limit_ = 500;

 private:
  void Next();
  void Ask(std::string token, runtime::HttpCall call, std::function<void(Result<http::Response>)> done);
  std::uint64_t RepeatsInChunk() const;

  Rows rows_;  ///< Of the window.
  std::size_t position_ = 0;
  int attempts_ = 0;
  std::unordered_set<Hash128> sent_;
  std::function<void()> done_;
};

}  // namespace bongsu::replay
