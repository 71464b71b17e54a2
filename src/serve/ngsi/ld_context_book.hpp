// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The JSON-LD contexts a tenant has hosted, as its desk knows them. A deleted one is shown no more but still read by
/// the subscriptions that were made with it. Source: GS CIM 009 V1.9.1 clause 5.13. Records:
/// docs/formats/subscriptions.md.

#include <map>
#include <string>

#include "know/desk/port.hpp"

namespace bongsu::ngsi {

enum class ContextKind : std::uint8_t {
  kCached,   ///< From the preload folder.
  kHosted,   ///< A client put it here.
  kImplicit  ///< Made for an answer to a request with an inline @context.
};
/// "Cached", "Hosted", "ImplicitlyCreated"
std::string_view ContextKindName(ContextKind kind);

class LdContextBook final : public desk::Book {
 public:
  static constexpr std::size_t kMaxContexts = 10'000;  ///< With the deleted ones.
  static constexpr std::size_t kMaxBytes = 1UL << 20U;

  struct Hosted {
    ContextKind kind = ContextKind::kHosted;
    json::Value document;  ///< Value of the @context member.
    TimePoint created{};
    bool deleted = false;
  };

  /// @errors kTooLarge context.too_large; kOverloaded context.too_many
  Result<void> Put(const std::string& id, ContextKind kind, const json::Value& document, desk::DeskBatch& batch);
  void Delete(const std::string& id, desk::DeskBatch& batch);

  void Clear() override { contexts_.clear(); }
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "ld_contexts"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;

  /// Null when there is none, or it was deleted.
  const Hosted* Find(std::string_view id) const;
  const std::map<std::string, Hosted, std::less<>>& all() const { return contexts_; }

 private:
  std::map<std::string, Hosted, std::less<>> contexts_;
};

}  // namespace bongsu::ngsi
