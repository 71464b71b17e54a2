// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/joined_reader.hpp"

#include <algorithm>
#include <utility>

#include "serve/ngsi/preference.hpp"

namespace bongsu::ngsi {
namespace {

constexpr std::size_t kFirstJoined = 4;  ///< Entities with what they link to; of unknown size.
constexpr std::size_t kFirstFlat = 256;
constexpr std::size_t kSeenBytes = 128;  ///< An id in the set and in its level, beside its text.

}  // namespace

InlineReader::InlineReader(ContextService& service, Joining joining, PageIds ids)
    : service_{service}, joining_{std::move(joining)}, ids_{std::move(ids)}, next_count_{kFirstJoined} {}

void InlineReader::Read(Done done) {
  if (at_end()) return done(std::vector<std::string>{});
  const std::size_t count = std::min(next_count_, ids_->size() - at_);
  const auto from = ids_->begin() + static_cast<std::ptrdiff_t>(at_);
  Joining joining = joining_;
  if (at_ == 0) joining.still = nullptr;  // found a moment ago
  ngsi::Render(service_, {from, from + static_cast<std::ptrdiff_t>(count)}, joining,
               [self = shared_from_this(), count, done = std::move(done)](Result<std::vector<std::string>> entities) {
                 self->Take(std::move(entities), count, done);
               });
}

/// Entities that are too much together are tried in smaller numbers.
void InlineReader::Take(Result<std::vector<std::string>> entities, std::size_t count, const Done& done) {
  const bool too_large = !entities && entities.error().code == Code::kTooLarge;
  if (too_large && count > 1) {
    next_count_ = count / 2;
    return service_.Later([self = shared_from_this(), done] { self->Read(done); });
  }
  if (!entities) return done(std::move(entities));
  at_ += count;
  std::size_t bytes = 0;
  for (const auto& entity : *entities) bytes += entity.size();
  if (!entities->empty()) next_count_ = std::min(LikelyCount(bytes, entities->size(), 1), 2 * count);
  if (entities->empty() && !at_end()) return service_.Later([self = shared_from_this(), done] { self->Read(done); });
  done(std::move(entities));
}

/// What one shard has of the ids it was asked for.
struct FlatReader::Part {
  std::vector<Found> found;
  std::size_t stopped = 0;  ///< Places before it were looked at.
  std::size_t bytes = 0;
};

FlatReader::FlatReader(ContextService& service, Joining joining, const PageIds& ids, std::size_t more_bytes)
    : service_{service}, joining_{std::move(joining)}, more_bytes_{more_bytes}, next_count_{kFirstFlat} {
  for (const auto& id : *ids) {
    level_.push_back({id, joining_.as});
    seen_.insert(id);
  }
}

FlatReader::Part FlatReader::Render(const context::Context& context, const std::vector<Wanted>& wanted, bool roots,
                                    bool follows) const {
  Part part;
  for (; part.stopped < wanted.size() && part.bytes < kPartBytes; ++part.stopped) {
    const auto& [id, as] = wanted[part.stopped];
    const context::Entity* entity = context.Find(joining_.tenant, id);
    if (entity == nullptr || entity->expires <= as->now) continue;
    if (roots && began_ && !joining_.still->Matches(*entity)) continue;
    std::string json;
    if (!AppendEntity(json, *entity, *as)) continue;
    part.bytes += json.size() + more_bytes_;
    part.found.push_back({part.stopped, std::move(json), follows ? LinksOf(*entity, *as) : std::vector<Link>{}});
  }
  return part;
}

void FlatReader::Read(Done done) {
  if (level_.empty()) {
    level_ = std::exchange(next_, {});
    ++depth_;
  }
  if (level_.empty()) return done(std::vector<std::string>{});
  const auto count = static_cast<std::ptrdiff_t>(std::min(next_count_, level_.size()));
  const auto wanted = std::make_shared<const std::vector<Wanted>>(level_.begin(), level_.begin() + count);
  const auto ids = std::make_shared<std::vector<std::string>>();
  for (const Wanted& one : *wanted) ids->push_back(one.id);
  service_.AskAllWhole<Part>(
      joining_.tenant, ids,
      [self = shared_from_this(), wanted, roots = depth_ == 0, follows = depth_ < joining_.join.levels](
          const context::Context& context) { return self->Render(context, *wanted, roots, follows); },
      [self = shared_from_this(), wanted, done = std::move(done)](Result<std::vector<Part>> parts) {
        if (!parts) return done(tl::unexpected<Error>(parts.error()));
        self->Take(std::move(*parts), *wanted, done);
      });
}

/// A shard that stopped early has not looked at what comes behind: that is for the next part.
void FlatReader::Take(std::vector<Part> parts, const std::vector<Wanted>& wanted, const Done& done) {
  began_ = true;
  std::size_t stopped = wanted.size();
  std::vector<Found> all;
  for (const Part& part : parts) stopped = std::min(stopped, part.stopped);
  for (Part& part : parts) std::ranges::move(part.found, std::back_inserter(all));
  std::erase_if(all, [&](const Found& found) { return found.place >= stopped; });
  std::ranges::sort(all, {}, &Found::place);
  std::vector<std::string> entities;
  std::size_t bytes = 0;
  for (Found& found : all) {
    bytes += found.json.size() + more_bytes_;
    Follow(wanted[found.place], found.links);
    entities.push_back(std::move(found.json));
  }
  level_.erase(level_.begin(), level_.begin() + static_cast<std::ptrdiff_t>(stopped));
  if (seen_bytes_ > joining_.memory_bytes) {
    return done(Fail(Code::kTooLarge, "ngsi.TooManyResults",
                     "the ids of what the page links to take more than {} bytes: ask for a smaller limit, fewer levels "
                     "or fewer relationships",
                     joining_.memory_bytes));
  }
  if (!entities.empty()) next_count_ = LikelyCount(bytes, entities.size());
  if (entities.empty() && !at_end()) return service_.Later([self = shared_from_this(), done] { self->Read(done); });
  done(std::move(entities));
}

void FlatReader::Follow(const Wanted& from, const std::vector<Link>& links) {
  for (const Link& link : links) {
    const auto as = LinkedBy(*from.as, link.iri);
    for (const std::string& target : link.targets) {
      if (joining_.join.contained_by.contains(target) || !seen_.insert(target).second) continue;
      seen_bytes_ += 2 * target.size() + kSeenBytes;
      next_.push_back({target, as});
    }
  }
}

void EarlierReader::Read(Done done) {
  inner_->Read([self = shared_from_this(), done = std::move(done)](Result<std::vector<std::string>> entities) {
    if (!entities) return done(std::move(entities));
    for (std::string& entity : *entities) {
      auto value = json::Parse(entity);
      if (!value || !ReadableFor(self->minor_, *value)) continue;
      self->changed_ = true;
      entity = json::ToString(*value);
    }
    done(std::move(entities));
  });
}

void EarlierReader::LookAhead(ContextService& service, const std::function<void(Result<bool> changed)>& done) {
  if (changed_ || at_end()) return done(changed_);
  Read([self = shared_from_this(), &service, done](const Result<std::vector<std::string>>& entities) {
    if (!entities) return done(tl::unexpected<Error>(entities.error()));
    service.Later([self, &service, done] { self->LookAhead(service, done); });
  });
}

}  // namespace bongsu::ngsi
