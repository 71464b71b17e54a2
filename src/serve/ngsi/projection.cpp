// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/projection.hpp"

#include <algorithm>

#include "serve/ngsi/problem.hpp"

namespace bongsu::ngsi {
namespace {

class Parser {
 public:
  Parser(std::string_view text, std::string_view what) : rest_{text}, what_{what} {}

  Result<std::vector<Member>> All() {
    BONGSU_TRY(auto members, List(0));
    if (!rest_.empty()) return BadData("{}: a brace closes that was not opened", what_);
    return members;
  }

 private:
  Result<std::vector<Member>> List(std::size_t depth) {
    if (depth > kMaxJoinLevel) return BadData("{}: more than {} braces inside of each other", what_, kMaxJoinLevel);
    std::vector<Member> members;
    while (true) {
      Member member{std::string(Name()), {}};
      if (member.name.empty()) return BadData("{}: a name is missing", what_);
      if (Take('{')) {
        BONGSU_TRY(member.inside, List(depth + 1));
        if (!Take('}')) return BadData("{}: a brace is not closed", what_);
      }
      members.push_back(std::move(member));
      if (!Take(',') && !Take('|')) return members;
    }
  }

  std::string_view Name() {
    const auto end = std::min(rest_.find_first_of(",|{}"), rest_.size());
    const auto name = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return name;
  }

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
  std::string_view what_;
};

}  // namespace

Result<std::vector<Member>> ParseMembers(std::string_view text, std::string_view what) {
  return Parser{text, what}.All();
}

std::size_t DepthOf(const std::vector<Member>& members) {
  std::size_t depth = 0;
  for (const Member& member : members) {
    if (!member.inside.empty()) depth = std::max(depth, 1 + DepthOf(member.inside));
  }
  return depth;
}

}  // namespace bongsu::ngsi
