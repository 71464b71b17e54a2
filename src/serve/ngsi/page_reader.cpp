// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/page_reader.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::ngsi {
namespace {

constexpr std::size_t kFirstCount = 256;  ///< Entities of 1 KiB fill a part.
constexpr std::size_t kMost = 4096;

}  // namespace

std::size_t LikelyCount(std::size_t bytes, std::size_t count, std::size_t fewest) {
  return std::clamp(kPartBytes / std::max<std::size_t>(bytes / std::max<std::size_t>(count, 1), 1), fewest, kMost);
}

/// What one shard has of the ids it was asked for.
struct PageReader::Part {
  std::vector<std::pair<std::size_t, std::string>> rendered;  ///< By the place of the id.
  std::size_t stopped = 0;                                    ///< Places before it were looked at.
  std::size_t bytes = 0;
};

PageReader::PageReader(ContextService& service, std::shared_ptr<const context::Query> query,
                       std::shared_ptr<const Representation> as, PageIds ids, std::size_t more_bytes)
    : service_{service},
      query_{std::move(query)},
      as_{std::move(as)},
      ids_{std::move(ids)},
      more_bytes_{more_bytes},
      next_count_{kFirstCount} {}

PageReader::Part PageReader::Render(const context::Context& context, const std::vector<std::string>& ids,
                                    bool again) const {
  Part part;
  for (; part.stopped < ids.size() && part.bytes < kPartBytes; ++part.stopped) {
    const context::Entity* entity = context.Find(query_->tenant, ids[part.stopped]);
    if (entity == nullptr || entity->expires <= as_->now || (again && !query_->Matches(*entity))) continue;
    std::string json;
    if (!AppendEntity(json, *entity, *as_)) continue;
    part.bytes += json.size() + more_bytes_;
    part.rendered.emplace_back(part.stopped, std::move(json));
  }
  return part;
}

void PageReader::Read(Done done) {
  if (at_end()) return done(std::vector<std::string>{});
  const std::size_t count = std::min(next_count_, ids_->size() - at_);
  const auto from = ids_->begin() + static_cast<std::ptrdiff_t>(at_);
  const auto ids = std::make_shared<const std::vector<std::string>>(from, from + static_cast<std::ptrdiff_t>(count));
  service_.AskAllWhole<Part>(
      query_->tenant, ids,
      [self = shared_from_this(), ids, again = at_ > 0](const context::Context& context) {
        return self->Render(context, *ids, again);
      },
      [self = shared_from_this(), count, done = std::move(done)](Result<std::vector<Part>> parts) {
        if (!parts) return done(tl::unexpected<Error>(parts.error()));
        self->Take(std::move(*parts), count, done);
      });
}

/// A shard that stopped early has not looked at what comes behind: that is for the next part.
void PageReader::Take(std::vector<Part> parts, std::size_t asked, const Done& done) {
  std::size_t stopped = asked;
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const Part& part : parts) {
    stopped = std::min(stopped, part.stopped);
    bytes += part.bytes;
    count += part.rendered.size();
  }
  std::vector<std::pair<std::size_t, std::string>> rendered;
  for (Part& part : parts) {
    for (auto& one : part.rendered)
      if (one.first < stopped) rendered.push_back(std::move(one));
  }
  std::ranges::sort(rendered, {}, &std::pair<std::size_t, std::string>::first);
  std::vector<std::string> entities;
  entities.reserve(rendered.size());
  for (auto& [place, json] : rendered) entities.push_back(std::move(json));
  at_ += stopped;
  if (count > 0) next_count_ = LikelyCount(bytes, count);
  if (entities.empty() && !at_end()) return Read(done);
  done(std::move(entities));
}

std::string JoinEntities(std::vector<std::string> entities, const ListFrame& frame, bool first) {
  std::string out;
  std::size_t bytes = 0;
  for (const std::string& entity : entities) bytes += entity.size() + frame.in_each.size() + 1;
  out.reserve(bytes);
  for (std::string& entity : entities) {
    if (!std::exchange(first, false)) out += ',';
    if (frame.in_each.empty()) {
      out += entity;
    } else {
      out.append(entity, 0, entity.size() - 1);
      out += frame.in_each;
      out += '}';
    }
    entity = {};
  }
  return out;
}

void PageParts::Next(Take take) {
  if (closed_) return take(std::string{});
  reader_->Read([self = shared_from_this(), take = std::move(take)](Result<std::vector<std::string>> entities) {
    if (!entities) return take(tl::unexpected<Error>(entities.error()));
    std::string part = JoinEntities(std::move(*entities), self->frame_, false);
    self->closed_ = self->reader_->at_end();
    if (self->closed_) part += self->frame_.close;
    take(std::move(part));
  });
}

}  // namespace bongsu::ngsi
