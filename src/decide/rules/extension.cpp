// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/extension.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bongsu::rules {
namespace {

using yaml::FailAt;
using yaml::Node;

/// Everything a key's reader may need.
struct Context {
  Rule& rule;
  const Detection& detection;
  std::string_view file;
  std::optional<Expression> of;
  bool clear_otherwise = false;
  std::optional<Expression> clear;
  std::optional<TemplateText> key_seen;
  std::vector<TemplateText> key;
};

using Read = Result<void> (*)(Context&, const Node&);

template <class T>
Result<T> Number(const Context& context, const Node& node, T least, T most) {
  T value{};
  const auto [end, error] = std::from_chars(node.scalar.data(), node.scalar.data() + node.scalar.size(), value);
  if (error != std::errc{} || end != node.scalar.data() + node.scalar.size() || value < least || value > most) {
    return FailAt(context.file, node, "rules.bad_value", "\"{}\" is no number from {} to {}", node.scalar, least, most);
  }
  return value;
}

Result<Duration> Span(const Context& context, const Node& node) {
  const auto span = ParseDuration(node.scalar);
  if (!span || *span <= Duration{0} || *span > 24h * 31) {
    return FailAt(context.file, node, "rules.bad_span", "\"{}\" is no span such as 30s, 10m, 24h", node.scalar);
  }
  return *span;
}

Result<TemplateText> Template(const Context& context, const Node& node) {
  auto text = TemplateText::Parse(node.scalar);
  if (!node.IsScalar() || !text) {
    return FailAt(context.file, node, "rules.bad_template", "{}", text ? "a text is needed" : text.error().message);
  }
  return text;
}

Result<std::vector<TemplateText>> Templates(const Context& context, const Node& node) {
  std::vector<TemplateText> out;
  if (!node.IsSequence()) {
    BONGSU_TRY(TemplateText one, Template(context, node));
    out.push_back(std::move(one));
  }
  for (const Node& item : node.items) {
    BONGSU_TRY(TemplateText one, Template(context, item));
    out.push_back(std::move(one));
  }
  return out;
}

Result<LTemplate> Texts(const Context& context, const Node& node) {
  LTemplate out;
  if (node.IsScalar()) {
    BONGSU_TRY(out.ko, Template(context, node));
    out.en = out.ko;
    return out;
  }
  const Node* ko = node.Find("ko");
  const Node* en = node.Find("en");
  if (ko == nullptr || en == nullptr) return FailAt(context.file, node, "rules.bad_text", "a text needs ko and en");
  BONGSU_TRY(out.ko, Template(context, *ko));
  BONGSU_TRY(out.en, Template(context, *en));
  return out;
}

Result<Expression> Condition(const Context& context, const Node& node) {
  auto tree = context.detection.Resolve(node.scalar);
  if (!tree) return FailAt(context.file, node, tree.error().reason, "{}", tree.error().message);
  return std::move(*tree);
}

Result<void> KnownKeys(const Context& context, const Node& node, std::initializer_list<std::string_view> keys) {
  if (!node.IsMap()) return FailAt(context.file, node, "rules.bad_value", "a map is needed");
  for (const yaml::Member& member : node.members) {
    if (std::ranges::find(keys, member.key.scalar) == keys.end()) {
      return FailAt(context.file, member.key, "rules.unknown_key", "\"{}\" is no key here", member.key.scalar);
    }
  }
  return {};
}

Result<void> SetOperator(Context& context, const Node& node, OperatorKind kind) {
  if (context.rule.op != OperatorKind::kEach && context.rule.op != kind) {
    return FailAt(context.file, node, "rules.two_operators", "the rule is {} already and cannot be {} too",
                  OperatorName(context.rule.op), OperatorName(kind));
  }
  context.rule.op = kind;
  return {};
}

Result<std::chrono::minutes> TimeOfDay(const Context& context, const Node& node) {
  const std::string& text = node.scalar;
  int hour = -1;
  int minute = -1;
  if (text.size() == 5 && text[2] == ':') {
    std::from_chars(text.data(), text.data() + 2, hour);
    std::from_chars(text.data() + 3, text.data() + 5, minute);
  }
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59) {
    return FailAt(context.file, node, "rules.bad_value", "\"{}\" is no time of day such as \"20:00\"", text);
  }
  return std::chrono::minutes{hour * 60 + minute};
}

