// SPDX-License-Identifier: Apache-2.0
#include "know/context/value_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace bongsu::context {
namespace {

using Operator = ValueQuery::Operator;
using Literal = ValueQuery::Literal;
using LiteralType = ValueQuery::LiteralType;
using Term = ValueQuery::Term;
using Link = ValueQuery::Link;
using Reach = ValueQuery::Reach;

constexpr std::size_t kMaxLength = 8192;
constexpr std::size_t kMaxLinks = 10;  ///< Inside of each other.
constexpr std::array<std::string_view, 6> kMembers{"observedAt", "createdAt", "modifiedAt",
                                                   "unitCode",   "datasetId", "expiresAt"};

struct OperatorRow {
  std::string_view sign;
  Operator op;
};
// Longer signs first.
constexpr std::array<OperatorRow, 8> kOperators{{{"!~=", Operator::kUnlike},
                                                 {"==", Operator::kEqual},
                                                 {"!=", Operator::kUnequal},
                                                 {">=", Operator::kGreaterEqual},
                                                 {"<=", Operator::kLessEqual},
                                                 {"~=", Operator::kLike},
                                                 {">", Operator::kGreater},
                                                 {"<", Operator::kLess}}};

tl::unexpected<Error> Bad(std::string_view why, std::string_view where) {
  return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "q: {} near '{}'", why, where.substr(0, 40));
}

bool IsMember(std::string_view name) { return std::ranges::find(kMembers, name) != kMembers.end(); }
bool IsSystemTime(std::string_view name) { return name == "createdAt" || name == "modifiedAt"; }

bool Shaped(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == '0' ? (text[i] < '0' || text[i] > '9') : text[i] != shape[i]) return false;
  }
  return true;
}

Result<Literal> Unquoted(std::string_view text) {
  Literal literal;
  literal.text = text;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), literal.number);
  if (error == std::errc{} && rest == text.data() + text.size() && std::isfinite(literal.number)) {
    literal.type = LiteralType::kNumber;
    return literal;
  }
  if (text == "true" || text == "false") {
    literal.type = LiteralType::kBool;
    literal.truth = text == "true";
    return literal;
  }
  if (Shaped(text, "0000-00-00T00:00:00") && text.ends_with('Z')) {
    const auto time = ParseTime(text);
    if (!time) return Bad("a time is YYYY-MM-DDThh:mm:ssZ", text);
    literal.type = LiteralType::kDateTime;
    literal.time = *time;
    return literal;
  }
  if ((text.size() == 10 && Shaped(text, "0000-00-00")) || (Shaped(text, "00:00:00") && text.ends_with('Z'))) {
    literal.type = LiteralType::kDateOrTime;
    return literal;
  }
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c < 0; };
  const bool word = letter(text.front()) && std::ranges::all_of(text, [&](char c) {
                      return letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
                    });
  if (word) return literal;  // a term of a vocabulary
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() ||
      std::isalpha(static_cast<unsigned char>(text[0])) == 0) {
    return Bad("a value is a number, \"string\", true, false, time or URI", text);
  }
  literal.type = LiteralType::kUri;
  return literal;
}

class Reader {
 public:
  Reader(std::string_view& rest, const ValueQuery::Options& options) : rest_{rest}, options_{options} {}

  Result<Term> Read() {
    Term term;
    if (rest_.starts_with('!')) {
      rest_.remove_prefix(1);
      term.op = Operator::kAbsent;
    }
    BONGSU_CHECK(Path(term, 0));
    if (term.op == Operator::kAbsent) return term;
    Term* said = &term;  // a linked entity's term is what the operator is about
    while (said->link) said = said->link->term.get();
    for (const auto& row : kOperators) {
      if (!rest_.starts_with(row.sign)) continue;
      said->op = row.op;
      rest_.remove_prefix(row.sign.size());
      BONGSU_CHECK(Values(*said));
      break;
    }
    return term;
  }

