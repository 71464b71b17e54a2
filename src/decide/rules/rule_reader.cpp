// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "base/yaml.hpp"
#include "decide/rules/extension.hpp"
#include "decide/rules/rule.hpp"

namespace bongsu::rules {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 5> kSeverities{
    {{"critical", 1}, {"high", 2}, {"medium", 3}, {"low", 4}, {"informational", 0}}};

constexpr std::array<std::pair<std::string_view, Comparison::Op>, 6> kComparisons{{{"gt", Comparison::Op::kGreater},
                                                                                   {"gte", Comparison::Op::kGreaterEq},
                                                                                   {"lt", Comparison::Op::kLess},
                                                                                   {"lte", Comparison::Op::kLessEq},
                                                                                   {"eq", Comparison::Op::kEqual},
                                                                                   {"neq", Comparison::Op::kNotEqual}}};

Result<TemplateText> Literal(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    escaped += letter;
    if (letter == '{' || letter == '}') escaped += letter;
  }
  return TemplateText::Parse(escaped);
}

/// Sigma writes spans as "10m"; M is a month, which no window of ours may be.
Result<Duration> Span(std::string_view file, const yaml::Node& node) {
  auto span = ParseDuration(node.scalar);
  if (!span || *span <= Duration{0} || *span > 24h * 31) {
    return yaml::FailAt(file, node, "rules.bad_span", "\"{}\" is no span such as 30s, 10m, 24h", node.scalar);
  }
  return *span;
}

Result<void> ReadHead(Rule& rule, const yaml::Node& node, std::string_view file) {
  const std::string title = node.Text("title");
  rule.id = node.Text("id");
  rule.name = node.Text("name");
  if (rule.id.empty()) rule.id = rule.name;
  if (rule.id.empty()) return yaml::FailAt(file, node, "rules.no_id", "a rule needs an id");
  if (title.empty()) return yaml::FailAt(file, node, "rules.no_title", "rule {} needs a title", rule.id);
  BONGSU_TRY(rule.title.ko, Literal(title));
  rule.title.en = rule.title.ko;
  rule.version = node.Text("modified", node.Text("date", "1"));
  if (const yaml::Node* level = node.Find("level")) {
    const auto* const row = std::ranges::find(kSeverities, level->scalar, &std::pair<std::string_view, int>::first);
    if (row == kSeverities.end())
      return yaml::FailAt(file, *level, "rules.bad_level", "level \"{}\" is unknown", level->scalar);
    rule.severity = row->second;
  }
  if (const yaml::Node* tags = node.Find("tags")) {
    for (const yaml::Node& tag : tags->items) rule.tags.push_back(tag.scalar);
  }
  return {};
}

Result<void> ReadLogSource(Rule& rule, const yaml::Node& node, std::string_view file, bool ours) {
  const yaml::Node* source = node.Find("logsource");
  if (source == nullptr || !source->IsMap()) {
    if (ours && source != nullptr) return {};
    return yaml::FailAt(file, source != nullptr ? *source : node, "rules.no_logsource", "rule {} needs a logsource",
                        rule.id);
  }
  rule.log_source = {source->Text("category"), source->Text("product"), source->Text("service")};
  const model::LogSource& read = rule.log_source;
  if (!ours && read.category.empty() && read.product.empty() && read.service.empty()) {
    return yaml::FailAt(file, *source, "rules.no_logsource", "rule {}: logsource names nothing", rule.id);
  }
  return {};
}

Result<Detection> ReadConditions(Rule& rule, const yaml::Node& node, std::string_view file,
                                 const Variables& variables) {
  const yaml::Node* detection = node.Find("detection");
  if (detection == nullptr) return yaml::FailAt(file, node, "rules.no_detection", "rule {} needs a detection", rule.id);
  if (const yaml::Node* old = detection->Find("timeframe")) {
    return yaml::FailAt(file, *old, "rules.old_timeframe", "timeframe left Sigma with version 2; write a correlation");
  }
  BONGSU_TRY(Detection read, ReadDetection(*detection, file, variables));
  const yaml::Node* condition = detection->Find("condition");
  if (condition == nullptr) return yaml::FailAt(file, *detection, "rules.no_condition", "detection needs a condition");
  std::vector<Expression> any;
  const auto add = [&](const yaml::Node& one) -> Result<void> {
    auto tree = read.Resolve(one.scalar);
    if (!tree) return yaml::FailAt(file, one, tree.error().reason, "{}", tree.error().message);
    any.push_back(std::move(*tree));
    return {};
  };
  if (condition->IsSequence()) {
    for (const yaml::Node& one : condition->items) BONGSU_CHECK(add(one));
  } else {
    BONGSU_CHECK(add(*condition));
  }
  Stage stage;
  stage.when = Expression::Join(Expression::Kind::kOr, std::move(any));
  rule.stages.push_back(std::move(stage));
  return read;
}

