// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Hot reload of the rules: how a changed rule file takes force without a restart.
///
///   asked ─▶ read and compile (blocking pool) ─▶ replicas widened ─▶ config record on the platform's desk, audited
///         ─▶ config record in every data partition ─▶ each shard switches where it meets its own ─▶ answer
///
/// One reload at a time; on shard 0, from where the steps are driven.

#include <functional>
#include <memory>
#include <string>

#include "app/stages.hpp"
#include "decide/rules/reload.hpp"
#include "guard/account_office.hpp"

namespace bongsu::app {

class RuleOffice {
 public:
  using Answer = std::function<void(Result<json::Value>)>;

  struct House {
    runtime::Shards& shards;
    runtime::BlockingPool& pool;
    journal::AppendPort& append;
    store::LiveContext& context;
    Stages& stages;
    guard::AccountOffice& desks;
    const Log& log;
    std::string packs;  ///< Folder.
  };
  explicit RuleOffice(House house) : house_{std::move(house)} {}

  /// On any shard; answers there, when every shard has switched:
  /// {"version","rules","added":[id…],"changed","removed","kept","complaints":[{"file","line","column","code","message","rule"?}…]}.
  /// When nothing changed, nothing is recorded.
  /// @errors kConflict rules.reloading, kOverloaded rules.busy, those of PlanReload and of the journal
  void Reload(const guard::Who& who, Answer answer);

 private:
  struct Run {
    guard::Who who;
    Answer answer;
    std::string before;
    rules::ReloadPlan plan;
  };
  using RunPtr = std::shared_ptr<Run>;

  void Plan(const RunPtr& run);
  void Widen(const RunPtr& run);
  void Record(const RunPtr& run);
  void Append(const RunPtr& run, model::Position cause);
  void Finish(const RunPtr& run, const Result<void>& done);

  House house_;
  bool running_ = false;  ///< Shard 0's.
};

}  // namespace bongsu::app