 private:
  Result<std::string> Word(std::string_view stop, std::string_view what) {
    const auto end = std::min(rest_.find_first_of(stop), rest_.size());
    std::string word{rest_.substr(0, end)};
    if (word.empty()) return Bad(what, rest_);
    if (word.find_first_of(" \t\"',") != std::string::npos) return Bad(what, word);
    rest_.remove_prefix(end);
    return word;
  }

  /// "Type,Type:path}" behind the opening brace.
  Result<void> Linked(Term& term, std::size_t depth) {
    if (!options_.linked) return Bad("linked entities are not reached here", rest_);
    if (depth > kMaxLinks) return Bad("too many braces inside of each other", rest_);
    term.link = std::make_shared<Link>();
    const auto colon = rest_.find_first_of(":.{}[");
    if (colon != std::string_view::npos && rest_[colon] == ':' && !rest_.substr(colon).starts_with("://")) {
      for (bool more = true; more; rest_.remove_prefix(1)) {
        BONGSU_TRY(const std::string type, Word(",:", "a type is missing"));
        term.link->types.push_back(options_.expand(type));
        more = rest_.starts_with(',');
      }
    }
    term.link->term = std::make_shared<Term>();
    BONGSU_CHECK(Path(*term.link->term, depth));
    if (!rest_.starts_with('}')) return Bad("a brace is not closed", rest_);
    rest_.remove_prefix(1);
    return {};
  }

  Result<void> Path(Term& term, std::size_t depth) {
    for (bool first = true; first || rest_.starts_with('.'); first = false) {
      if (!first) rest_.remove_prefix(1);
      // In an IRI a dot belongs to the name.
      const bool iri = rest_.starts_with("http://") || rest_.starts_with("https://") || rest_.starts_with("urn:");
      BONGSU_TRY(std::string name, Word(iri ? ";|()=!<>~[]{}" : ".;|()=!<>~[]{}", "an attribute name is missing"));
      if (IsMember(name) && (!first || IsSystemTime(name))) {
        term.path.push_back(std::move(name));
      } else {
        term.path.push_back(options_.expand(name));
      }
    }
    if (rest_.starts_with('{')) {
      rest_.remove_prefix(1);
      return Linked(term, depth + 1);
    }
    if (!rest_.starts_with('[')) return {};
    rest_.remove_prefix(1);
    for (bool first = true; first || rest_.starts_with('.'); first = false) {
      if (!first) rest_.remove_prefix(1);
      BONGSU_TRY(std::string member, Word(".];|()=<>~[{}", "a member name is missing"));
      term.inside.push_back(std::move(member));
    }
    if (!rest_.starts_with(']')) return Bad("a bracket is not closed", rest_);
    rest_.remove_prefix(1);
    return {};
  }

