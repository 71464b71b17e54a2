// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Many literals looked for in one pass (vectorscan).

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu::rules {

/// Working memory of scans; one a thread, grown by every set that uses it.
class LiteralScratch {
 public:
  LiteralScratch();
  ~LiteralScratch();
  LiteralScratch(LiteralScratch&& other) noexcept;
  LiteralScratch& operator=(LiteralScratch&&) = delete;

 private:
  friend class LiteralSet;
  void* scratch_ = nullptr;
};

struct Literal {
  std::string text;  ///< Not empty.
  bool cased = false;
  bool once = false;  ///< One report a scan is enough; else every occurrence is told.
};

class LiteralSet {
 public:
  /// @errors kInternal rules.literal_set
  static Result<std::unique_ptr<LiteralSet>> Make(std::span<const Literal> literals);
  ~LiteralSet();
  LiteralSet(const LiteralSet&) = delete;
  LiteralSet& operator=(const LiteralSet&) = delete;

  /// @errors kInternal rules.literal_set
  Result<void> Prepare(LiteralScratch& scratch) const;
  /// Calls `found(which, end)` for occurrences in `text`; `end` is the offset behind the literal.
  using Found = void (*)(void* context, std::uint32_t which, std::size_t end);
  void Scan(std::string_view text, LiteralScratch& scratch, Found found, void* context) const;
  std::size_t bytes() const;

 private:
  explicit LiteralSet(void* database) : database_{database} {}
  void* database_;
};

}  // namespace bongsu::rules
