// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/attributes.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/yaml.hpp"

namespace bongsu::sealing {
namespace {

constexpr std::size_t kMaxAttributes = 1'000;
constexpr std::string_view kNull = "urn:ngsi-ld:null";  ///< Deletes what it stands for.
/// Members of an instance that hold what it says; `object` and coordinates cannot be sealed.
constexpr std::array<std::string_view, 6> kValueMembers{"value", "languageMap", "json",
                                                        "vocab", "valueList",   "previousValue"};

std::string Iri(std::string_view name) {
  return name.find(':') == std::string_view::npos ? std::string(model::kDefaultVocab) + std::string(name)
                                                  : std::string(name);
}

Result<void> CheckMembers(std::string_view file, const yaml::Node& node, std::span<const std::string_view> allowed) {
  if (!node.IsMap()) return yaml::FailAt(file, node, "personal.bad", "a map is wanted here");
  for (const auto& [key, value] : node.members) {
    if (std::ranges::find(allowed, key.scalar) == allowed.end())
      return yaml::FailAt(file, key, "personal.bad", "there is no member '{}' here", key.scalar.substr(0, 40));
  }
  return {};
}

Result<void> ReadOwner(std::string_view file, const yaml::Node& node, PersonalAttribute& into) {
  constexpr std::array<std::string_view, 2> kOwners{"case", "person"};
  BONGSU_CHECK(CheckMembers(file, node, kOwners));
  if (node.members.size() != 1 || !node.members.front().value.IsScalar())
    return yaml::FailAt(file, node, "personal.bad", "`belongs_to` names a case or a person: {{case: ATTRIBUTE}}");
  const auto& [key, value] = node.members.front();
  into.to = key.scalar == "case" ? Belongs::To::kCase : Belongs::To::kPerson;
  into.owner = value.scalar == "id" ? value.scalar : Iri(value.scalar);
  return {};
}

bool Holds(const PersonalAttributes& attributes, const json::Value& value) {
  for (const json::Value& one : value.AsArray()) {
    if (Holds(attributes, one)) return true;
  }
  return std::ranges::any_of(value.AsObject(), [&](const json::Member& member) {
    const auto& [name, inside] = member;
    if (!inside.IsObject() && !inside.IsArray()) return false;
    if (std::ranges::find(kValueMembers, name) != kValueMembers.end()) return false;
    return (name.find(':') != std::string::npos && attributes.Find(name) != nullptr) || Holds(attributes, inside);
  });
}

/// One change of one entity while its values are sealed.
class Sealing {
 public:
  Sealing(const PersonalAttributes& attributes, model::EntityPatch& patch, const PersonalAttributes::Known& known,
          const PersonalAttributes::SealOne& seal)
      : attributes_{attributes}, patch_{patch}, known_{known}, seal_{seal}, types_{known.types} {
    const json::Value& type = patch.body["type"];
    if (type.IsString()) types_.emplace_back(type.AsString());
    for (const json::Value& one : type.AsArray()) types_.emplace_back(one.AsString());
  }

  Result<void> Run() {
    using model::PatchOp;
    switch (patch_.op) {
      case PatchOp::kDelete:
      case PatchOp::kDeleteAttribute:
      case PatchOp::kTemporalDelete:
      case PatchOp::kTemporalDeleteAttribute:
      case PatchOp::kTemporalDeleteInstance:
        return {};
      case PatchOp::kTemporalReplaceInstance:
        if (json::Value* const instance = patch_.body.Find("instance"))
          return Named(std::string(patch_.body["attribute"].AsString()), *instance);
        return {};
      default:
        break;
    }
    if (!patch_.body.IsObject()) return {};
    return Members(patch_.body);
  }

 private:
  Result<void> Members(json::Value& holder) {
    for (auto& [name, value] : holder.MutableObject()) {
      if (value.IsObject() || value.IsArray()) BONGSU_CHECK(Named(name, value));
    }
    return {};
  }

  /// @param value  one instance, or all of them
  Result<void> Named(const std::string& name, json::Value& value) {
    if (value.IsArray()) {
      for (json::Value& one : value.MutableArray()) {
        if (one.IsObject()) BONGSU_CHECK(Named(name, one));
      }
      return {};
    }
    if (std::ranges::find(kValueMembers, name) != kValueMembers.end()) return {};  // data of its own, no attributes
    const PersonalAttribute* const personal = attributes_.Find(name);
    if (personal != nullptr && Concerns(*personal)) {
      const bool place = value["type"].AsString() == "GeoProperty";
      for (const std::string_view member : kValueMembers) {
        json::Value* const said = value.Find(member);
        if (said != nullptr && !place) BONGSU_CHECK(Leaves(name, *personal, *said));
      }
    }
    return Members(value);  // sub-attributes
  }

  bool Concerns(const PersonalAttribute& personal) const {
    return personal.types.empty() || types_.empty() || std::ranges::any_of(types_, [&](const std::string& type) {
             return std::ranges::find(personal.types, type) != personal.types.end();
           });
  }