  Result<std::string> Quoted() {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\')) {
        text += rest_[++i];
      } else if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      } else {
        text += rest_[i];
      }
    }
    return Bad("a string is not closed", rest_);
  }

  Result<Literal> Value(const Term& term) {
    if (rest_.starts_with('"')) {
      Literal literal;
      BONGSU_TRY(literal.text, Quoted());
      if (options_.expand_values.contains(term.path.front())) literal.text = options_.expand(literal.text);
      return literal;
    }
    std::size_t end = std::min(rest_.find_first_of(";|(),"), rest_.size());
    end = std::min(end, rest_.find(".."));
    const auto word = rest_.substr(0, end);
    if (word.empty()) return Bad("a value is missing", rest_);
    rest_.remove_prefix(end);
    BONGSU_TRY(Literal literal, Unquoted(word));
    if (literal.type == LiteralType::kString && options_.expand_values.contains(term.path.front()))
      literal.text = options_.expand(literal.text);
    return literal;
  }

  /// A pattern without quotes goes on to the next ';' or '|' or closing parenthesis outside of its own.
  Result<std::string> PatternText() {
    if (rest_.starts_with('"')) return Quoted();
    int depth = 0;
    std::size_t end = 0;
    for (; end < rest_.size(); ++end) {
      const char c = rest_[end];
      if (c == '(' || c == '[') ++depth;
      if (c == ')' || c == ']') {
        if (depth == 0) break;
        --depth;
      }
      if (depth == 0 && (c == ';' || c == '|')) break;
    }
    if (end == 0) return Bad("a pattern is missing", rest_);
    std::string text{rest_.substr(0, end)};
    rest_.remove_prefix(end);
    return text;
  }

  /// What is sealed can only be asked whether it equals.
  Result<std::string> Sealed(const Term& term, std::string_view text, bool equality) const {
    if (!options_.sealed || IsMember(term.path.back())) return std::string{};
    return options_.sealed(term.path.back(), text, equality);
  }

  Result<void> Values(Term& term) {
    const auto sealed_value = [&]() -> Result<Literal> {
      BONGSU_TRY(Literal value, Value(term));
      BONGSU_TRY(value.sealed, Sealed(term, value.text, true));
      return value;
    };
    if (term.op == Operator::kLike || term.op == Operator::kUnlike) {
      BONGSU_CHECK(Sealed(term, {}, false));
      BONGSU_TRY(const std::string text, PatternText());
      BONGSU_TRY(Pattern pattern, Pattern::Make(text));
      term.pattern.push_back(std::move(pattern));
      return {};
    }
    const bool equality = term.op == Operator::kEqual || term.op == Operator::kUnequal;
    if (!equality) BONGSU_CHECK(Sealed(term, {}, false));
    BONGSU_TRY(Literal value, equality ? sealed_value() : Value(term));
    term.values.push_back(std::move(value));
    if (rest_.starts_with("..")) {
      if (!equality) return Bad("a range goes with == or != only", rest_);
      rest_.remove_prefix(2);
      BONGSU_CHECK(Sealed(term, {}, false));
      BONGSU_TRY(Literal end, Value(term));
      if (end.type != term.values.front().type) return Bad("the ends of a range have one type", rest_);
      term.values.push_back(std::move(end));
      term.range = true;
      return {};
    }
    while (rest_.starts_with(',')) {
      if (!equality) return Bad("a list goes with == or != only", rest_);
      rest_.remove_prefix(1);
      BONGSU_TRY(Literal next, sealed_value());
      term.values.push_back(std::move(next));
    }
    return {};
  }

  std::string_view& rest_;
  const ValueQuery::Options& options_;
};

/// -1, 0, 1, or nothing when the types do not go together.
std::optional<int> Compare(const json::Value& target, const Literal& literal) {
  const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : (b < a ? 1 : 0); };
  if (const json::Value* typed = target.Find("@value")) return Compare(*typed, literal);
  if (!literal.sealed.empty() && target.AsString().starts_with(literal.sealed)) return 0;
  switch (literal.type) {
    case LiteralType::kNumber:
      return target.IsNumber() ? std::optional{order(target.AsDouble(), literal.number)} : std::nullopt;
    case LiteralType::kBool:
      return target.IsBool() ? std::optional{order(target.AsBool(), literal.truth)} : std::nullopt;
    case LiteralType::kDateTime: {
      if (!target.IsString()) return std::nullopt;
      const auto time = ParseTime(target.AsString());
      return time ? std::optional{order(*time, literal.time)} : std::nullopt;
    }
    case LiteralType::kString:
    case LiteralType::kUri:
    case LiteralType::kDateOrTime:
      return target.IsString() ? std::optional{order(target.AsString(), std::string_view{literal.text})} : std::nullopt;
  }
  return std::nullopt;
}

bool EqualsAny(const json::Value& target, const Term& term) {
  if (term.range) {
    const auto low = Compare(target, term.values[0]);
    const auto high = Compare(target, term.values[1]);
    return low && high && *low >= 0 && *high <= 0;
  }
  return std::ranges::any_of(term.values, [&](const Literal& literal) {
    const auto order = Compare(target, literal);
    return order && *order == 0;
  });
}

