// SPDX-License-Identifier: Apache-2.0
#include "serve/live/live_hub.hpp"

#include "guard/sealing/token.hpp"

namespace bongsu::live {
namespace {

std::string Text(std::string_view type, std::uint64_t seq, std::optional<std::uint64_t> prev, TimePoint at,
                 const json::Value& data) {
  json::Writer frame;
  frame.Object().Key("type").String(type).Key("seq").Int(static_cast<std::int64_t>(seq)).Key("prev");
  if (prev) {
    frame.Int(static_cast<std::int64_t>(*prev));
  } else {
    frame.Null();
  }
  frame.Key("at").String(FormatUtc(at)).Key("data").Put(data).End();
  return sealing::Masked(frame.Take());  // sockets show no personal value
}

}  // namespace

struct LiveHub::Client {
  guard::Principal caller;
  std::uint64_t number = 0;  ///< Key in clients_; 0 before it is opened.
  std::shared_ptr<runtime::WebSocket> socket;
  bool following = false;              ///< After resume: gets frames as they come.
  std::optional<std::uint64_t> shown;  ///< Last seq shown.
  std::unique_ptr<ObjectFeed> feed;    ///< On the socket's shard.
};

LiveHub::LiveHub(runtime::Shards& shards, std::size_t shard, const journal::JournalPort& journal, desk::DeskPort& desk,
                 const Clock& clock, Sources sources, MakeFeed make_feed, Metrics& metrics, std::uint16_t tenant)
    : shards_{shards},
      shard_{shard},
      journal_{journal},
      desk_{desk},
      clock_{clock},
      sources_{std::move(sources)},
      make_feed_{std::move(make_feed)},
      partition_{model::DeskPartition(tenant)},
      frames_{metrics.Counter("bongsu_live_frames_total", "Text frames sent to consoles.")},
      refused_{metrics.Counter("bongsu_live_refused_total", "Live connections refused because too many were open.")},
      clients_gauge_{
          metrics.Gauge("bongsu_live_clients", "Live connections open now.", fmt::format("tenant=\"{}\"", tenant))},
      last_seq_{journal.RangeOf(partition_).last_seq} {}

void LiveHub::Start() {
  shards_.After(shard_, std::chrono::milliseconds{1000}, [self = shared_from_this()] { self->Beat(); });
}

bool LiveHub::MaySee(const Client& client, const Frame& frame) const {
  if (frame.type == "audit") return guard::Allows(client.caller.role, guard::Permission::kReadAudit);
  return guard::Allows(client.caller.role, guard::Permission::kReadPicture);
}

void LiveHub::OnCommitted(std::span<const model::Record> records) {
  for (const model::Record& record : records) {
    last_seq_ = record.position.seq;
    const auto frame = sources_.frame(record);
    if (!frame) continue;
    for (auto& [number, client] : clients_) {
      if (client->following && MaySee(*client, *frame)) Show(*client, record, *frame);
    }
  }
}

void LiveHub::Show(Client& client, const model::Record& record, const Frame& frame) {
  client.socket->SendText(live::Text(frame.type, record.position.seq, client.shown, record.ingest_time, frame.data));
  client.shown = record.position.seq;
  frames_.Add();
}

runtime::WebSocketHandlers LiveHub::Accept(const guard::Principal& caller, const std::string& version) {
  auto client = std::make_shared<Client>();
  client->caller = caller;
  runtime::WebSocketHandlers handlers;
  handlers.opened = [self = shared_from_this(), client, version](std::shared_ptr<runtime::WebSocket> socket) {
    client->socket = std::move(socket);
    if (self->make_feed_) client->feed = self->make_feed_(client->caller, client->socket->shard());
    self->FeedTick(client);
    self->shards_.Post(self->shard_, [self, client, version] { self->Opened(client, version); });
  };
  handlers.text = [self = shared_from_this(), client](std::string_view text) {
    auto message = json::Parse(text);
    if (!message) return client->socket->Close(1007, "not JSON");
    if ((*message)["type"].AsString() == "view") {
      if (client->feed) client->feed->View(*message);
      return;
    }
    self->shards_.Post(self->shard_, [self, client, message = std::move(*message)] { self->Text(client, message); });
  };
  handlers.closed = [self = shared_from_this(), client] {
    client->feed.reset();
    self->shards_.Post(self->shard_, [self, client] {
      self->clients_.erase(client->number);
      self->clients_gauge_.Set(static_cast<double>(self->clients_.size()));
    });
  };
  return handlers;
}

void LiveHub::Opened(const std::shared_ptr<Client>& client, const std::string& version) {
  if (clients_.size() >= kMaxClients) {
    refused_.Add();
    return client->socket->Close(1013, "too many consoles");
  }
  client->number = next_client_++;
  clients_[client->number] = client;
  clients_gauge_.Set(static_cast<double>(clients_.size()));
  const TimePoint now = clock_.Now();
  json::Value user;
  user.Set("id", client->caller.id);
  user.Set("name", client->caller.name);
  user.Set("role", guard::RoleName(client->caller.role));
  user.Set("display", client->caller.name);
  json::Value clock;
  clock.Set("scale", clock_.scale());
  json::Value data;
  data.Set("server_time", FormatUtc(now));
  data.Set("user", std::move(user));
  data.Set("tenant", client->caller.tenant_name);
  data.Set("seq", last_seq_);
  data.Set("version", version);
  data.Set("clock", std::move(clock));
  client->socket->SendText(live::Text("hello", last_seq_, std::nullopt, now, data));
}

void LiveHub::Text(const std::shared_ptr<Client>& client, const json::Value& message) {
  if (message["type"].AsString() == "resume") Resume(client, static_cast<std::uint64_t>(message["seq"].AsInt()));
}

void LiveHub::Resume(const std::shared_ptr<Client>& client, std::uint64_t seq) {
  desk_.Read([self = shared_from_this(), client, seq] {
    const std::uint64_t first = self->journal_.RangeOf(self->partition_).first_seq;
    const bool replayable =
        seq > 0 && seq <= self->last_seq_ && seq + 1 >= first && self->last_seq_ - seq <= kMaxReplay;
    client->shown = seq;
    if (replayable) {
      self->Replay(*client, seq + 1);
    } else {
      self->SendSnapshot(*client);
    }
    client->following = true;
  });
}

void LiveHub::Replay(Client& client, std::uint64_t from_seq) {
  const auto end = journal_.Read(partition_, from_seq, [&](const model::Record& record) {
    if (record.position.seq > last_seq_) return false;
    const auto frame = sources_.frame(record);
    if (frame && MaySee(client, *frame)) Show(client, record, *frame);
    return true;
  });
  if (!end) SendSnapshot(client);
}

void LiveHub::SendSnapshot(Client& client) {
  json::Value data = sources_.snapshot();
  data.Set("counters", sources_.counters());
  client.socket->SendText(live::Text("snapshot", last_seq_, std::nullopt, clock_.Now(), data));
  client.shown = last_seq_;
  frames_.Add();
}

void LiveHub::Beat() {
  const TimePoint now = clock_.Now();
  json::Writer heartbeat;
  heartbeat.Object().Key("type").String("heartbeat").Key("at").String(FormatUtc(now)).End();
  const json::Value counters = clients_.empty() ? json::Value{} : sources_.counters();
  for (auto& [number, client] : clients_) {
    if (sources_.may_stay && !sources_.may_stay(client->caller)) {
      client->socket->Close(1008, "signed out");
      continue;
    }
    client->socket->SendText(heartbeat.text());
    if (!client->following) continue;
    const std::uint64_t seq = client->shown.value_or(0);
    client->socket->SendText(live::Text("counter", seq, seq, now, counters));
  }
  shards_.After(shard_, std::chrono::milliseconds{1000}, [self = shared_from_this()] { self->Beat(); });
}

void LiveHub::FeedTick(const std::weak_ptr<Client>& weak) {
  const auto client = weak.lock();
  if (!client || !client->feed) return;
  constexpr std::size_t kConflateAbove = 256UL << 10U;  // console.md 5.3: skip this tick, values conflate
  if (client->socket->Unsent() <= kConflateAbove) {
    for (std::string& frame : client->feed->Tick()) client->socket->SendBinary(std::move(frame));
  }
  shards_.After(client->socket->shard(), std::chrono::milliseconds{100},
                [self = shared_from_this(), weak] { self->FeedTick(weak); });
}

}  // namespace bongsu::live
