// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/detection.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "decide/rules/modifiers.hpp"

namespace bongsu::rules {
namespace {

constexpr std::size_t kMaxPredicates = 20'000;
using Kind = Expression::Kind;

class DetectionReader {
 public:
  DetectionReader(std::string_view file, const Variables& variables) : file_{file}, variables_{variables} {}

  Result<Detection> Read(const yaml::Node& node) {
    if (!node.IsMap()) return yaml::FailAt(file_, node, "rules.bad_detection", "detection must be a map");
    for (const yaml::Member& member : node.members) {
      if (member.key.scalar == "condition" || member.key.scalar == "timeframe") continue;
      BONGSU_TRY(Expression selection, Selection(member.value));
      out_.names.push_back(member.key.scalar);
      out_.selections.push_back(std::move(selection));
    }
    if (out_.names.empty()) return yaml::FailAt(file_, node, "rules.bad_detection", "detection has no selection");
    return std::move(out_);
  }

 private:
  Result<Expression> Selection(const yaml::Node& node) {
    if (node.IsMap()) return Map(node);
    if (!node.IsSequence()) return Item("", node);
    std::vector<Expression> any;
    for (const yaml::Node& item : node.items) {
      BONGSU_TRY(Expression part, item.IsMap() ? Map(item) : Item("", item));
      any.push_back(std::move(part));
    }
    return Expression::Join(Kind::kOr, std::move(any));
  }

  Result<Expression> Map(const yaml::Node& node) {
    std::vector<Expression> all;
    for (const yaml::Member& member : node.members) {
      BONGSU_TRY(Expression part, Item(member.key.scalar, member.value));
      all.push_back(std::move(part));
    }
    return Expression::Join(Kind::kAnd, std::move(all));
  }

  Result<Expression> Item(std::string_view key, const yaml::Node& value) {
    const auto modifiers = ReadModifiers(key);
    if (!modifiers) return yaml::FailAt(file_, value, modifiers.error().reason, "{}", modifiers.error().message);
    if (value.IsMap()) return yaml::FailAt(file_, value, "rules.bad_value", "\"{}\": a value cannot be a map", key);
    std::vector<Expression> parts;
    const auto add = [&](const yaml::Node& one) -> Result<void> {
      if (!one.IsScalar() && !one.IsNull()) {
        return yaml::FailAt(file_, one, "rules.bad_value", "\"{}\": a value must be a text, a number or null", key);
      }
      const Scalar scalar{one.IsNull() ? std::nullopt : std::optional<std::string_view>{one.scalar}, one.quoted};
      auto tests = MakePredicates(*modifiers, scalar, variables_);
      if (!tests) return yaml::FailAt(file_, one, tests.error().reason, "\"{}\": {}", key, tests.error().message);
      std::vector<Expression> forms;
      for (Predicate& test : *tests) {
        forms.push_back(Expression::Leaf(static_cast<std::uint32_t>(out_.predicates.size())));
        out_.predicates.push_back(std::move(test));
      }
      if (out_.predicates.size() > kMaxPredicates) {
        return yaml::FailAt(file_, one, "rules.too_large", "a rule may have {} values", kMaxPredicates);
      }
      Expression joined = Expression::Join(Kind::kOr, std::move(forms));
      parts.push_back(modifiers->negated ? Unequal(std::move(joined), *modifiers) : std::move(joined));
      return {};
    };
    if (value.IsSequence()) {
      for (const yaml::Node& one : value.items) BONGSU_CHECK(add(one));
      if (value.items.empty()) return yaml::FailAt(file_, value, "rules.bad_value", "\"{}\": the list is empty", key);
    } else {
      BONGSU_CHECK(add(value));
    }
    const bool all = modifiers->all || modifiers->negated;
    return Expression::Join(all ? Kind::kAnd : Kind::kOr, std::move(parts));
  }

  /// neq is a value test: a missing field does not fit it.
  Expression Unequal(Expression equal, const Modifiers& modifiers) {
    Predicate there;
    there.field = modifiers.field;
    there.op = Predicate::Op::kExists;
    there.text = modifiers.field + " is there";
    std::vector<Expression> both;
    both.push_back(Expression::Leaf(static_cast<std::uint32_t>(out_.predicates.size())));
    out_.predicates.push_back(std::move(there));
    both.push_back(Expression::Not(std::move(equal)));
    return Expression::Join(Kind::kAnd, std::move(both));
  }

  std::string_view file_;
  const Variables& variables_;
  Detection out_;
};

Expression Substitute(const Expression& condition, const std::vector<Expression>& selections) {
  if (condition.kind == Kind::kLeaf) return selections[condition.leaf];
  Expression out{condition.kind, condition.leaf, condition.least, {}};
  for (const Expression& child : condition.children) out.children.push_back(Substitute(child, selections));
  return out;
}

}  // namespace

Result<Expression> Detection::Resolve(std::string_view condition) const {
  BONGSU_TRY(const Expression tree, ParseCondition(condition, names));
  return Substitute(tree, selections);
}

Result<Detection> ReadDetection(const yaml::Node& node, std::string_view file, const Variables& variables) {
  return DetectionReader{file, variables}.Read(node);
}

}  // namespace bongsu::rules
