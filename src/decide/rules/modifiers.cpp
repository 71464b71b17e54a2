// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/modifiers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "decide/rules/variants.hpp"

namespace bongsu::rules {
namespace {

using Op = Predicate::Op;
using Order = Modifiers::Order;
using Encode = Modifiers::Encode;
using Set = void (*)(Modifiers&);

// clang-format off
constexpr std::array<std::pair<std::string_view, Set>, 28> kModifiers{{
    {"all", [](Modifiers& m) { m.all = true; }},
    {"contains", [](Modifiers& m) { m.contains = true; }},
    {"startswith", [](Modifiers& m) { m.starts = true; }},
    {"endswith", [](Modifiers& m) { m.ends = true; }},
    {"exists", [](Modifiers& m) { m.exists = true; }},
    {"cased", [](Modifiers& m) { m.cased = true; }},
    {"neq", [](Modifiers& m) { m.negated = true; }},
    {"lt", [](Modifiers& m) { m.order = Order::kLess; }},
    {"lte", [](Modifiers& m) { m.order = Order::kLessEq; }},
    {"gt", [](Modifiers& m) { m.order = Order::kGreater; }},
    {"gte", [](Modifiers& m) { m.order = Order::kGreaterEq; }},
    {"re", [](Modifiers& m) { m.regex = true; }},
    {"i", [](Modifiers& m) { m.flags.ignore_case = true; }},
    {"ignorecase", [](Modifiers& m) { m.flags.ignore_case = true; }},
    {"m", [](Modifiers& m) { m.flags.multi_line = true; }},
    {"multiline", [](Modifiers& m) { m.flags.multi_line = true; }},
    {"s", [](Modifiers& m) { m.flags.dot_all = true; }},
    {"dotall", [](Modifiers& m) { m.flags.dot_all = true; }},
    {"cidr", [](Modifiers& m) { m.cidr = true; }},
    {"expand", [](Modifiers& m) { m.expand = true; }},
    {"fieldref", [](Modifiers& m) { m.field_ref = true; }},
    {"windash", [](Modifiers& m) { m.windash = true; }},
    {"base64", [](Modifiers& m) { m.encodings.push_back(Encode::kBase64); }},
    {"base64offset", [](Modifiers& m) { m.encodings.push_back(Encode::kBase64Offset); }},
    {"wide", [](Modifiers& m) { m.encodings.push_back(Encode::kUtf16Le); }},
    {"utf16le", [](Modifiers& m) { m.encodings.push_back(Encode::kUtf16Le); }},
    {"utf16be", [](Modifiers& m) { m.encodings.push_back(Encode::kUtf16Be); }},
    {"utf16", [](Modifiers& m) { m.encodings.push_back(Encode::kUtf16); }},
}};
// clang-format on

Op OpOf(Order order) {
  constexpr std::array<Op, 5> kOps{Op::kText, Op::kLess, Op::kLessEq, Op::kGreater, Op::kGreaterEq};
  return kOps[static_cast<std::size_t>(order)];
}

std::string_view Sign(Order order) {
  constexpr std::array<std::string_view, 5> kSigns{"=", "<", "<=", ">", ">="};
  return kSigns[static_cast<std::size_t>(order)];
}

std::string_view Verb(const Modifiers& m) {
  if (m.contains) return "contains";
  if (m.starts) return "begins with";
  if (m.ends) return "ends with";
  return "is";
}

void Open(const Modifiers& m, TextPattern& pattern) {
  if (m.contains || m.ends) pattern.OpenFront();
  if (m.contains || m.starts) pattern.OpenEnd();
}

Result<std::vector<std::string>> Encoded(const Modifiers& m, std::string_view text) {
  std::vector<std::string> forms{std::string(text)};
  for (const Encode step : m.encodings) {
    std::vector<std::string> next;
    for (const std::string& form : forms) {
      switch (step) {
        case Encode::kBase64:
          next.push_back(Base64(form));
          break;
        case Encode::kBase64Offset:
          for (std::string& one : Base64Offsets(form)) next.push_back(std::move(one));
          break;
        case Encode::kUtf16Le:
          next.push_back(Utf16(form, false));
          break;
        case Encode::kUtf16Be:
          next.push_back(Utf16(form, true));
          break;
        case Encode::kUtf16:
          next.push_back("\xFF\xFE" + Utf16(form, false));
          break;
      }
    }
    forms = std::move(next);
  }
  return forms;
}

Predicate Base(const Modifiers& m, Op op) {
  Predicate test;
  test.field = m.field;
  test.op = op;
  test.cased = m.cased;
  return test;
}

Result<std::vector<Predicate>> One(Predicate test) {
  std::vector<Predicate> out;
  out.push_back(std::move(test));
  return out;
}

Result<std::vector<Predicate>> Ordered(const Modifiers& m, std::string_view text) {
  Predicate test = Base(m, OpOf(m.order));
  test.text = fmt::format("{} {} {}", m.field, Sign(m.order), text);
  if (m.field_ref) {
    test.other = FieldName(text);
    return One(std::move(test));
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), test.number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return Fail(Code::kInvalidArgument, "rules.bad_value", "\"{}\" is no number", text);
  }
  return One(std::move(test));
}

/// `%name%` replaced by each of its values.
Result<std::vector<std::string>> Expanded(std::string_view text, const Variables& variables) {
  const std::size_t from = text.find('%');
  const std::size_t to = from == std::string_view::npos ? from : text.find('%', from + 1);
  if (to == std::string_view::npos) return std::vector<std::string>{std::string(text)};
  const std::string_view name = text.substr(from + 1, to - from - 1);
  const auto found = variables.find(name);
  if (found == variables.end()) {
    return Fail(Code::kInvalidArgument, "rules.no_variable", "placeholder %{}% has no values here", name);
  }
  std::vector<std::string> out;
  for (const std::string& value : found->second) {
    out.push_back(std::string(text.substr(0, from)) + value + std::string(text.substr(to + 1)));
  }
  return out;
}

Predicate TextTest(const Modifiers& m, std::string_view form, bool literal) {
  Predicate test = Base(m, Op::kText);
  const std::string folded = m.cased ? std::string(form) : Fold(form);
  test.pattern = literal ? TextPattern::FromLiteral(folded) : TextPattern::FromSigma(folded);
  Open(m, test.pattern);
  if (m.field.empty()) {  // a keyword is looked for anywhere in a field
    test.pattern.OpenFront();
    test.pattern.OpenEnd();
  }
  test.text = m.field.empty() ? fmt::format("the event contains \"{}\"", form)
                              : fmt::format("{} {} {}", m.field, Verb(m), form.empty() ? "empty" : form);
  if (test.pattern.shape() == TextPattern::Shape::kAnything) {
    test.op = Op::kExists;
    test.text = m.field + " is there";
  }
  return test;
}

}  // namespace

