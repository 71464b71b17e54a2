// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A desk's book of erasures and legal holds, folded from
///
///   kErased  subject = scope  {"scope","keys":[7,9],"reason"}                  an erasure
///                             {"scope","hold":"placed","reason"}               a legal hold
///                             {"scope","hold":"lifted","id","reason"}          its end
///
/// A scope names what keys seal for, by surrogate: "case:…", "person:…", "day:contact:2026-11-22".

#include <map>
#include <set>
#include <string>
#include <vector>

#include "guard/sealing/key_file.hpp"
#include "know/desk/port.hpp"

namespace bongsu::sealing {

struct Erasure {
  std::string id;
  std::string scope;
  std::set<KeyId> keys;
  std::string reason;
  std::string by;
  TimePoint at{};
};

struct Hold {
  std::string id;
  std::string scope;
  std::string reason;
  std::string by;
  TimePoint at{};
};

json::Value ToJson(const Erasure& erasure);
json::Value ToJson(const Hold& hold);

class ErasureBook final : public desk::Book {
 public:
  static constexpr std::size_t kMaxHolds = 10'000;

  void Clear() override;
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "erasures"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;

  const std::vector<Erasure>& erasures() const { return erasures_; }
  /// By id.
  const std::map<std::string, Hold>& holds() const { return holds_; }
  const Hold* HeldBy(std::string_view scope) const;
  /// Keys of all erasures.
  std::set<KeyId> Keys() const;

  /// @errors kConflict erasure.held   kNotFound erasure.nothing
  Result<json::Value> Erase(desk::DeskBatch& batch, const std::string& scope, const std::set<KeyId>& keys,
                            const std::string& reason) const;
  /// Puts on record what was erased elsewhere: this copy of the journal is older than the erasure. No hold stops it.
  void EraseAgain(desk::DeskBatch& batch, const std::string& scope, const std::set<KeyId>& keys) const;
  /// @errors kConflict hold.exists   kTooLarge hold.too_many
  Result<json::Value> Place(desk::DeskBatch& batch, const std::string& scope, const std::string& reason) const;
  /// @errors kNotFound hold.none
  Result<json::Value> Lift(desk::DeskBatch& batch, const std::string& id, const std::string& reason) const;

 private:
  std::vector<Erasure> erasures_;
  std::map<std::string, Hold> holds_;
};

}  // namespace bongsu::sealing
