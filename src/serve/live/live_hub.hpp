// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The live socket of one tenant: every committed desk record that a client may see, in order, none lost.
///
///   client                                    hub (on the desk's shard)
///     │ ◀────────── hello{seq} ──────────────────│
///     │ ─────────── resume{seq} ────────────────▶│ few behind: the missed frames; else one snapshot
///     │ ◀── alarm|incident|step|notice|audit ────│ seq = desk seq, prev = last seq shown to this client
///     │ ◀── heartbeat, counter each second ──────│
///
/// Frames: api/events.schema.json.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/metrics.hpp"
#include "guard/principal.hpp"
#include "know/desk/port.hpp"
#include "runtime/http_server.hpp"

namespace bongsu::live {

struct Frame {
  std::string type;  ///< alarm, incident, step, notice, audit, config
  json::Value data;
};

/// What the hub needs to know from the rest of the house; all called on the desk's shard.
struct Sources {
  std::function<std::optional<Frame>(const model::Record&)> frame;  ///< Empty: not for the screen.
  std::function<json::Value()> snapshot;                            ///< {"alarms":[…],"incidents":[…]}
  std::function<json::Value()> counters;                            ///< data of a counter frame
  /// False once a caller was signed out, locked, revoked or given another role; empty: nobody ever is.
  std::function<bool(const guard::Principal&)> may_stay = {};
};

/// One client's map: positions as binary frames (console.md 5.2). Made per connection, lives on the connection's shard.
class ObjectFeed {
 public:
  virtual ~ObjectFeed() = default;
  /// The client looks elsewhere: {"bbox":[w,s,e,n],"zoom","layers":[…],"maxObjects"}.
  virtual void View(const json::Value& view) = 0;
  /// Ten times a second: the frames to send now.
  virtual std::vector<std::string> Tick() = 0;
};
using MakeFeed = std::function<std::unique_ptr<ObjectFeed>(const guard::Principal&, std::size_t shard)>;

class LiveHub : public std::enable_shared_from_this<LiveHub> {
 public:
  /// Missed frames up to this number are replayed; past it the client gets a snapshot.
  static constexpr std::uint64_t kMaxReplay = 5'000;
  static constexpr std::size_t kMaxClients = 1'000;

  LiveHub(runtime::Shards& shards, std::size_t shard, const journal::JournalPort& journal, desk::DeskPort& desk,
          const Clock& clock, Sources sources, MakeFeed make_feed, Metrics& metrics, std::uint16_t tenant);

  /// Starts the second's beat. Call once, after it is held by a shared_ptr.
  void Start();
  /// Desk records that are on disk now; on the desk's shard.
  void OnCommitted(std::span<const model::Record> records);
  /// Handlers for one connection of `caller`; may be called on any shard.
  runtime::WebSocketHandlers Accept(const guard::Principal& caller, const std::string& version);

 private:
  struct Client;
  void Opened(const std::shared_ptr<Client>& client, const std::string& version);
  void Text(const std::shared_ptr<Client>& client, const json::Value& message);
  void Resume(const std::shared_ptr<Client>& client, std::uint64_t seq);
  void Replay(Client& client, std::uint64_t from_seq);
  void Show(Client& client, const model::Record& record, const Frame& frame);
  void SendSnapshot(Client& client);
  void Beat();
  void FeedTick(const std::weak_ptr<Client>& client);
  bool MaySee(const Client& client, const Frame& frame) const;

  runtime::Shards& shards_;
  std::size_t shard_;
  const journal::JournalPort& journal_;
  desk::DeskPort& desk_;
  const Clock& clock_;
  Sources sources_;
  MakeFeed make_feed_;
  std::uint16_t partition_;
  Counter& frames_;
  Counter& refused_;
  Gauge& clients_gauge_;
  std::map<std::uint64_t, std::shared_ptr<Client>> clients_;
  std::uint64_t next_client_ = 1;
  std::uint64_t last_seq_ = 0;  ///< Newest committed desk record handed to OnCommitted.
};

}  // namespace bongsu::live