std::string FieldName(std::string_view name) {
  std::string out;
  for (const char letter : name) {
    if (letter != ' ') out += letter;
  }
  return out;
}

std::string Predicate::Key() const {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", field, static_cast<int>(op), cased, pattern.ToText(), number,
                     other, regex ? static_cast<const void*>(regex.get()) : nullptr, op == Op::kCidr ? text : "");
}

Result<Modifiers> ReadModifiers(std::string_view key) {
  Modifiers modifiers;
  std::size_t bar = key.find('|');
  modifiers.field = FieldName(key.substr(0, bar));
  while (bar != std::string_view::npos) {
    key.remove_prefix(bar + 1);
    bar = key.find('|');
    const std::string_view name = key.substr(0, bar);
    const auto* const found =
        std::find_if(kModifiers.begin(), kModifiers.end(), [&](const auto& row) { return row.first == name; });
    if (found == kModifiers.end()) {
      return Fail(Code::kInvalidArgument, "rules.unknown_modifier", "modifier \"{}\" is unknown", name);
    }
    found->second(modifiers);
  }
  return modifiers;
}

Result<std::vector<Predicate>> MakePredicates(const Modifiers& m, const Scalar& value, const Variables& variables) {
  if (m.exists) {
    const bool wanted = value.text && Fold(*value.text) != "false" && *value.text != "no";
    Predicate test = Base(m, wanted ? Op::kExists : Op::kMissing);
    test.text = fmt::format("{} is {}", m.field, wanted ? "there" : "missing");
    return One(std::move(test));
  }
  const bool null = !value.text || (!value.quoted && (*value.text == "null" || *value.text == "~"));
  if (null) {
    if (m.field.empty()) return Fail(Code::kInvalidArgument, "rules.bad_value", "a keyword cannot be null");
    Predicate test = Base(m, Op::kNull);
    test.text = m.field + " is null";
    return One(std::move(test));
  }
  const std::string_view text = *value.text;
  if (m.order != Order::kNone) return Ordered(m, text);
  if (m.field_ref) {
    Predicate test = Base(m, Op::kSame);
    test.other = FieldName(text);
    test.pattern = TextPattern::FromLiteral("?");  // stands for the other text
    Open(m, test.pattern);
    test.text = fmt::format("{} {} {}", m.field, Verb(m), test.other);
    return One(std::move(test));
  }
  if (m.cidr) {
    const auto net = Cidr::Parse(text);
    if (!net) return Fail(Code::kInvalidArgument, "rules.bad_value", "\"{}\" is no network", text);
    Predicate test = Base(m, Op::kCidr);
    test.net = *net;
    test.text = fmt::format("{} is in {}", m.field, text);
    return One(std::move(test));
  }
  std::vector<std::string> texts{std::string(text)};
  if (m.expand) {
    BONGSU_TRY(texts, Expanded(text, variables));
  }
  std::vector<Predicate> out;
  for (const std::string& one : texts) {
    if (m.regex) {
      BONGSU_TRY(auto regex, Regex::Make(one, m.flags));
      Predicate test = Base(m, Op::kRegex);
      test.regex = std::move(regex);
      test.text = fmt::format("{} fits /{}/", m.field, one);
      out.push_back(std::move(test));
      continue;
    }
    for (const std::string& dashed : m.windash ? WindowsDashes(one) : std::vector<std::string>{one}) {
      BONGSU_TRY(const auto forms, Encoded(m, dashed));
      for (const std::string& form : forms) out.push_back(TextTest(m, form, !m.encodings.empty()));
    }
  }
  return out;
}

}  // namespace bongsu::rules
