// SPDX-License-Identifier: Apache-2.0
// The checked way from a YAML document to a Mapping.
#include <algorithm>
#include <array>

#include "model/core_context.hpp"
#include "sense/ingest/crs.hpp"
#include "sense/ingest/mapping.hpp"

namespace bongsu::ingest {
namespace {

constexpr std::array<std::string_view, 4> kFormats{"json", "form", "csv-line", "text"};  // in the order of Format
constexpr std::size_t kMaxFields = 200;

Result<std::size_t> Choose(std::string_view file, const yaml::Node& node, std::span<const std::string_view> words) {
  const auto found = std::ranges::find(words, node.scalar);
  if (found == words.end()) {
    std::string known;
    for (const std::string_view word : words) known += fmt::format("{}{}", known.empty() ? "" : ", ", word);
    return yaml::FailAt(file, node, "mapping.bad", "'{}' is not one of {}", node.scalar, known);
  }
  return static_cast<std::size_t>(found - words.begin());
}

Result<Tables> LoadTables(const yaml::Node* node, std::string_view file) {
  Tables tables;
  if (node == nullptr) return tables;
  if (!node->IsMap()) return yaml::FailAt(file, *node, "mapping.bad", "`tables` is a map of tables");
  for (const auto& [name, rows] : node->members) {
    if (!rows.IsMap()) return yaml::FailAt(file, rows, "mapping.bad", "table '{}' is a map code: word", name.scalar);
    auto table = std::make_shared<Table>();
    for (const auto& [code, word] : rows.members) table->emplace(code.scalar, yaml::ToJson(word));
    tables.emplace(name.scalar, std::move(table));
  }
  return tables;
}

/// A plain word is a constant here, a template or a map a value spec.
Result<ValueSpec> WordOrSpec(const LoadContext& context, const yaml::Node& node) {
  if (node.IsScalar() && node.scalar.find('{') == std::string::npos && !node.scalar.starts_with('/'))
    return ValueSpec::Constant(node.scalar);
  return ValueSpec::Load(context, node);
}

}  // namespace

Result<Mapping> Mapping::Load(const yaml::Node& document, std::string_view file) {
  BONGSU_CHECK(CheckKeys(file, document,
                         {"mapping", "match", "format", "columns", "separator", "pattern", "each", "tables", "event",
                          "entity", "ignore", "doc"}));
  Mapping made;
  made.id_ = document.Text("mapping");
  if (made.id_.empty()) return yaml::FailAt(file, document, "mapping.bad", "a mapping wants `mapping: ID`");
  LoadContext context{.file = file, .tables = {}};
  BONGSU_TRY(context.tables, LoadTables(document.Find("tables"), file));
  BONGSU_CHECK(made.LoadFormat(document, file));
  if (const yaml::Node* const match = document.Find("match")) {
    BONGSU_CHECK(made.LoadMatch(*match, file));
  }
  if (const yaml::Node* const each = document.Find("each")) {
    auto reference = Reference::Parse(each->scalar);
    if (!reference) return yaml::FailAt(file, *each, reference.error().reason, "{}", reference.error().message);
    made.each_ = *std::move(reference);
  }
  made.ignore_ = document.Text("ignore") == "true";
  const yaml::Node* const event = document.Find("event");
  if ((event == nullptr) != made.ignore_)
    return yaml::FailAt(file, document, "mapping.bad", "a mapping wants `event`, or `ignore: true` without one");
  if (event != nullptr) {
    BONGSU_CHECK(made.LoadEvent(context, *event));
  }
  if (const yaml::Node* const entity = document.Find("entity")) {
    if (made.ignore_) return yaml::FailAt(file, *entity, "mapping.bad", "a mapping that ignores changes no entity");
    if (entity->IsSequence()) {
      for (const yaml::Node& item : entity->items) {
        BONGSU_CHECK(made.LoadEntity(context, item));
      }
    } else {
      BONGSU_CHECK(made.LoadEntity(context, *entity));
    }
  }
  return made;
}

Result<void> Mapping::LoadFormat(const yaml::Node& document, std::string_view file) {
  if (const yaml::Node* const format = document.Find("format")) {
    const auto found = std::ranges::find(kFormats, format->scalar);
    format_.format = found == kFormats.end() ? Format::kConnector : static_cast<Format>(found - kFormats.begin());
    format_.word = format->scalar;
  }
  if (const yaml::Node* const columns = document.Find("columns")) {
    for (const yaml::Node& item : columns->items) format_.columns.push_back(item.scalar);
  }
  if (const yaml::Node* const separator = document.Find("separator")) {
    if (separator->scalar.size() != 1)
      return yaml::FailAt(file, *separator, "mapping.bad", "one letter is expected here");
    format_.separator = separator->scalar[0];
  }
  if (const yaml::Node* const pattern = document.Find("pattern")) {
    BONGSU_TRY(format_.pattern, CompilePattern(file, *pattern));
  }
  if ((format_.format == Format::kCsvLine) == format_.columns.empty()) {
    return yaml::FailAt(file, document, "mapping.bad", "`columns` and `format: csv-line` belong together");
  }
  if ((format_.format == Format::kText) != (format_.pattern != nullptr)) {
    return yaml::FailAt(file, document, "mapping.bad", "`pattern` and `format: text` belong together");
  }
  return {};
}

Result<void> Mapping::LoadMatch(const yaml::Node& node, std::string_view file) {
  BONGSU_CHECK(CheckKeys(file, node, {"topic", "host", "app", "msgid", "msg_pattern", BONGSU_CONDITION_KEYS}));
  match_.topic = node.Text("topic");
  match_.host = node.Text("host");
  match_.app = node.Text("app");
  match_.msgid = node.Text("msgid");
  if (const yaml::Node* const pattern = node.Find("msg_pattern")) {
    BONGSU_TRY(match_.msg_pattern, CompilePattern(file, *pattern));
  }
  BONGSU_TRY(match_.conditions, Conditions::Load(file, node));
  return {};
}

Result<void> Mapping::LoadEvent(const LoadContext& context, const yaml::Node& node) {
  constexpr std::array<std::string_view, 2> kClasses{"happening", "observation"};
  constexpr std::array<std::string_view, 4> kAdmissions{"urgent", "event", "observation", "history"};
  const std::string_view file = context.file;
  BONGSU_CHECK(
      CheckKeys(file, node,
                {"type", "class", "admission", "logsource", "id", "time", "place", "entity", "fields", "belongs_to"}));
  const yaml::Node* const type = node.Find("type");
  if (type == nullptr) return yaml::FailAt(file, node, "mapping.bad", "an event wants `type`");
  BONGSU_TRY(type_, WordOrSpec(context, *type));
  if (const yaml::Node* const word = node.Find("class")) {
    BONGSU_TRY(const std::size_t index, Choose(file, *word, kClasses));
    class_ = static_cast<model::EventClass>(index);
  }
  if (const yaml::Node* const word = node.Find("admission")) {
    if (word->IsScalar()) {
      BONGSU_CHECK(Choose(file, *word, kAdmissions));
    }
    BONGSU_TRY(admission_, WordOrSpec(context, *word));
  }
  if (const yaml::Node* const log = node.Find("logsource")) {
    BONGSU_CHECK(CheckKeys(file, *log, {"category", "product", "service"}));
    for (const auto& [key, value] : log->members) {
      auto& into = key.scalar == "category" ? category_ : key.scalar == "product" ? product_ : service_;
      BONGSU_TRY(into, WordOrSpec(context, value));
    }
  }
  if (const yaml::Node* const id = node.Find("id")) {
    no_identity_ = id->IsScalar() && id->scalar == "none";
    if (!no_identity_) {
      BONGSU_TRY(identity_, ValueSpec::Load(context, *id));
    }
  }
  if (const yaml::Node* const time = node.Find("time")) {
    BONGSU_TRY(time_, ValueSpec::LoadTime(context, *time));
  }
  if (const yaml::Node* const entity = node.Find("entity")) {
    BONGSU_TRY(entity_, WordOrSpec(context, *entity));
  }
  if (const yaml::Node* const place = node.Find("place")) {
    BONGSU_CHECK(LoadPlace(context, *place));
  }
  if (const yaml::Node* const fields = node.Find("fields")) {
    if (!fields->IsMap() || fields->members.size() > kMaxFields) {
      return yaml::FailAt(file, *fields, "mapping.bad", "`fields` is a map of at most {} names", kMaxFields);
    }
    for (const auto& [key, value] : fields->members) {
      BONGSU_TRY(const auto personal, LoadPersonal(file, value));
      BONGSU_TRY(ValueSpec spec, ValueSpec::Load(context, value, {"personal"}));
      fields_.push_back({key.scalar, std::move(spec), personal});
    }
  }
  if (const yaml::Node* const belongs = node.Find("belongs_to")) BONGSU_CHECK(LoadBelongs(context, *belongs));
  return {};
}

/// {case: SPEC} or {person: SPEC}
Result<void> Mapping::LoadBelongs(const LoadContext& context, const yaml::Node& node) {
  BONGSU_CHECK(CheckKeys(context.file, node, {"case", "person"}));
  if (node.members.size() != 1)
    return yaml::FailAt(context.file, node, "mapping.bad", "`belongs_to` names a case or a person");
  const auto& [key, value] = node.members.front();
  belongs_to_ = key.scalar == "case" ? sealing::Belongs::To::kCase : sealing::Belongs::To::kPerson;
  BONGSU_TRY(belongs_, ValueSpec::Load(context, value));
  return {};
}

Result<std::optional<sealing::DataClass>> Mapping::LoadPersonal(std::string_view file, const yaml::Node& value) {
  const yaml::Node* const word = value.IsMap() ? value.Find("personal") : nullptr;
  if (word == nullptr) return std::nullopt;
  const auto data_class = sealing::DeclaredClass(word->scalar);
  if (!data_class)
    return yaml::FailAt(file, *word, "mapping.bad", "personal '{}' is none of person, case, contact, plate",
                        word->scalar);
  has_personal_ = true;
  return data_class;
}

Result<void> Mapping::LoadPlace(const LoadContext& context, const yaml::Node& node) {
  const std::string_view file = context.file;
  BONGSU_CHECK(CheckKeys(
      file, node,
      {"lat", "lon", "x", "y", "crs", "entity", "accuracy_m", "name", "address", "district", "floor", "outside"}));
  PlaceSpec made;
  const auto read = [&](std::string_view key, std::optional<ValueSpec>& into) -> Result<void> {
    if (const yaml::Node* const value = node.Find(key)) {
      BONGSU_TRY(into, WordOrSpec(context, *value));
    }
    return {};
  };
  BONGSU_CHECK(read("lat", made.lat));
  BONGSU_CHECK(read("lon", made.lon));
  BONGSU_CHECK(read("y", made.lat));
  BONGSU_CHECK(read("x", made.lon));
  BONGSU_CHECK(read("entity", made.entity));
  BONGSU_CHECK(read("accuracy_m", made.accuracy_m));
  BONGSU_CHECK(read("name", made.name));
  BONGSU_CHECK(read("address", made.address));
  BONGSU_CHECK(read("district", made.district));
  BONGSU_CHECK(read("floor", made.floor));
  if (made.lat.has_value() != made.lon.has_value() || made.lat.has_value() == made.entity.has_value()) {
    return yaml::FailAt(file, node, "mapping.bad", "a place wants lat and lon, or x and y, or entity");
  }
  if (const yaml::Node* const crs = node.Find("crs")) {
    made.crs = crs->scalar;
    if (!KnownCrs(made.crs))
      return yaml::FailAt(file, *crs, "mapping.bad", "coordinate system '{}' is not known", made.crs);
  }
  if (const yaml::Node* const outside = node.Find("outside")) {
    constexpr std::array<std::string_view, 3> kWords{"flag", "quarantine", "drop_place"};
    BONGSU_TRY(const std::size_t index, Choose(file, *outside, kWords));
    made.outside = static_cast<PlaceSpec::Outside>(index);
  }
  place_ = std::move(made);
  return {};
}

Result<void> Mapping::LoadEntity(const LoadContext& context, const yaml::Node& node) {
  const std::string_view file = context.file;
  BONGSU_CHECK(CheckKeys(file, node, {"id", "type", BONGSU_CONDITION_KEYS, "attributes"}));
  EntitySpec made;
  const yaml::Node* const type = node.Find("type");
  if (type == nullptr) return yaml::FailAt(file, node, "mapping.bad", "an entity wants `type`");
  BONGSU_TRY(made.type, WordOrSpec(context, *type));
  if (const yaml::Node* const id = node.Find("id")) {
    BONGSU_TRY(made.id, WordOrSpec(context, *id));
  }
  if (!made.id && !entity_)
    return yaml::FailAt(file, node, "mapping.bad", "an entity wants `id` when the event names none");
  BONGSU_TRY(made.where, Conditions::Load(file, node));
  const yaml::Node* const attributes = node.Find("attributes");
  if (attributes == nullptr || !attributes->IsMap() || attributes->members.size() > kMaxFields) {
    return yaml::FailAt(file, node, "mapping.bad", "an entity wants `attributes`, a map of at most {} names",
                        kMaxFields);
  }
  for (const yaml::Member& member : attributes->members) {
    BONGSU_TRY(AttributeSpec attribute, LoadAttribute(context, member));
    made.attributes.push_back(std::move(attribute));
  }
  entities_.push_back(std::move(made));
  return {};
}

Result<Mapping::AttributeSpec> Mapping::LoadAttribute(const LoadContext& context, const yaml::Member& member) {
  constexpr std::array<std::string_view, 4> kKinds{"property", "relationship", "language", "geo"};
  const yaml::Node& node = member.value;
  AttributeSpec made;
  made.name = model::ExpandCore(member.key.scalar);
  if (member.key.scalar == "location") made.kind = AttributeKind::kGeo;
  if (node.IsMap()) {
    made.unit = node.Text("unit");
    if (const yaml::Node* const kind = node.Find("kind")) {
      BONGSU_TRY(const std::size_t index, Choose(context.file, *kind, kKinds));
      made.kind = static_cast<AttributeKind>(index);
    }
    const yaml::Node* const lon = node.Find("lon");
    const yaml::Node* const lat = node.Find("lat");
    if (lon != nullptr && lat != nullptr) {
      BONGSU_CHECK(CheckKeys(context.file, node, {"lon", "lat", "kind"}));
      BONGSU_TRY(made.lon, ValueSpec::Load(context, *lon));
      BONGSU_TRY(made.lat, ValueSpec::Load(context, *lat));
      made.kind = AttributeKind::kGeo;
      return made;
    }
  }
  BONGSU_TRY(made.personal, LoadPersonal(context.file, node));
  if (made.personal && made.kind != AttributeKind::kProperty)
    return yaml::FailAt(context.file, node, "mapping.bad", "only the value of a property can be personal");
  BONGSU_TRY(made.value, ValueSpec::Load(context, node, {"unit", "kind", "personal"}));
  return made;
}

Result<void> MappingSet::AddFile(std::string_view text, std::string_view file) {
  BONGSU_TRY(const std::vector<yaml::Node> documents, yaml::ParseAll(text, file));
  for (const yaml::Node& document : documents) {
    if (document.IsNull()) continue;
    BONGSU_TRY(Mapping mapping, Mapping::Load(document, file));
    if (mapping.format().format == Format::kConnector && !formats_.contains(mapping.format().word)) {
      std::vector<std::string_view> known(kFormats.begin(), kFormats.end());
      known.insert(known.end(), formats_.begin(), formats_.end());
      BONGSU_CHECK(Choose(file, *document.Find("format"), known));
    }
    std::string id = mapping.id();
    if (!by_id_.emplace(id, std::make_shared<const Mapping>(std::move(mapping))).second) {
      return yaml::FailAt(file, document, "mapping.bad", "a mapping '{}' exists already", id);
    }
  }
  return {};
}

std::shared_ptr<const Mapping> MappingSet::Find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

}  // namespace bongsu::ingest
