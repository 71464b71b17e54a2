// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which rules took force last, folded from the kConfig records of the platform tenant's desk.

#include <string>

#include "know/desk/port.hpp"

namespace bongsu::app {

class RuleBook final : public desk::Book {
 public:
  void Clear() override { version_.clear(); }
  void Fold(const model::Record& record) override {
    if (record.kind != model::Kind::kConfig || record.subject != "rules") return;
    const auto payload = json::Parse(record.payload);
    if (payload) version_ = (*payload)["version"].AsString();
  }
  std::string_view name() const override { return "rules"; }
  void Save(const PutRow& put) const override { put(json::ToString(json::Object{{"version", version_}})); }
  Result<void> Load(const json::Value& row) override {
    version_ = row["version"].AsString();
    return {};
  }
  /// Of the newest reload; empty when there never was one.
  const std::string& version() const { return version_; }

 private:
  std::string version_;
};

}  // namespace bongsu::app
