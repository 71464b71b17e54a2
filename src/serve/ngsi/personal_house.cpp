// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/personal_house.hpp"

namespace bongsu::ngsi {

Result<void> SealPatch(const PersonalHouse& house, std::uint16_t tenant, const context::Entity* entity,
                       model::EntityPatch& patch) {
  if (!house.attributes.Mentioned(patch)) return {};
  sealing::PersonalAttributes::Known known;
  if (entity != nullptr) {
    for (const context::Name type : entity->types) known.types.push_back(*type);
    known.value_of = [entity](std::string_view iri) -> std::string {
      const context::Attribute* const attribute = entity->Find(iri);
      const auto instance = attribute == nullptr ? json::Parse("null") : json::Parse(attribute->json);
      if (!instance) return {};
      const json::Value* const said = instance->Find(
          context::ValueMember(attribute == nullptr ? context::AttributeKind::kProperty : attribute->kind));
      return said == nullptr ? std::string{} : json::ToPlainText(*said);
    };
  }
  return house.attributes.Seal(
      patch, known, [&](sealing::DataClass data_class, const sealing::Belongs& belongs, std::string_view value) {
        return house.seal(tenant, data_class, belongs, value);
      });
}

Result<void> CheckSubscription(const PersonalHouse& house, const context::Query& query) {
  if (!query.q || house.attributes.empty()) return {};
  for (const std::string& iri : query.q->Compared()) {
    if (house.attributes.Find(iri) != nullptr)
      return Fail(Code::kInvalidArgument, "ngsi.BadRequestData",
                  "q compares {}, which is personal: a subscription would keep the value; ask with a query instead",
                  iri);
  }
  return {};
}

Result<std::string> SealedStart(const PersonalHouse& house, const guard::Principal& caller, std::string_view iri,
                                std::string_view text, bool equality) {
  const sealing::PersonalAttribute* const personal = house.attributes.Find(iri);
  if (personal == nullptr) return std::string{};
  const bool always = personal->types.empty();
  if (!guard::Allows(caller, guard::Permission::kReadPersonal)) {
    if (!always) return std::string{};
    return Fail(Code::kPermissionDenied, "personal.not_allowed",
                "q looks into {}, which is personal: that takes the permission read_personal", iri);
  }
  if (!equality) {
    if (!always) return std::string{};
    return Fail(Code::kInvalidArgument, "ngsi.BadRequestData",
                "q: {} is sealed: it can be asked for with == or != and the whole value only", iri);
  }
  return sealing::TokenStart(personal->data_class, house.surrogate(caller.tenant, personal->data_class, text));
}

}  // namespace bongsu::ngsi
