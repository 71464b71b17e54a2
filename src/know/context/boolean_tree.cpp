// SPDX-License-Identifier: Apache-2.0
#include "know/context/boolean_tree.hpp"

namespace bongsu::context {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxTerms = 256;

class Parser {
 public:
  Parser(std::string_view text, std::string_view or_signs, const BooleanTree::ReadTerm& read_term)
      : rest_{text}, or_signs_{or_signs}, read_term_{read_term} {}

  Result<BooleanTree> All() {
    BONGSU_TRY(BooleanTree tree, Or(0));
    if (!rest_.empty())
      return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "query: unexpected '{}'", rest_.substr(0, 20));
    return tree;
  }

 private:
  using Kind = BooleanTree::Kind;

  Result<BooleanTree> Or(int depth) {
    return Joined(Kind::kOr, or_signs_, [&] { return And(depth); });
  }

  Result<BooleanTree> And(int depth) {
    return Joined(Kind::kAnd, ";", [&] { return Part(depth); });
  }

  template <class Next>
  Result<BooleanTree> Joined(Kind kind, std::string_view signs, const Next& next) {
    BONGSU_TRY(BooleanTree first, next());
    if (!At(signs)) return first;
    BooleanTree joined{kind, 0, {}};
    joined.parts.push_back(std::move(first));
    while (At(signs)) {
      rest_.remove_prefix(1);
      BONGSU_TRY(BooleanTree part, next());
      joined.parts.push_back(std::move(part));
    }
    return joined;
  }

  Result<BooleanTree> Part(int depth) {
    if (depth > kMaxDepth)
      return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "query: more than {} levels of parentheses", kMaxDepth);
    if (At("(")) {
      rest_.remove_prefix(1);
      BONGSU_TRY(BooleanTree inner, Or(depth + 1));
      if (!At(")")) return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "query: a parenthesis is not closed");
      rest_.remove_prefix(1);
      return inner;
    }
    if (++terms_ > kMaxTerms)
      return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "query: more than {} terms", kMaxTerms);
    BONGSU_TRY(const std::size_t term, read_term_(rest_));
    return BooleanTree{Kind::kTerm, term, {}};
  }

  bool At(std::string_view signs) const {
    return !rest_.empty() && signs.find(rest_.front()) != std::string_view::npos;
  }

  std::string_view rest_;
  std::string_view or_signs_;
  const BooleanTree::ReadTerm& read_term_;
  std::size_t terms_ = 0;
};

}  // namespace

Result<BooleanTree> BooleanTree::Parse(std::string_view text, std::string_view or_signs, const ReadTerm& read_term) {
  return Parser{text, or_signs, read_term}.All();
}

}  // namespace bongsu::context