bool EqualsDeep(const json::Value& target, const Term& term) {
  if (!target.IsArray()) return EqualsAny(target, term);
  return std::ranges::any_of(target.AsArray(), [&](const json::Value& item) {
    if (const json::Value* object = item.Find("object")) return EqualsAny(*object, term);
    return EqualsAny(item, term);
  });
}

bool Holds(const json::Value& target, const Term& term, bool relationship) {
  switch (term.op) {
    case Operator::kExists:
    case Operator::kAbsent:
      return true;
    case Operator::kEqual:
      return EqualsDeep(target, term);
    case Operator::kUnequal:
      return !EqualsDeep(target, term);
    case Operator::kLike:
      return !relationship && target.IsString() && term.pattern.front().Found(target.AsString());
    case Operator::kUnlike:
      return !relationship && target.IsString() && !term.pattern.front().Found(target.AsString());
    default:
      break;
  }
  if (relationship) return false;
  const auto order = Compare(target, term.values.front());
  if (!order) return false;
  switch (term.op) {
    case Operator::kGreater:
      return *order > 0;
    case Operator::kGreaterEqual:
      return *order >= 0;
    case Operator::kLess:
      return *order < 0;
    default:
      return *order <= 0;
  }
}

const json::Value* Enter(const json::Value* value, const std::vector<std::string>& members, std::size_t from) {
  for (std::size_t i = from; i < members.size() && value != nullptr; ++i) value = value->Find(members[i]);
  return value;
}

/// A language property: one language, or any of them.
bool LanguageHolds(const json::Value& map, const Term& term) {
  const bool any = term.inside.empty() || term.inside.front() == "*";
  if (!any) {
    const json::Value* text = map.Find(term.inside.front());
    return text != nullptr && Holds(*text, term, false);
  }
  const auto holds = [&](const json::Member& member) { return Holds(member.second, term, false); };
  const bool negative = term.op == Operator::kUnequal || term.op == Operator::kUnlike;
  return negative ? std::ranges::all_of(map.AsObject(), holds) : std::ranges::any_of(map.AsObject(), holds);
}

/// A Relationship's object, or its objects, is one of the entities that were found for the link.
bool Reaches(const json::Value& object, const Link& link, const Reach& reach) {
  if (object.IsArray())
    return std::ranges::any_of(object.AsArray(), [&](const json::Value& one) { return Reaches(one, link, reach); });
  const json::Value& id = object.IsObject() ? object["object"] : object;
  return id.IsString() && reach(link, std::string(id.AsString()));
}

/// What a look at the instances of an attribute goes by.
struct Look {
  const Attribute& attribute;
  const Reach& reach;
};

bool InstanceHolds(const json::Value& instance, const Term& term, std::size_t depth, const Look& look);

bool SubHolds(const json::Value& sub, const Term& term, std::size_t depth, const Look& look) {
  if (!sub.IsArray()) return InstanceHolds(sub, term, depth, look);
  return std::ranges::any_of(sub.AsArray(),
                             [&](const json::Value& one) { return InstanceHolds(one, term, depth, look); });
}

/// @param depth  path elements already taken
bool InstanceHolds(const json::Value& instance, const Term& term, std::size_t depth, const Look& look) {
  if (depth < term.path.size()) {
    const std::string& name = term.path[depth];
    if (IsMember(name)) {
      if (depth + 1 != term.path.size()) return false;
      if (name == "createdAt") return Holds(json::Value{FormatUtc(look.attribute.created)}, term, false);
      if (name == "modifiedAt") return Holds(json::Value{FormatUtc(look.attribute.modified)}, term, false);
      const json::Value* member = instance.Find(name);
      return member != nullptr && Holds(*member, term, false);
    }
    const json::Value* sub = instance.Find(name);
    return sub != nullptr && SubHolds(*sub, term, depth + 1, look);
  }
  const auto kind = KindFromName(instance["type"].AsString());
  if (!kind) return false;
  const json::Value* value = instance.Find(ValueMember(*kind));
  if (value == nullptr) return false;
  const bool relationship = *kind == AttributeKind::kRelationship || *kind == AttributeKind::kListRelationship;
  if (term.link) return relationship && Reaches(*value, *term.link, look.reach);
  if (*kind == AttributeKind::kLanguageProperty) return LanguageHolds(*value, term);
  value = Enter(value, term.inside, 0);
  return value != nullptr && Holds(*value, term, relationship);
}