Result<void> ReadSchedule(Context& context, const Node& node) {
  BONGSU_CHECK(KnownKeys(context, node, {"from", "to", "zone"}));
  const Node* from = node.Find("from");
  const Node* to = node.Find("to");
  if (from == nullptr || to == nullptr)
    return FailAt(context.file, node, "rules.bad_value", "schedule needs from and to");
  Schedule schedule;
  BONGSU_TRY(schedule.from, TimeOfDay(context, *from));
  BONGSU_TRY(schedule.to, TimeOfDay(context, *to));
  const std::string zone = node.Text("zone", "Asia/Seoul");
  if (zone == "Asia/Seoul") {
    schedule.offset = 9h;
  } else if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-')) {
    Node clock = node;
    clock.scalar = zone.substr(1);
    BONGSU_TRY(schedule.offset, TimeOfDay(context, clock));
    if (zone[0] == '-') schedule.offset = -schedule.offset;
  } else if (zone != "UTC") {
    return FailAt(context.file, node, "rules.bad_value", "zone \"{}\": write Asia/Seoul, UTC or +09:00", zone);
  }
  context.rule.schedule = schedule;
  return {};
}

Result<void> ReadNear(Context& context, const Node& node) {
  BONGSU_CHECK(KnownKeys(context, node, {"type", "rule", "within_m", "within"}));
  const Node* radius = node.Find("within_m");
  if (radius == nullptr) return FailAt(context.file, node, "rules.bad_value", "near needs within_m");
  BONGSU_TRY(const double within_m, Number<double>(context, *radius, 1, 100'000));
  if (const Node* rule = node.Find("rule")) {
    BONGSU_CHECK(SetOperator(context, node, OperatorKind::kNear));
    const Node* within = node.Find("within");
    if (within == nullptr) return FailAt(context.file, node, "rules.bad_value", "near a rule needs within");
    BONGSU_TRY(context.rule.window, Span(context, *within));
    context.rule.radius_m = within_m;
    Stage stage;
    stage.rules = {rule->scalar};
    context.rule.stages.push_back(std::move(stage));
    return {};
  }
  const std::string type = node.Text("type");
  if (type.empty()) return FailAt(context.file, node, "rules.bad_value", "near needs a rule or a type");
  context.rule.near_entity = NearEntity{type, within_m};
  return {};
}

Result<void> ReadSequence(Context& context, const Node& node) {
  BONGSU_CHECK(SetOperator(context, node, OperatorKind::kSequence));
  if (!node.IsSequence() || node.items.size() < 2 || node.items.size() > 16) {
    return FailAt(context.file, node, "rules.bad_value", "sequence is a list of 2 to 16 steps");
  }
  context.rule.stages.clear();
  for (const Node& item : node.items) {
    BONGSU_CHECK(KnownKeys(context, item, {"when", "count"}));
    const Node* when = item.Find("when");
    if (when == nullptr) return FailAt(context.file, item, "rules.bad_value", "a step needs when");
    Stage stage;
    BONGSU_TRY(stage.when, Condition(context, *when));
    if (const Node* count = item.Find("count")) {
      BONGSU_TRY(stage.count, Number<std::uint32_t>(context, *count, 1, 1000));
    }
    context.rule.max_events = std::max<std::size_t>(context.rule.max_events, std::size_t{stage.count} * 4);
    context.rule.stages.push_back(std::move(stage));
  }
  return {};
}

Result<void> ReadMissing(Context& context, const Node& node) {
  BONGSU_CHECK(KnownKeys(context, node, {"when", "within"}));
  BONGSU_CHECK(SetOperator(context, node, OperatorKind::kMissing));
  const Node* when = node.Find("when");
  const Node* within = node.Find("within");
  if (when == nullptr || within == nullptr)
    return FailAt(context.file, node, "rules.bad_value", "missing needs when and within");
  Stage stage;
  BONGSU_TRY(stage.when, Condition(context, *when));
  BONGSU_TRY(context.rule.window, Span(context, *within));
  context.rule.stages.push_back(std::move(stage));
  return {};
}

Result<void> ReadCount(Context& context, const Node& node) {
  BONGSU_CHECK(KnownKeys(context, node, {"at_least", "distinct", "within"}));
  BONGSU_CHECK(SetOperator(context, node, OperatorKind::kCount));
  const Node* least = node.Find("at_least");
  const Node* within = node.Find("within");
  if (least == nullptr || within == nullptr)
    return FailAt(context.file, node, "rules.bad_value", "count needs at_least and within");
  BONGSU_TRY(context.rule.comparison.than, Number<std::uint64_t>(context, *least, 1, 100'000));
  BONGSU_TRY(context.rule.window, Span(context, *within));
  if (const Node* distinct = node.Find("distinct")) {
    context.rule.distinct = true;
    BONGSU_TRY(context.rule.part, Template(context, *distinct));
  }
  return {};
}

Result<void> ReadChange(Context& context, const Node& node) {
  BONGSU_CHECK(KnownKeys(context, node, {"field", "by", "place_m", "within"}));
  BONGSU_CHECK(SetOperator(context, node, OperatorKind::kChange));
  const Node* by = node.Find("by");
  const Node* place = node.Find("place_m");
  const Node* within = node.Find("within");
  context.rule.change_field = FieldName(node.Text("field"));
  if (within == nullptr || (by == nullptr) == (place == nullptr) ||
      (by != nullptr && context.rule.change_field.empty())) {
    return FailAt(context.file, node, "rules.bad_value", "change needs within and either field and by, or place_m");
  }
  BONGSU_TRY(context.rule.window, Span(context, *within));
  BONGSU_TRY(context.rule.change_by, Number<double>(context, by != nullptr ? *by : *place, -1e9, 1e9));
  return {};
}

Result<void> ReadClear(Context& context, const Node& node) {
  BONGSU_CHECK(SetOperator(context, node, OperatorKind::kState));
  if (node.scalar == "otherwise") {
    context.clear_otherwise = true;
    return {};
  }
  BONGSU_TRY(context.clear, Condition(context, node));
  return {};
}

Result<void> ReadJoin(Context& context, const Node& node) {
  for (const yaml::Member& member : node.members) {
    BONGSU_TRY(TemplateText id, Template(context, member.value));
    context.rule.join[FieldName(member.key.scalar)] = std::move(id);
  }
  return {};
}

Result<void> ReadService(Context& context, const Node& node) {
  // Any pack's name: a city service is a folder, not a line here.
  const bool word = !node.scalar.empty() && node.scalar.size() <= 64 &&
                    node.scalar.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (!word)
    return FailAt(context.file, node, "rules.bad_value", "service \"{}\" is no pack's name: a-z 0-9 - _", node.scalar);
  context.rule.service = node.scalar;
  context.rule.position = node.scalar == "cyber" ? "cyber" : "video";
  return {};
}

Result<void> OneOf(const Context& context, const Node& node, std::string& out,
                   std::initializer_list<std::string_view> words) {
  if (std::ranges::find(words, node.scalar) == words.end()) {
    std::string list;
    for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
    return FailAt(context.file, node, "rules.bad_value", "\"{}\" is not one of {}", node.scalar, list);
  }
  out = node.scalar;
  return {};
}

Result<void> ReadPlace(Context& context, const Node& node) {
  std::string word;
  BONGSU_CHECK(OneOf(context, node, word, {"event", "entity", "none"}));
  context.rule.place = word == "event" ? PlaceFrom::kEvent : word == "entity" ? PlaceFrom::kEntity : PlaceFrom::kNone;
  return {};
}

Result<void> ReadFlag(Context& context, const Node& node) {
  std::string word;
  BONGSU_CHECK(OneOf(context, node, word, {"true", "false"}));
  context.rule.generate = word == "true";
  return {};
}

#define BONGSU_SET(EXPRESSION, ...)               \
  [](Context& c, const Node& n) -> Result<void> { \
    BONGSU_TRY(EXPRESSION, __VA_ARGS__);          \
    return {};                                    \
  }

struct Key {
  std::string_view name;
  Read read;
};

// The whole extension: one row a key. `service` stands before `position`, which it gives a default.
const std::array kKeys{
    Key{"number", BONGSU_SET(c.rule.number, Number<int>(c, n, 1, 9999))},
    Key{"version",
        [](Context& c, const Node& n) -> Result<void> {
          c.rule.version = n.scalar;
          return {};
        }},
    Key{"service", ReadService},
    Key{"position", [](Context& c, const Node& n) { return OneOf(c, n, c.rule.position, {"video", "cyber"}); }},
    Key{"severity", BONGSU_SET(c.rule.severity, Number<int>(c, n, 0, 4))},
    Key{"title", BONGSU_SET(c.rule.title, Texts(c, n))},
    Key{"text", BONGSU_SET(c.rule.text, Texts(c, n))},
    Key{"prevented_by", BONGSU_SET(c.rule.prevented_by, Texts(c, n))},
    Key{"key", BONGSU_SET(c.key, Templates(c, n))},
    Key{"entity", BONGSU_SET(c.rule.entity, Templates(c, n))},
    Key{"parent_key", BONGSU_SET(c.rule.parent_key, Template(c, n))},
    Key{"procedure",
        [](Context& c, const Node& n) -> Result<void> {
          c.rule.procedure = n.scalar;
          return {};
        }},
    Key{"evidence", [](Context& c, const Node& n) { return OneOf(c, n, c.rule.evidence, {"none", "still", "clip"}); }},
    Key{"place", ReadPlace},
    Key{"confidence",
        [](Context& c, const Node& n) -> Result<void> {
          c.rule.confidence = FieldName(n.scalar);
          return {};
        }},
    Key{"joins",
        [](Context& c, const Node& n) -> Result<void> {
          c.rule.joins = n.scalar;
          return {};
        }},
    Key{"generate", ReadFlag},
    Key{"join", ReadJoin},
    Key{"schedule", ReadSchedule},
    Key{"near", ReadNear},
    Key{"of", BONGSU_SET(c.of, Condition(c, n))},
    Key{"clear", ReadClear},
    Key{"for",
        [](Context& c, const Node& n) -> Result<void> {
          BONGSU_CHECK(SetOperator(c, n, OperatorKind::kState));
          BONGSU_TRY(c.rule.hold, Span(c, n));
          return {};
        }},
    Key{"clear_for", BONGSU_SET(c.rule.clear_hold, Span(c, n))},
    Key{"each",
        [](Context& c, const Node& n) -> Result<void> {
          BONGSU_CHECK(SetOperator(c, n, OperatorKind::kState));
          BONGSU_TRY(c.rule.part, Template(c, n));
          c.rule.by_parts = true;
          return {};
        }},
    Key{"at_least", BONGSU_SET(c.rule.at_least, Number<std::uint32_t>(c, n, 1, 1000))},
    Key{"count", ReadCount},
    Key{"sequence", ReadSequence},
    Key{"within", BONGSU_SET(c.rule.window, Span(c, n))},
    Key{"missing", ReadMissing},
    Key{"silence",
        [](Context& c, const Node& n) -> Result<void> {
          BONGSU_CHECK(SetOperator(c, n, OperatorKind::kSilence));
          BONGSU_TRY(c.rule.window, Span(c, n));
          return {};
        }},
    Key{"change", ReadChange},
    Key{"dedupe", BONGSU_SET(c.rule.gap, Span(c, n))},
    Key{"max_keys", BONGSU_SET(c.rule.max_keys, Number<std::size_t>(c, n, 1, 1'000'000))},
    Key{"max_events", BONGSU_SET(c.rule.max_events, Number<std::size_t>(c, n, 2, 4096))},
};

#undef BONGSU_SET

/// kState: stage 0 raises, 1 clears, 2 is a reading that does neither.
void AddStateStages(Context& context) {
  Rule& rule = context.rule;
  const auto& when = rule.stages.front().when;
  if (!when) return;  // ReadState gives every state rule its `raise`
  const Expression raise = *when;
  const auto add = [&](std::optional<Expression> condition) {
    Stage stage;
    stage.when = std::move(condition);
    rule.stages.push_back(std::move(stage));
  };
  const auto but = [](Expression a, Expression b) {
    std::vector<Expression> both;
    both.push_back(std::move(a));
    both.push_back(Expression::Not(std::move(b)));
    return Expression::Join(Expression::Kind::kAnd, std::move(both));
  };
  if (context.clear_otherwise && context.of) {
    add(but(*context.of, raise));
    return;
  }
  add(context.clear);
  if (context.of) add(context.clear ? but(but(*context.of, raise), *context.clear) : but(*context.of, raise));
}

}  // namespace

Result<void> ReadExtension(Rule& rule, const Node& node, const Detection& detection, std::string_view file) {
  if (!node.IsMap()) return FailAt(file, node, "rules.bad_value", "bongsu must be a map");
  Context context{rule, detection, file, {}, false, {}, {}, {}};
  for (const yaml::Member& member : node.members) {
    if (std::ranges::find(kKeys, member.key.scalar, &Key::name) == kKeys.end()) {
      return FailAt(file, member.key, "rules.unknown_key", "\"{}\" is no key of bongsu", member.key.scalar);
    }
  }
  for (const Key& key : kKeys) {
    if (const Node* value = node.Find(key.name)) BONGSU_CHECK(key.read(context, *value));
  }
  if (context.clear_otherwise && !context.of) return FailAt(file, node, "rules.bad_value", "clear: otherwise needs of");
  if (rule.op == OperatorKind::kState) {
    if (rule.stages.empty() || !rule.stages.front().when) {
      return FailAt(file, node, "rules.bad_value", "for, clear and each belong to a rule with a detection");
    }
    AddStateStages(context);
  }
  if (rule.op == OperatorKind::kSequence && rule.window == Duration{0}) {
    return FailAt(file, node, "rules.bad_value", "a sequence needs within");
  }
  if (!context.key.empty()) {
    for (Stage& stage : rule.stages) {
      if (stage.key.empty()) stage.key = context.key;
    }
  }
  return {};
}

}  // namespace bongsu::rules
