// SPDX-License-Identifier: Apache-2.0
#pragma once

/// In which order a query answers. Source: GS CIM 009 V1.9.1 clauses 4.23 and 5.2.43.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "know/context/geometry.hpp"
#include "know/context/value_query.hpp"

namespace bongsu::context {

/// A value that may be compared with any other: first by kind, then by itself.
struct SortValue {
  /// Order of the kinds, clause 4.23.2.
  enum class Kind : std::uint8_t { kNumber, kString, kObject, kArray, kBool, kTime, kDate, kDateTime, kNull, kAbsent };
  Kind kind = Kind::kAbsent;
  double number = 0;
  std::string text;  ///< With a collation: its sort key.

  bool operator==(const SortValue&) const = default;
};

/// Made once for a request; a value that may be shared between shards.
class Ordering {
 public:
  struct Request {
    std::vector<std::string> terms;  ///< "name;desc", "id", "attr.sub", "attr[member]", "location;dist-asc"
    std::optional<Geometry> from;    ///< Where distances are measured from.
    std::string collation;           ///< BCP 47 tag; empty: by code units.
  };
  /// @errors kInvalidArgument ngsi.BadRequestData
  static Result<Ordering> Make(Request request, const Expand& expand);
  ~Ordering();
  Ordering(Ordering&&) noexcept;
  Ordering& operator=(Ordering&&) noexcept;

  using Keys = std::vector<SortValue>;  ///< One a term.
  Keys KeysOf(const Entity& entity) const;
  /// True when an entity with keys `a` comes before one with keys `b`; equal ones go by id. What an entity has not
  /// comes last in both directions.
  bool Before(std::span<const SortValue> a, std::string_view a_id, std::span<const SortValue> b,
              std::string_view b_id) const;

 private:
  struct State;
  explicit Ordering(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace bongsu::context
