// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The gate: who sent it, is it valid, is it new. What passes becomes one batch for the journal, an event with the
/// entity changes it means; what a mapping refuses is held; the sender hears of it only after the batch is on disk.
///
///   connector ── Submit ──▶ shard of the source: mapping ▶ dedupe ▶ AppendPort ──▶ on disk ──▶ Done
///
/// State of a source lives on its partition's shard. Submit, Touch and the looks may be called from any shard; what
/// they call back runs on the source's shard.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "guard/sealing/attributes.hpp"
#include "know/journal/port.hpp"
#include "runtime/shards.hpp"
#include "sense/ingest/boundary.hpp"
#include "sense/ingest/decode.hpp"
#include "sense/ingest/quarantine.hpp"
#include "sense/ingest/source.hpp"
#include "sense/ingest/status.hpp"

namespace bongsu::ingest {

struct GateDeps {
  runtime::Shards& shards;
  journal::AppendPort& append;
  const Clock& clock;
  Metrics& metrics;
  const Log& log;
  /// Ordinal of a tenant; nothing while there is none. Any thread.
  std::function<std::optional<std::uint16_t>(std::string_view name)> tenant_ordinal;
  /// Place of an entity, asked on a source's shard; may be empty.
  std::function<std::optional<model::Place>(std::uint16_t tenant, std::string_view entity)> place_of;
  /// Seals personal values; null in a house that keeps nothing (scenarios, rule runs).
  sealing::Keyring* sealing = nullptr;
  /// What is personal of entities whatever a mapping says; may be null.
  const sealing::PersonalAttributes* personal = nullptr;
  /// One record of the journal, read elsewhere; the answer may come on any thread.
  std::function<void(model::Position, std::function<void(Result<model::Record>)>)> read_record;
};

/// A configured source with what is fixed about it. Its counters of messages under way may be touched on any thread.
struct Source {
  SourceConfig config;
  Zone zone;
  std::vector<std::shared_ptr<const Mapping>> mappings;
  bool has_personal = false;                 ///< One of its mappings declares a value personal.
  std::shared_ptr<const Boundary> boundary;  ///< Of its tenant; null when unknown.
  std::atomic<std::int32_t> ordinal{-1};     ///< Of its tenant; -1 while that does not exist.
  std::atomic<std::int64_t> under_way{0};    ///< Messages between Submit and Done.
  std::atomic<std::uint64_t> dropped{0};     ///< Datagrams that were lost here because the house was full.
};

struct Delivery {
  std::vector<Row> rows;
  std::string topic;
  std::string format;                        ///< Content type or format word, kept with what is held.
  std::optional<model::Position> replay_of;  ///< A held message that is put through again.
};

struct Outcome {
  std::uint64_t rows_in = 0, accepted = 0, refused = 0, duplicate = 0, quarantined = 0;
  struct RowError {
    std::size_t row = 0;
    std::string reason, message;
  };
  std::vector<RowError> errors;  ///< At most 20.
  std::optional<Error> again;    ///< The journal refused: nothing about these rows is known, send them again.
};
/// Schema IngestResult of api/openapi.yaml.
json::Value ToJson(const Outcome& outcome);

using Done = std::function<void(Outcome)>;

class Gate {
 public:
  explicit Gate(GateDeps deps);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Before Start: what is known of the city and of its sources.
  void SetBoundary(std::string tenant, Boundary boundary);
  void SetDecoders(Decoders decoders) { decoders_ = std::move(decoders); }
  /// @errors kInvalidArgument source.bad (also an id that is taken)
  Result<void> AddSource(SourceConfig config, const MappingSet& mappings);
  /// Before Start: takes a record of the journal in, oldest first.
  void Fold(const model::Record& record);
  /// Begins to watch for silence.
  void Start();
  void Stop();

  /// The source, or nullptr. Any thread.
  std::shared_ptr<Source> Find(std::string_view tenant, std::string_view id) const;
  const std::vector<std::shared_ptr<Source>>& sources() const { return sources_; }

  /// Any thread; `done` runs once on the source's shard, at once on this thread when the source is full or has no
  /// tenant.
  void Submit(const std::shared_ptr<Source>& source, Delivery delivery, Done done);
  /// A sign of life without a message.
  void Touch(const std::shared_ptr<Source>& source);
  /// Something went wrong with the link itself.
  void Report(const std::shared_ptr<Source>& source, Error error);
  /// Messages of a peer that cannot be told to come again are lost; counted, and noted once in a thousand.
  void Drop(const std::shared_ptr<Source>& source, const Error& why);

  /// Status of every source of a tenant (name), as far as the gate knows; `done` on some shard.
  void Look(const std::string& tenant, std::function<void(std::vector<ConnectorStatus>)> done);
  /// Held messages of a tenant, newest first.
  void LookHeld(std::string tenant, std::function<void(std::vector<HeldItem>)> done);
  /// Puts a held message through the present mappings. @errors kNotFound quarantine.unknown, kConflict quarantine.done
  void Replay(std::string tenant, model::Position position, std::function<void(Result<Outcome>)> done);

 private:
  struct State;  ///< Of one source, on its shard.
  struct Shard;
  struct Work;
  struct Admitted;

  std::uint16_t PartitionOf(const Source& source) const;
  std::size_t ShardOf(const Source& source) const;
  std::optional<std::uint16_t> OrdinalOf(Source& source) const;
  State* StateOf(const std::shared_ptr<Source>& source);
  void Take(State& state, Delivery delivery, TimePoint arrived, Done done);
  void TakeRow(State& state, Work& work, const Delivery& delivery, std::size_t index, TimePoint arrived);
  void TakeMeaning(State& state, Work& work, Meaning meaning, std::size_t index, TimePoint arrived);
  Result<void> SealPersonal(const State& state, Meaning& meaning) const;
  Result<void> SealHeld(const State& state, Held& held) const;
  Result<void> OpenHeld(const State& state, Delivery& delivery) const;
  std::string Today() const { return FormatUtc(deps_.clock.Now()).substr(0, 10); }
  void Hold(State& state, Work& work, const Delivery& delivery, std::size_t index, const Error& why, std::size_t rows);
  void Flush(State& state, const std::shared_ptr<Work>& work);
  void Finish(State& state, Work& work);
  void CheckSilence(std::size_t shard);
  void Heard(State& state, TimePoint now);
  void TellSilence(State& state, bool silent, TimePoint last, TimePoint now);
  void EachShard(std::size_t shard, std::function<void(std::size_t)> look, std::function<void()> done);

  GateDeps deps_;
  std::map<std::string, std::shared_ptr<const Boundary>, std::less<>> boundaries_;
  Decoders decoders_;
  std::vector<std::shared_ptr<Source>> sources_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<bool> running_{false};
};

}  // namespace bongsu::ingest
