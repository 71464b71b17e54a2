// SPDX-License-Identifier: Apache-2.0
#include "serve/temporal/instance_text.hpp"

#include <array>

#include "know/context/patch.hpp"
#include "know/history/change.hpp"

namespace bongsu::temporal {
namespace {

using context::AttributeKind;
using history::Sample;

// In the order of AttributeKind.
constexpr std::array<std::string_view, 8> kLists{"values", "values", "objects",    "languageMaps",
                                                 "vocabs", "jsons",  "valueLists", "objectLists"};

std::string DeletedText(AttributeKind kind) {
  std::string null = fmt::format("\"{}\"", context::kNull);
  if (kind == AttributeKind::kLanguageProperty) return "{\"@none\":" + null + "}";
  if (kind == AttributeKind::kListProperty || kind == AttributeKind::kListRelationship) return "[" + null + "]";
  return null;
}

void AppendTime(std::string& out, std::string_view name, TimePoint time) {
  out += ",\"";
  out += name;
  out += "\":\"";
  out += FormatUtc(time);
  out += '"';
}

}  // namespace

json::Value WholeInstance(const Sample& sample) {
  const auto parsed = json::Parse(*sample.shell);
  json::Value instance = parsed ? *parsed : json::Value{json::Object{}};
  const auto kind = context::KindFromName(instance["type"].AsString()).value_or(AttributeKind::kProperty);
  const auto value = json::Parse(sample.text.empty() ? DeletedText(kind) : sample.text);
  instance.Set(context::ValueMember(kind), value ? *value : json::Value{});
  if (sample.has_observed() && instance.Find("observedAt") == nullptr)
    instance.Set("observedAt", history::FormatObserved(sample.observed, sample.observed_digits));
  return instance;
}

bool InstanceWriter::picks_language(const Shell& shell) const {
  return shell.kind == AttributeKind::kLanguageProperty && !request_.as.language.empty();
}

const InstanceWriter::Shell& InstanceWriter::ShellOf(const Sample& sample) {
  if (last_text_ == sample.shell.get()) return *last_;
  const auto [at, fresh] = shells_.try_emplace(*sample.shell);
  Shell& shell = at->second;
  last_text_ = sample.shell.get();
  last_ = &shell;
  if (!fresh) return shell;
  const auto parsed = json::Parse(*sample.shell);
  json::Value members = parsed ? *parsed : json::Value{json::Object{}};
  shell.kind = context::KindFromName(members["type"].AsString()).value_or(AttributeKind::kProperty);
  shell.observed = members.Find("observedAt") != nullptr;
  members = ngsi::ShapedInstance(members, request_.as);
  members.Erase("type");
  const bool language = picks_language(shell);
  shell.head = "{";
  if (request_.form != Form::kConcise) {
    shell.head += R"("type":")";
    shell.head += language ? "Property" : context::KindName(shell.kind);
    shell.head += "\",";
  }
  shell.head += fmt::format("\"{}\":", language ? "value" : context::ValueMember(shell.kind));
  for (const auto& [name, value] : members.AsObject()) {
    shell.tail += ',';
    json::AppendString(shell.tail, name);
    shell.tail += ':';
    json::AppendTo(shell.tail, value);
  }
  return shell;
}

std::string InstanceWriter::ValueText(const Sample& sample, const Shell& shell, std::string& language) const {
  if (sample.value_class == history::ValueClass::kDeleted) return DeletedText(shell.kind);
  if (shell.kind == AttributeKind::kVocabProperty) {
    const auto value = json::Parse(sample.text);
    return value ? json::ToString(ngsi::CompactedNames(*value, *request_.as.context)) : sample.text;
  }
  if (picks_language(shell)) {
    const auto map = json::Parse(sample.text);
    const json::Member* chosen = map ? ngsi::PickLanguage(*map, request_.as.language) : nullptr;
    if (chosen == nullptr) return "null";
    if (chosen->first != "@none") language = chosen->first;
    return json::ToString(chosen->second);
  }
  const bool bare = request_.form == Form::kConcise || request_.form == Form::kValues;
  if (shell.kind == AttributeKind::kListRelationship && bare) {
    const auto list = json::Parse(sample.text);
    json::Array uris;
    for (const auto& item : list ? list->AsArray() : json::Array{}) uris.push_back(item["object"]);
    return json::ToString(json::Value{std::move(uris)});
  }
  return sample.text;
}

void InstanceWriter::AppendInstance(std::string& out, const Sample& sample) {
  const Shell& shell = ShellOf(sample);
  out += shell.head;
  std::string language;
  if (sample.value_class == history::ValueClass::kNumber) {
    out += sample.text;
  } else {
    out += ValueText(sample, shell, language);
  }
  out += shell.tail;
  if (!language.empty()) {
    out += ",\"lang\":";
    json::AppendString(out, language);
  }
  if (sample.has_observed() && !shell.observed) {
    out += R"(,"observedAt":")";
    history::AppendObserved(out, sample.observed, sample.observed_digits);
    out += '"';
  }
  out += R"(,"instanceId":")";
  out += history::InstanceUrn(partition_, sample.id);
  out += '"';
  AppendTimes(out, sample);
  out += '}';
}

void InstanceWriter::AppendTimes(std::string& out, const Sample& sample) const {
  if (request_.as.system_times) {
    AppendTime(out, "createdAt", sample.id.recorded);
    AppendTime(out, "modifiedAt", sample.modified);
  }
  if (sample.value_class == history::ValueClass::kDeleted) AppendTime(out, "deletedAt", sample.id.recorded);
}

void InstanceWriter::AppendScope(std::string& out, const Sample& sample) const {
  out += request_.form == Form::kConcise ? R"({"value":)" : R"({"type":"Property","value":)";
  AppendScopeValue(out, sample);
  if (sample.has_observed()) {
    out += R"(,"observedAt":")";
    history::AppendObserved(out, sample.observed, sample.observed_digits);
    out += '"';
  }
  AppendTimes(out, sample);
  out += '}';
}

/// One scope stands without its array, as in an entity; none is an empty one.
void InstanceWriter::AppendScopeValue(std::string& out, const Sample& sample) {
  const auto scopes = json::Parse(sample.text.empty() ? "[]" : sample.text);
  const bool one = scopes && scopes->IsArray() && scopes->AsArray().size() == 1;
  json::AppendTo(out, one ? scopes->AsArray().front() : scopes.value_or(json::Value{json::Array{}}));
}

void InstanceWriter::AppendValue(std::string& out, const Sample& sample) {
  const Shell& shell = ShellOf(sample);
  std::string language;
  const bool wrapped = (shell.kind == AttributeKind::kLanguageProperty && !picks_language(shell)) ||
                       shell.kind == AttributeKind::kVocabProperty || shell.kind == AttributeKind::kJsonProperty;
  if (wrapped) out += fmt::format("{{\"{}\":", context::ValueMember(shell.kind));
  out += sample.value_class == history::ValueClass::kNumber ? sample.text : ValueText(sample, shell, language);
  if (wrapped) out += '}';
}

std::string_view InstanceWriter::TypeOf(const Sample& sample) {
  const Shell& shell = ShellOf(sample);
  return picks_language(shell) ? "Property" : context::KindName(shell.kind);
}

std::string_view InstanceWriter::ListOf(const Sample& sample) {
  const Shell& shell = ShellOf(sample);
  return picks_language(shell) ? "values" : kLists.at(static_cast<std::size_t>(shell.kind));
}

}  // namespace bongsu::temporal