/// Key of the hits of `base` in a correlation: the group-by fields, each under its alias for that rule.
Result<TemplateText> GroupKey(const yaml::Node& correlation, std::string_view base) {
  std::string text;
  const yaml::Node* aliases = correlation.Find("aliases");
  const yaml::Node* group = correlation.Find("group-by");
  std::vector<std::string> fields;
  if (group != nullptr && group->IsScalar()) fields.push_back(group->scalar);
  if (group != nullptr) {
    for (const yaml::Node& item : group->items) fields.push_back(item.scalar);
  }
  for (const std::string& field : fields) {
    const yaml::Node* alias = aliases != nullptr ? aliases->Find(field) : nullptr;
    const std::string real = alias != nullptr ? alias->Text(base, field) : field;
    text += fmt::format("{}{{{}}}", text.empty() ? "" : "|", real);
  }
  return TemplateText::Parse(text);
}

Result<void> ReadComparison(Rule& rule, const yaml::Node& node, std::string_view file) {
  for (const yaml::Member& member : node.members) {
    if (member.key.scalar == "field") continue;
    const auto* const row =
        std::ranges::find(kComparisons, member.key.scalar, &std::pair<std::string_view, Comparison::Op>::first);
    const std::string& number = member.value.scalar;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rule.comparison.than);
    if (row == kComparisons.end() || error != std::errc{} || end != number.data() + number.size()) {
      return yaml::FailAt(file, member.key, "rules.bad_condition", "\"{}: {}\" is no comparison", member.key.scalar,
                          number);
    }
    rule.comparison.op = row->second;
  }
  return {};
}

Result<void> ReadCorrelation(Rule& rule, const yaml::Node& correlation, std::string_view file) {
  const std::string type = correlation.Text("type");
  const yaml::Node* bases = correlation.Find("rules");
  const yaml::Node* span = correlation.Find("timespan");
  if (bases == nullptr || span == nullptr) {
    return yaml::FailAt(file, correlation, "rules.bad_correlation", "a correlation needs rules and timespan");
  }
  BONGSU_TRY(rule.window, Span(file, *span));
  std::vector<std::string> names;
  if (bases->IsScalar()) names.push_back(bases->scalar);
  for (const yaml::Node& item : bases->items) names.push_back(item.scalar);
  rule.keeps_bases = correlation.Text("generate") == "true";
  const bool counts = type == "event_count" || type == "value_count";
  for (const std::string& name : names) {
    BONGSU_TRY(TemplateText key, GroupKey(correlation, name));
    Stage stage;
    stage.rules = {name};
    stage.key = {std::move(key)};
    rule.stages.push_back(std::move(stage));
  }
  if (type == "temporal" || type == "temporal_ordered") {
    rule.op = type == "temporal" ? OperatorKind::kTogether : OperatorKind::kSequence;
    return {};
  }
  if (!counts)
    return yaml::FailAt(file, correlation, "rules.not_built", "correlation type \"{}\" is not built yet", type);
  rule.op = OperatorKind::kCount;
  const yaml::Node* condition = correlation.Find("condition");
  if (condition == nullptr || !condition->IsMap()) {
    return yaml::FailAt(file, correlation, "rules.bad_correlation", "{} needs a condition such as {{gte: 10}}", type);
  }
  if (type == "value_count") {
    const std::string field = condition->Text("field", correlation.Text("field"));
    if (field.empty()) return yaml::FailAt(file, *condition, "rules.bad_correlation", "value_count needs a field");
    rule.distinct = true;
    BONGSU_TRY(rule.part, TemplateText::Parse(fmt::format("{{{}}}", field)));
  }
  return ReadComparison(rule, *condition, file);
}

void CollectNames(Rule& rule) {
  for (const TemplateText* text :
       {&rule.title.ko, &rule.title.en, &rule.text.ko, &rule.text.en, &rule.prevented_by.ko, &rule.prevented_by.en}) {
    text->Names(rule.captured);
  }
  std::ranges::sort(rule.captured);
  const auto [from, to] = std::ranges::unique(rule.captured);
  rule.captured.erase(from, to);
}

