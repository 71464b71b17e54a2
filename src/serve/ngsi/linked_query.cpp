// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/linked_query.hpp"

#include <iterator>

#include "serve/ngsi/problem.hpp"

namespace bongsu::ngsi {
namespace {

using Link = context::ValueQuery::Link;
using Ids = std::vector<std::string>;

context::Query Asked(const context::Query& of, const Link& link) {
  context::Query query;
  query.tenant = of.tenant;
  query.now = of.now;
  for (const auto& type : link.types) {
    context::Selector& selector = query.selectors.emplace_back();
    selector.type = context::TypeQuery::Of(type);
  }
  query.q = context::ValueQuery::Of(link);
  return query;
}

class Search : public std::enable_shared_from_this<Search> {
 public:
  using Done = std::function<void(Result<void>)>;

  Search(ContextService& service, const context::Query& query, std::vector<std::shared_ptr<Link>> links, Done done)
      : service_{service}, query_{query}, links_{std::move(links)}, done_{std::move(done)} {}

  void Next() {
    if (at_ == links_.size()) return done_({});
    const auto asked = std::make_shared<const context::Query>(Asked(query_, *links_[at_]));
    service_.SelectAll<Ids>(
        {.query = asked, .most = kMaxLinkTargets + 1},
        [](const context::Context::Selection& selection) {
          Ids ids;
          for (const context::Entity* entity : selection.entities) ids.push_back(entity->id);
          return ids;
        },
        [self = shared_from_this()](Result<std::vector<Ids>> parts) {
          if (!parts) return self->done_(tl::unexpected<Error>(parts.error()));
          self->Take(std::move(*parts));
        });
  }

 private:
  void Take(std::vector<Ids> parts) {
    auto ids = std::make_shared<std::unordered_set<std::string>>();
    for (Ids& part : parts) ids->insert(std::move_iterator{part.begin()}, std::move_iterator{part.end()});
    if (ids->size() > kMaxLinkTargets) {
      return done_(
          Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "q: braces mean more than {} entities", kMaxLinkTargets));
    }
    links_[at_++]->ids = std::move(ids);
    Next();
  }

  ContextService& service_;
  const context::Query query_;
  const std::vector<std::shared_ptr<Link>> links_;
  const Done done_;
  std::size_t at_ = 0;
};

}  // namespace

Result<void> CheckReach(const context::Query& query, const Join& join) {
  const std::size_t reach = join.mode == Join::Mode::kNone ? 0 : join.levels;
  const std::size_t depth = query.q ? query.q->linked_depth() : 0;
  if (depth > reach) return BadData("q names {} levels of linked entities, join reaches {}", depth, reach);
  return {};
}

void FindLinked(ContextService& service, const context::Query& query, const std::function<void(Result<void>)>& done) {
  if (!query.q || query.q->linked_depth() == 0) return done({});
  std::make_shared<Search>(service, query, query.q->links(), done)->Next();
}

}  // namespace bongsu::ngsi