  Result<void> Leaves(const std::string& name, const PersonalAttribute& personal, json::Value& value) {
    if (value.IsArray()) {
      for (json::Value& one : value.MutableArray()) BONGSU_CHECK(Leaves(name, personal, one));
      return {};
    }
    if (value.IsObject()) {
      for (auto& [member, one] : value.MutableObject()) {
        if (member != "@type") BONGSU_CHECK(Leaves(name, personal, one));
      }
      return {};
    }
    if (value.IsNull() || value.AsString() == kNull) return {};
    const std::string text = json::ToPlainText(value);
    if (known_.keep_tokens && MayHoldToken(text)) return {};
    if (text == MaskOf(personal.data_class) || text == ErasedMaskOf(personal.data_class))
      return Fail(Code::kInvalidArgument, "ngsi.BadRequestData",
                  "attribute {}: '{}' is what is shown in the place of its value; leave the attribute out to keep it",
                  name, text);
    BONGSU_TRY(std::string token, seal_(personal.data_class, OwnerOf(personal), text));
    value = json::Value{std::move(token)};
    return {};
  }

  Belongs OwnerOf(const PersonalAttribute& personal) const {
    if (personal.to == Belongs::To::kDay) return {};
    if (personal.owner == "id") return {personal.to, patch_.id};
    const json::Value* attribute = patch_.body.Find(personal.owner);
    if (attribute != nullptr && attribute->IsArray() && !attribute->AsArray().empty())
      attribute = &attribute->AsArray().front();
    std::string named;
    if (attribute != nullptr) {
      const json::Value* said = attribute->Find("value");
      if (said == nullptr) said = attribute->Find("object");
      if (said != nullptr) named = json::ToPlainText(*said);
    }
    if (named.empty() && known_.value_of) named = known_.value_of(personal.owner);
    return named.empty() ? Belongs{} : Belongs{personal.to, std::move(named)};
  }

  const PersonalAttributes& attributes_;
  model::EntityPatch& patch_;
  const PersonalAttributes::Known& known_;
  const PersonalAttributes::SealOne& seal_;
  std::vector<std::string> types_;
};

}  // namespace

Result<PersonalAttributes> PersonalAttributes::Load(const std::string& packs) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& pack : fs::directory_iterator(packs, error)) {
    if (fs::exists(pack.path() / "personal.yaml", error)) files.push_back(pack.path() / "personal.yaml");
  }
  std::ranges::sort(files);
  PersonalAttributes all;
  for (const fs::path& path : files) {
    std::ifstream stream{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{stream}, {}};
    BONGSU_CHECK(all.AddFile(text, path.string()));
  }
  return all;
}

Result<void> PersonalAttributes::AddFile(std::string_view text, std::string_view file) {
  constexpr std::array<std::string_view, 1> kTop{"attributes"};
  constexpr std::array<std::string_view, 4> kEach{"attribute", "class", "of", "belongs_to"};
  BONGSU_TRY(const yaml::Node root, yaml::Parse(text, file));
  BONGSU_CHECK(CheckMembers(file, root, kTop));
  const yaml::Node* const list = root.Find("attributes");
  if (list == nullptr || !list->IsSequence())
    return yaml::FailAt(file, root, "personal.bad", "`attributes` is a list of {{attribute, class, of, belongs_to}}");
  for (const yaml::Node& each : list->items) {
    BONGSU_CHECK(CheckMembers(file, each, kEach));
    const std::string name = each.Text("attribute");
    if (name.empty()) return yaml::FailAt(file, each, "personal.bad", "`attribute` is a name or an IRI");
    PersonalAttribute made;
    const auto data_class = DeclaredClass(each.Text("class"));
    if (!data_class)
      return yaml::FailAt(file, each, "personal.bad", "class '{}' is none of person, case, contact, plate",
                          each.Text("class").substr(0, 40));
    made.data_class = *data_class;
    if (const yaml::Node* const of = each.Find("of")) {
      if (of->IsScalar()) made.types.push_back(Iri(of->scalar));
      for (const yaml::Node& type : of->items) made.types.push_back(Iri(type.scalar));
      if (made.types.empty()) return yaml::FailAt(file, *of, "personal.bad", "`of` names entity types");
    }
    if (const yaml::Node* const owner = each.Find("belongs_to")) BONGSU_CHECK(ReadOwner(file, *owner, made));
    if (attributes_.size() >= kMaxAttributes)
      return yaml::FailAt(file, each, "personal.bad", "there are more than {} declarations", kMaxAttributes);
    if (!attributes_.emplace(Iri(name), std::move(made)).second)
      return yaml::FailAt(file, each, "personal.bad", "attribute '{}' is declared already", name.substr(0, 80));
  }
  return {};
}

const PersonalAttribute* PersonalAttributes::Find(std::string_view iri) const {
  const auto found = attributes_.find(iri);
  return found == attributes_.end() ? nullptr : &found->second;
}

bool PersonalAttributes::Mentioned(const model::EntityPatch& patch) const {
  if (attributes_.empty()) return false;
  if (patch.op == model::PatchOp::kTemporalReplaceInstance && Find(patch.body["attribute"].AsString()) != nullptr)
    return true;
  return Holds(*this, patch.body);
}

Result<void> PersonalAttributes::Seal(model::EntityPatch& patch, const Known& known, const SealOne& seal) const {
  if (!Mentioned(patch)) return {};
  return Sealing{*this, patch, known, seal}.Run();
}

}  // namespace bongsu::sealing
