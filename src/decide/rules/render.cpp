// SPDX-License-Identifier: Apache-2.0
/// A finding's texts and its explanation: which tests held, by which events, with which values.
#include <algorithm>

#include "decide/rules/correlator.hpp"

namespace bongsu::rules {
namespace {

using Lookup = TemplateText::Lookup;

/// Values of the newest hit and of the outcome, in one language.
Lookup ValuesIn(bool korean, const Detail* detail, const Outcome& outcome) {
  return [=, &outcome](std::string_view name) -> std::optional<std::string> {
    if (name == "count") return std::to_string(outcome.count);
    if (name == "first_at") return FormatUtc(outcome.first);
    if (name == "last_at") return FormatUtc(outcome.last);
    if (detail == nullptr) return std::nullopt;
    if (name == "key") return detail->key;
    if (name == "part") return detail->part;
    const json::Value* value = detail->values.Find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->IsObject()) return json::ToPlainText(*value);
    const std::string_view english = (*value)["en"].AsString();
    return std::string(korean || english.empty() ? (*value)["ko"].AsString() : english);
  };
}

model::LText Fill(const LTemplate& text, const Detail* detail, const Outcome& outcome) {
  return {text.ko.FillOr(ValuesIn(true, detail, outcome), "-"), text.en.FillOr(ValuesIn(false, detail, outcome), "-")};
}

std::string PositionText(const model::Position& position) {
  return fmt::format("{}/{}", position.partition, position.seq);
}

std::string OperatorClause(const Rule& rule) {
  const std::string window = FormatDuration(rule.window);
  switch (rule.op) {
    case OperatorKind::kEach:
      return {};
    case OperatorKind::kState:
      if (rule.hold == Duration{0} && rule.at_least == 1) return {};
      return fmt::format("{} part(s) at once for {}", rule.at_least, FormatDuration(rule.hold));
    case OperatorKind::kCount:
      return fmt::format("{} {} within {}", rule.comparison.than,
                         rule.distinct ? "different " + rule.part.text() : "events", window);
    case OperatorKind::kSequence:
      return fmt::format("step after step within {}", window);
    case OperatorKind::kTogether:
      return fmt::format("all within {}", window);
    case OperatorKind::kMissing:
      return fmt::format("no answer within {}", window);
    case OperatorKind::kSilence:
      return fmt::format("nothing heard for {}", window);
    case OperatorKind::kChange:
      return rule.change_field.empty()
                 ? fmt::format("moved by {} m or more", rule.change_by)
                 : fmt::format("{} changed by {} within {}", rule.change_field, rule.change_by, window);
    case OperatorKind::kNear:
      return fmt::format("at most {} m and {} apart", rule.radius_m, window);
  }
  return {};
}

json::Value Explain(const Rule& rule, const Detail* newest, const Outcome& outcome) {
  // Clause -> events that satisfied it, in the order of the first.
  std::vector<std::pair<std::string, json::Array>> clauses;
  const auto satisfied = [&](const std::string& text, const Entry& entry) {
    auto found = std::ranges::find(clauses, text, &std::pair<std::string, json::Array>::first);
    if (found == clauses.end()) found = clauses.insert(clauses.end(), {text, {}});
    found->second.emplace_back(PositionText(entry.position));
  };
  for (const Entry& entry : outcome.evidence) {
    if (!entry.detail) continue;
    for (const std::string& clause : entry.detail->clauses) satisfied(clause, entry);
  }
  if (const std::string clause = OperatorClause(rule); !clause.empty()) {
    for (const Entry& entry : outcome.evidence) satisfied(clause, entry);
  }
  json::Array list;
  for (auto& [text, by] : clauses) list.emplace_back(json::Object{{"text", text}, {"satisfied_by", std::move(by)}});
  json::Value out;
  out.Set("clauses", std::move(list));
  out.Set("values", newest != nullptr && newest->values.IsObject() ? newest->values : json::Value{json::Object{}});
  out.Set("text", model::ToJson(Fill(rule.text.ko.empty() ? rule.title : rule.text, newest, outcome)));
  if (rule.by_parts) {
    json::Array parts;
    for (const Entry& entry : outcome.evidence) {
      if (entry.detail && !entry.detail->part.empty()) parts.emplace_back(entry.detail->part);
    }
    out.Set("parts", std::move(parts));
  }
  if (!rule.prevented_by.ko.empty()) out.Set("prevented_by", model::ToJson(Fill(rule.prevented_by, newest, outcome)));
  return out;
}

}  // namespace

model::Finding RenderFinding(const KeyState& state, const Outcome& outcome, const std::vector<std::string>& sources) {
  const Rule& rule = *state.rule;
  const Detail* detail = outcome.newest.detail.get();
  const std::string& key = rule.op == OperatorKind::kNear && detail != nullptr ? detail->key : state.key;
  model::Finding finding;
  finding.id = model::FindingId(state.tenant, rule.id, key, outcome.start);
  finding.clears = outcome.clears;
  finding.tenant = state.tenant;
  finding.rule = rule.joins.empty() ? rule.id : rule.joins;
  finding.rule_version = rule.version;
  finding.key = key;
  finding.window_start = outcome.start;
  finding.first_at = outcome.first;
  finding.last_at = outcome.last;
  finding.count = outcome.count;
  finding.severity = rule.severity;
  finding.title = Fill(rule.title, detail, outcome);
  finding.service = rule.service;
  finding.position = rule.position;
  finding.procedure = rule.procedure;
  finding.evidence = rule.evidence;
  if (detail != nullptr) {
    finding.place = detail->place;
    finding.entity = detail->entity;
    finding.parent_key = detail->parent_key;
    finding.confidence = detail->confidence;
  }
  for (const Entry& entry : outcome.evidence) {
    finding.events.push_back(entry.position);
    finding.received_at = std::max(finding.received_at, entry.received_at);
    const std::string& source = sources[entry.source];
    if (std::ranges::find(finding.sources, source) == finding.sources.end()) finding.sources.push_back(source);
  }
  std::ranges::sort(finding.sources);
  finding.explanation = Explain(rule, detail, outcome);
  return finding;
}

}  // namespace bongsu::rules