Result<Rule> ReadRule(const yaml::Node& node, std::string_view file, const Variables& variables) {
  if (!node.IsMap()) return yaml::FailAt(file, node, "rules.bad_rule", "a rule is a map");
  if (const yaml::Node* filter = node.Find("filter")) {
    return yaml::FailAt(file, *filter, "rules.not_built", "Sigma filter documents are not built yet");
  }
  Rule rule;
  rule.file = file;
  rule.line = node.line;
  BONGSU_CHECK(ReadHead(rule, node, file));
  const yaml::Node* extension = node.Find("bongsu");
  Detection detection;
  if (const yaml::Node* correlation = node.Find("correlation")) {
    BONGSU_CHECK(ReadCorrelation(rule, *correlation, file));
  } else {
    BONGSU_CHECK(ReadLogSource(rule, node, file, extension != nullptr));
    BONGSU_TRY(detection, ReadConditions(rule, node, file, variables));
  }
  if (extension == nullptr && rule.op == OperatorKind::kEach) {  // a plain Sigma rule keeps nothing between events
    rule.max_keys = 64;
    rule.max_events = 8;
  }
  if (extension != nullptr) BONGSU_CHECK(ReadExtension(rule, *extension, detection, file));
  rule.predicates = std::move(detection.predicates);
  for (Stage& stage : rule.stages) {
    if (stage.key.empty()) {
      BONGSU_TRY(TemplateText entity, TemplateText::Parse("{entity}"));
      stage.key = {std::move(entity), TemplateText{}};
    }
  }
  if (rule.op == OperatorKind::kCount) {
    rule.max_events = std::clamp<std::size_t>(rule.comparison.than * 2, 32, 4096);
  }
  CollectNames(rule);
  return rule;
}

/// "FILE:LINE:COLUMN: text" taken apart again.
Complaint ToComplaint(const Error& error, std::string_view file, int line) {
  Complaint out{std::string(file), line, 1, error.reason, error.message};
  if (!out.message.starts_with(file)) return out;
  std::string_view rest = std::string_view{out.message}.substr(file.size());
  int numbers[2]{line, 1};
  for (int& number : numbers) {
    if (rest.empty() || rest.front() != ':') return out;
    rest.remove_prefix(1);
    const auto [end, bad] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (bad != std::errc{}) return out;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  if (!rest.starts_with(": ")) return out;
  out.line = numbers[0];
  out.column = numbers[1];
  out.message = std::string(rest.substr(2));
  return out;
}

/// Lines of `text` from `first` on, up to the `---` before line `next` (0: to the end).
std::string Lines(std::string_view text, int first, int next) {
  std::string out;
  for (int line = 1; !text.empty() && (next == 0 || line < next); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (line >= first && !text.starts_with("---")) out.append(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

/// Eight letters that change with what the rule says: its own text, and the values it expands.
std::string TextHash(const std::string& written, const Variables& variables) {
  std::string all = written;
  if (written.find("|expand") != std::string::npos) {
    for (const auto& [name, values] : variables) {
      all += "\n" + name;
      for (const std::string& value : values) all += "\x1f" + value;
    }
  }
  return fmt::format("{:016x}", Hash64(all)).substr(0, 8);
}

}  // namespace

ReadRules ReadRuleFile(std::string_view text, std::string_view file, const Variables& variables) {
  ReadRules out;
  const auto documents = yaml::ParseAll(text, file);
  if (!documents) {
    out.complaints.push_back(ToComplaint(documents.error(), file, 1));
    return out;
  }
  for (std::size_t i = 0; i < documents->size(); ++i) {
    const yaml::Node& node = (*documents)[i];
    if (node.IsNull()) continue;
    auto rule = ReadRule(node, file, variables);
    if (!rule) {
      out.complaints.push_back(ToComplaint(rule.error(), file, node.line));
      if (node.IsMap()) out.complaints.back().rule = node.Text("id", node.Text("name"));
      continue;
    }
    rule->written = Lines(text, node.line, i + 1 < documents->size() ? (*documents)[i + 1].line : 0);
    rule->version += "." + TextHash(rule->written, variables);
    out.rules.push_back(std::move(*rule));
  }
  return out;
}

}  // namespace bongsu::rules
