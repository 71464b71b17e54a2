// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which attributes of entities hold personal values, whoever writes them (packs/*/personal.yaml,
/// docs/formats/sealing.md section 7). What they hold is sealed leaf by leaf: an address stays an object, each of its
/// texts a token.
///
///   direct write (NGSI-LD) ─┐
///                           ├─▶ Seal ─▶ record ─▶ journal
///   mapping (gate) ─────────┘

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "guard/sealing/keyring.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::sealing {

struct PersonalAttribute {
  DataClass data_class = DataClass::kPerson;
  std::vector<std::string> types;      ///< IRIs of entity types it is personal of; empty: of any.
  Belongs::To to = Belongs::To::kDay;  ///< What its values belong to.
  std::string owner;                   ///< What names that: "id" of the entity, or the IRI of another attribute.
};

class PersonalAttributes {
 public:
  /// personal.yaml of every pack that has one. @param packs  folder of packs
  /// @errors kInvalidArgument personal.bad
  static Result<PersonalAttributes> Load(const std::string& packs);
  /// @param file  name in complaints
  /// @errors kInvalidArgument personal.bad (FILE:LINE:COLUMN in the message)
  Result<void> AddFile(std::string_view text, std::string_view file);

  bool empty() const { return attributes_.empty(); }
  const PersonalAttribute* Find(std::string_view iri) const;
  /// A quick look, no allocation: false when nothing declared stands in the change, which is nearly always.
  bool Mentioned(const model::EntityPatch& patch) const;

  /// What is known about the entity besides the change itself.
  struct Known {
    std::vector<std::string> types;  ///< IRIs; with none known nor in the change, every declaration counts.
    /// Value of an attribute as the entity has it; empty when it has none.
    std::function<std::string(std::string_view iri)> value_of;
    bool keep_tokens = false;  ///< The gate has sealed already what its mapping declares.
  };
  using SealOne = std::function<Result<std::string>(DataClass, const Belongs&, std::string_view value)>;
  /// Puts tokens into the change. Relationships and places cannot be sealed and stay.
  /// @errors kInvalidArgument ngsi.BadRequestData when a mask is written back; those of `seal`
  Result<void> Seal(model::EntityPatch& patch, const Known& known, const SealOne& seal) const;

 private:
  std::map<std::string, PersonalAttribute, std::less<>> attributes_;  ///< By IRI.
};

}  // namespace bongsu::sealing
