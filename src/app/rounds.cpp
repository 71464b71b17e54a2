// SPDX-License-Identifier: Apache-2.0
// What a running server looks after from time to time.
#include "app/server_parts.hpp"
#include "app/tenant_house.hpp"
#include "guard/audit/chain_watch.hpp"

namespace bongsu::app {
namespace {

constexpr std::chrono::milliseconds kCountEvery{2'000};
constexpr std::chrono::minutes kVerifyEvery{10};
constexpr std::chrono::milliseconds kLookAtDiskEvery{2'000};
constexpr std::chrono::seconds kCheckpointEvery{60};

}  // namespace

/// How many connectors of each tenant are in which state, for the console's footer.
void Server::Parts::CountConnectors() {
  for (const auto& [ordinal, entry] : directory->All()) {
    const auto house = houses->Find(ordinal);
    if (!house) continue;
    senses->Statuses(entry.tenant.id, [this, house](const std::vector<ingest::ConnectorStatus>& statuses) {
      json::Value counts{json::Object{}};
      for (const ingest::ConnectorStatus& status : statuses) counts.Set(status.state, counts[status.state].AsInt() + 1);
      shards->Post(house->shard(), [house, counts] { house->set_connectors(counts); });
    });
  }
  shards->After(0, kCountEvery, [this] { CountConnectors(); });
}

/// Every tenant's audit chain, so that the mark in the console's footer is not older than ten minutes.
void Server::Parts::VerifyChains() {
  for (const auto& [ordinal, entry] : directory->All()) {
    const auto house = houses->Find(ordinal);
    if (!house) continue;
    house->chain_watch()->Ask([this, tenant = entry.tenant.id](const Result<audit::ChainState>& state) {
      if (!state) return log.Failure("server.chain_not_verified", state.error());
      if (!state->ok)
        log.Error("server.chain_broken",
                  {{"tenant", tenant}, {"reason", state->first_bad ? state->first_bad->reason : "cut tail"}});
    });
  }
  shards->After(0, kVerifyEvery, [this] { VerifyChains(); });
}

/// Of every desk that grew by `checkpoint_records` since its last one; folded in the blocking pool, on books of its
/// own.
void Server::Parts::MakeCheckpoints() {
  for (const auto& [ordinal, entry] : directory->All()) {
    const std::uint16_t partition = model::DeskPartition(ordinal);
    const auto make = [this, partition, tenant = ordinal] {
      const auto kept = checkpoints->List(partition);
      const std::uint64_t covered = kept.empty() ? 0 : kept.front().seq;
      const auto grown = static_cast<std::int64_t>(journal->RangeOf(partition).last_seq - covered);
      if (grown < options.config.checkpoint_records) return;
      const auto books = MakeBooks(houses->ground());
      const auto made = desk::MakeCheckpoint(*checkpoints, *folded, partition, books->Of(tenant));
      if (!made) return log.Failure("server.checkpoint_failed", made.error());
      log.Info("server.checkpoint",
               {{"partition", static_cast<std::int64_t>(partition)}, {"seq", static_cast<std::int64_t>(*made)}});
    };
    if (!pool->Run(make)) log.Warn("server.checkpoint_put_off", {{"reason", "the blocking pool is full"}});
  }
  shards->After(0, kCheckpointEvery, [this] { MakeCheckpoints(); });
}

/// Keys of what all tenants hold, for Keeper.
void Server::Parts::AskHeld(const std::function<void(const Result<std::set<sealing::KeyId>>& keys)>& answer) {
  struct Asked {
    std::set<sealing::KeyId> keys;
    std::size_t left = 0;
  };
  const auto asked = std::make_shared<Asked>();
  const auto tenants = directory->All();
  asked->left = tenants.size();
  if (tenants.empty()) return answer(std::set<sealing::KeyId>{});
  for (const auto& [ordinal, entry] : tenants) {
    const auto house = houses->Find(ordinal);
    if (!house)
      return answer(Fail(Code::kUnavailable, "app.tenant_opens", "tenant {} is not open yet", entry.tenant.id));
  }
  for (const auto& [ordinal, entry] : tenants) {
    const auto house = houses->Find(ordinal);
    shards->Post(house->shard(), [this, asked, house, tenant = ordinal, answer] {
      std::vector<std::string> scopes;
      for (const auto& [id, hold] : house->erasures().holds()) scopes.push_back(hold.scope);
      shards->Post(0, [this, asked, tenant, answer, scopes] {
        for (const auto& scope : scopes) asked->keys.merge(keyring->KeysOf(tenant, scope));
        if (--asked->left == 0) answer(asked->keys);
      });
    });
  }
}

/// A disk that takes its time is seen before the room feels it.
void Server::Parts::WatchDisk() {
  if (!disk_watch) disk_watch = std::make_unique<DiskWatch>(options.config.slow_disk_ms / 1000);
  if (auto event = disk_watch->Look(committer->SyncSeconds(), clock->Now())) {
    event->tenant = guard::kPlatformTenant;
    log.Warn("server.disk", {{"event", event->type}, {"seconds", committer->SyncSeconds()}});
    stages->Take(*event);
  }
  shards->After(0, kLookAtDiskEvery, [this] { WatchDisk(); });
}

/// What is older or larger than the configuration wants leaves the journal.
void Server::Parts::TrimJournal() {
  keeper->Run([this](const Result<Keeper::Cuts>& cuts) {
    if (!cuts) log.Failure("server.retention_failed", cuts.error());
  });
  shards->After(0, std::chrono::milliseconds{static_cast<std::int64_t>(options.config.retention_every_s * 1000)},
                [this] { TrimJournal(); });
}

void Server::Parts::TellPoison() {
  for (const model::Position& position : guard->poisoned()) {
    model::Finding finding;
    finding.tenant = guard::kPlatformTenant;
    finding.rule = "platform-poison-record";
    finding.rule_version = "1";
    finding.key = fmt::format("{}/{}", position.partition, position.seq);
    finding.id = model::FindingId(finding.tenant, finding.rule, finding.key, TimePoint{});
    finding.status = model::FindingStatus::kFinal;
    finding.first_at = finding.last_at = finding.received_at = clock->Now();
    finding.severity = 1;
    finding.service = "ems";
    finding.position = "video";
    finding.title = {fmt::format("저널 기록 {} 제외됨", finding.key),
                     fmt::format("Journal record {} is left out", finding.key)};
    finding.events = {position};
    finding.explanation.Set(
        "text",
        json::Object{{"ko", "이 기록을 읽을 때 서버가 두 번 중단되어 제외했습니다. 기록은 저널에 남아 있습니다."},
                     {"en",
                      "The server aborted twice over this record, so it is left out. It stays in the "
                      "journal (bongsu journal export)."}});
    log.Error("journal.record_left_out", {{"partition", static_cast<std::int64_t>(position.partition)},
                                          {"seq", static_cast<std::int64_t>(position.seq)}});
    houses->Tell(guard::kPlatformTenant, {std::move(finding)});
  }
}

}  // namespace bongsu::app
