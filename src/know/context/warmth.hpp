// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which entities of a context are whole and which are cold: a cold one keeps everything but its attributes, which are
/// in the store alone until they are read back (docs/adr/0009-entities-beyond-memory.md).
///
///   whole ──(over the bound, saved, not touched since the hand came by)──▶ cold ──(ColdStore read it)──▶ whole
///
/// Of one context; without a bound nothing goes cold and none of it costs anything.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "know/context/entity.hpp"

namespace bongsu::context {

struct ColdOptions {
  std::size_t memory_bytes = 0;     ///< Of the attributes of whole entities; 0: no bound.
  std::size_t max_reads = 100'000;  ///< Cold entities that one question may have read.
  Counter* reads = nullptr;         ///< Entities read.
  Counter* evictions = nullptr;
  Gauge* cold = nullptr;
  Gauge* bytes = nullptr;
};

/// A cold entity, and which of the times it is cold.
struct ColdKey {
  std::uint16_t partition = 0;
  std::uint16_t tenant = 0;
  std::uint32_t cold = 0;
  std::string id;
};

/// An entity in a map: its tenant (two bytes) and id.
inline std::string KeyOf(std::uint16_t tenant, std::string_view id) {
  std::string key;
  key.reserve(id.size() + 2);
  key += static_cast<char>(tenant >> 8U);
  key += static_cast<char>(tenant & 0xFFU);
  key += id;
  return key;
}

/// Where the attributes of cold entities are.
class ColdStore {
 public:
  virtual ~ColdStore() = default;
  using Each = std::function<Result<void>(std::size_t place, std::string_view bytes)>;
  /// Calls `each` with the bytes of every entity, on a thread that may wait, then `done` on the context's shard, later.
  /// @errors kOverloaded state.pool_full; kCorrupt, kUnavailable state.read
  virtual void Read(std::vector<ColdKey> keys, Each each, std::function<void(Result<void>)> done) = 0;
};

class Warmth {
 public:
  /// What is known of the attributes of a cold entity, shared by all that have the same.
  using Shape = std::vector<std::pair<Name, AttributeKind>>;
  static constexpr std::size_t kMaxShapes = 100'000;  ///< Entities that would need more of them stay whole.

  explicit Warmth(const ColdOptions& options) : options_{options} {}

  bool bounded() const { return options_.memory_bytes > 0; }
  bool over() const { return bounded() && bytes_ > options_.memory_bytes; }
  std::size_t cold() const { return cold_; }
  std::size_t bytes() const { return bytes_; }
  const ColdOptions& options() const { return options_; }

  static std::size_t BytesOf(const Entity& entity);
  /// A whole entity is there from now on.
  void Enter(Entity& entity);
  /// An entity, whole or cold, is going.
  void Leave(const Entity& entity);
  /// A whole entity took `before` bytes and was changed.
  void Changed(const Entity& entity, std::size_t before);
  /// A cold entity has these attributes.
  void Warm(Entity& entity, std::vector<Attribute> attributes);
  const Shape& ShapeOf(const Entity& cold) const { return *shapes_[cold.place]; }

  /// Attributes of an entity by name and kind, also of a cold one.
  template <class Visit>
  void EachAttribute(const Entity& entity, const Visit& visit) const {
    if (entity.cold != 0) {
      for (const auto& [name, kind] : ShapeOf(entity)) visit(name, kind);
    } else {
      for (const Attribute& attribute : entity.attributes) visit(attribute.name, attribute.kind);
    }
  }

  enum class Cooled : std::uint8_t {
    kFits,
    kMore,  ///< There was no time for more.
    kStuck  ///< It does not fit, and nothing may go.
  };
  /// The hand of the clock goes on, over at most `steps` entities.
  /// @param may     whether the store holds the entity as it is and nobody is writing it
  /// @param before  sees each that goes cold while it is whole; may be null
  Cooled Cool(std::size_t steps, const std::function<bool(const Entity&)>& may,
              const std::function<void(const Entity&)>& before);

 private:
  void Take(const Entity& entity);
  bool MakeCold(Entity& entity);
  void Show() const;

  ColdOptions options_;
  std::size_t bytes_ = 0;
  std::size_t cold_ = 0;
  std::vector<Entity*> ring_;  // whole ones; a hand goes round
  std::size_t hand_ = 0;
  std::size_t in_vain_ = 0;  // looks since one went cold
  std::uint32_t spell_ = 0;  // the last Entity::cold
  std::map<Shape, std::uint32_t> numbers_;
  std::vector<const Shape*> shapes_;
};

}  // namespace bongsu::context
