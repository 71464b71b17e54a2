// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "decide/rules/expression.hpp"
#include "decide/rules/text_pattern.hpp"

namespace bongsu::rules {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxTokens = 4096;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Result<std::vector<std::string_view>> Tokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    if (IsBlank(text[at])) {
      ++at;
      continue;
    }
    if (text[at] == '|') {
      return Fail(Code::kInvalidArgument, "rules.bad_condition",
                  "condition \"{}\": `|` aggregations left Sigma with version 2; write a correlation", text);
    }
    std::size_t end = at + 1;
    if (text[at] != '(' && text[at] != ')') {
      while (end < text.size() && !IsBlank(text[end]) && text[end] != '(' && text[end] != ')' && text[end] != '|')
        ++end;
    }
    tokens.push_back(text.substr(at, end - at));
    at = end;
    if (tokens.size() > kMaxTokens) {
      return Fail(Code::kInvalidArgument, "rules.bad_condition", "condition has more than {} words", kMaxTokens);
    }
  }
  return tokens;
}

class Reader {
 public:
  Reader(std::string_view text, std::vector<std::string_view> tokens, const std::vector<std::string>& names)
      : text_{text}, tokens_{std::move(tokens)}, names_{names} {}

  Result<Expression> Whole() {
    BONGSU_TRY(Expression all, Or(0));
    if (at_ != tokens_.size()) return Bad("unexpected \"{}\"", tokens_[at_]);
    return all;
  }

 private:
  using Kind = Expression::Kind;

  template <class... Args>
  tl::unexpected<Error> Bad(fmt::format_string<Args...> format, Args&&... args) const {
    return Fail(Code::kInvalidArgument, "rules.bad_condition", "condition \"{}\": {}", text_,
                fmt::format(format, std::forward<Args>(args)...));
  }

  bool Take(std::string_view word) {
    if (at_ >= tokens_.size() || Fold(tokens_[at_]) != word) return false;
    ++at_;
    return true;
  }

  Result<Expression> Or(int depth) {
    if (depth > kMaxDepth) return Bad("more than {} levels", kMaxDepth);
    std::vector<Expression> parts;
    do {
      BONGSU_TRY(Expression part, And(depth));
      parts.push_back(std::move(part));
    } while (Take("or"));
    return Expression::Join(Kind::kOr, std::move(parts));
  }

  Result<Expression> And(int depth) {
    std::vector<Expression> parts;
    do {
      BONGSU_TRY(Expression part, Not(depth));
      parts.push_back(std::move(part));
    } while (Take("and"));
    return Expression::Join(Kind::kAnd, std::move(parts));
  }

  Result<Expression> Not(int depth) {
    bool negated = false;
    while (Take("not")) negated = !negated;
    BONGSU_TRY(Expression inner, Primary(depth));
    return negated ? Expression::Not(std::move(inner)) : std::move(inner);
  }

  Result<Expression> Primary(int depth) {
    if (at_ >= tokens_.size()) return Bad("ends too early");
    if (Take("(")) {
      BONGSU_TRY(Expression inner, Or(depth + 1));
      if (!Take(")")) return Bad("a `)` is missing");
      return inner;
    }
    if (at_ + 1 < tokens_.size() && Fold(tokens_[at_ + 1]) == "of") return Quantity();
    const std::string_view name = tokens_[at_++];
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) return Bad("no selection is named \"{}\"", name);
    return Expression::Leaf(static_cast<std::uint32_t>(found - names_.begin()));
  }

  Result<Expression> Quantity() {
    const std::string amount = Fold(tokens_[at_]);
    at_ += 2;
    if (at_ >= tokens_.size()) return Bad("`of` needs a name");
    const std::string_view which = tokens_[at_++];
    const bool them = Fold(which) == "them";
    const TextPattern pattern = TextPattern::FromSigma(which);
    std::vector<Expression> parts;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const bool listed = them ? !names_[i].starts_with('_') : pattern.Fits(names_[i]);
      if (listed) parts.push_back(Expression::Leaf(static_cast<std::uint32_t>(i)));
    }
    if (parts.empty()) return Bad("no selection fits \"{}\"", which);
    if (amount == "all") return Expression::Join(Kind::kAnd, std::move(parts));
    if (amount == "any") return Expression::Join(Kind::kOr, std::move(parts));
    std::uint32_t least = 0;
    const auto [end, error] = std::from_chars(amount.data(), amount.data() + amount.size(), least);
    if (error != std::errc{} || end != amount.data() + amount.size() || least == 0) {
      return Bad("\"{}\" is no amount: write a number above 0, `any` or `all`", amount);
    }
    if (least == 1) return Expression::Join(Kind::kOr, std::move(parts));
    if (least > parts.size()) return Bad("{} of \"{}\", which are only {}", least, which, parts.size());
    return Expression{Kind::kAtLeast, 0, least, std::move(parts)};
  }

  std::string_view text_;
  std::vector<std::string_view> tokens_;
  const std::vector<std::string>& names_;
  std::size_t at_ = 0;
};

}  // namespace

Expression Expression::Not(Expression child) {
  if (child.kind == Kind::kNot) return std::move(child.children.front());
  Expression out{Kind::kNot, 0, 0, {}};
  out.children.push_back(std::move(child));
  return out;
}

Expression Expression::Join(Kind kind, std::vector<Expression> children) {
  if (children.size() == 1) return std::move(children.front());
  if (children.empty()) return {kind == Kind::kAnd ? Kind::kTrue : Kind::kFalse, 0, 0, {}};
  return {kind, 0, 0, std::move(children)};
}

Result<Expression> ParseCondition(std::string_view text, const std::vector<std::string>& names) {
  BONGSU_TRY(auto tokens, Tokens(text));
  return Reader{text, std::move(tokens), names}.Whole();
}

}  // namespace bongsu::rules