bool TermHolds(const Entity& entity, const Term& term, const Reach& reach) {
  const std::string& name = term.path.front();
  if (IsSystemTime(name)) {
    return Holds(json::Value{FormatUtc(name == "createdAt" ? entity.created : entity.modified)}, term, false);
  }
  for (const Attribute& attribute : entity.attributes) {
    if (*attribute.name != name) continue;
    if (term.op == Operator::kExists && term.path.size() == 1 && term.inside.empty() && !term.link) return true;
    const auto instance = json::Parse(attribute.json);
    if (instance && InstanceHolds(*instance, term, 1, {attribute, reach})) return true;
  }
  return false;
}

}  // namespace

Result<ValueQuery> ValueQuery::Parse(std::string_view text, const Options& options) {
  if (text.empty()) return Bad("the query is empty", text);
  if (text.size() > kMaxLength)
    return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "q: longer than {} bytes", kMaxLength);
  ValueQuery query;
  BONGSU_TRY(query.tree_, BooleanTree::Parse(text, "|", [&](std::string_view& rest) -> Result<std::size_t> {
               BONGSU_TRY(Term term, Reader(rest, options).Read());
               query.terms_.push_back(std::move(term));
               return query.terms_.size() - 1;
             }));
  return query;
}

bool ValueQuery::Matches(const Entity& entity) const {
  static const Reach kFound = [](const Link& link, const std::string& id) {
    return link.ids && link.ids->contains(id);
  };
  return Matches(entity, kFound);
}

bool ValueQuery::Matches(const Entity& entity, const Reach& reach) const {
  return tree_.Matches([&](std::size_t index) {
    const Term& term = terms_[index];
    if (open_ && term.link) return true;
    return term.op == Operator::kAbsent ? !TermHolds(entity, term, reach) : TermHolds(entity, term, reach);
  });
}

std::set<std::string> ValueQuery::Compared() const {
  std::set<std::string> all;
  for (const Term& term : terms_) {
    const Term* said = &term;
    while (said->link) said = said->link->term.get();
    if (said->op != Operator::kExists && said->op != Operator::kAbsent) all.insert(said->path.back());
  }
  return all;
}

bool ValueQuery::Means(const Link& link, const Entity& entity, const Reach& reach) {
  const bool of_type =
      link.types.empty() || std::ranges::any_of(link.types, [&](const auto& type) { return entity.HasType(type); });
  return of_type && TermHolds(entity, *link.term, reach);
}

ValueQuery ValueQuery::Opened() const {
  ValueQuery open = *this;
  open.open_ = true;
  return open;
}

std::vector<std::shared_ptr<Link>> ValueQuery::links() const {
  std::vector<std::shared_ptr<Link>> all;
  for (const Term& term : terms_) {
    for (auto link = term.link; link; link = link->term->link) all.push_back(link);
  }
  std::ranges::reverse(all);
  return all;
}

std::size_t ValueQuery::linked_depth() const {
  std::size_t most = 0;
  for (const Term& term : terms_) {
    std::size_t depth = 0;
    for (auto link = term.link; link; link = link->term->link) ++depth;
    most = std::max(most, depth);
  }
  return most;
}

ValueQuery ValueQuery::Of(const Link& link) {
  ValueQuery query;
  query.terms_.push_back(*link.term);
  return query;
}

bool ValueQuery::NamesAnAttribute() const {
  return std::ranges::any_of(terms_, [](const Term& term) { return !IsSystemTime(term.path.front()); });
}

}  // namespace bongsu::context
