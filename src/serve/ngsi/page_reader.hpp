// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The entities of a page, a part at a time: about 256 KiB of text in memory, however many they are.
///
///   ids of the page ──▶ each owner's shard renders what it has of the next ones, until a part is full ──▶ one part
///          ▲                                                                                                │
///          └──────────────────────────── the socket has taken it (http::BodyParts) ─────────────────────────┘
///
/// What went away in between, or is no longer what was asked for, is left out.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "know/context/selection.hpp"
#include "runtime/http_message.hpp"
#include "serve/ngsi/context_service.hpp"
#include "serve/ngsi/representation.hpp"

namespace bongsu::ngsi {

inline constexpr std::size_t kPartBytes = 256UL << 10U;  ///< Of a part, about.

/// Ids that are likely to fill a part, after `count` entities took `bytes`. @param fewest  where rendering stops at a
///                     full part anyway, a few more cost nothing
std::size_t LikelyCount(std::size_t bytes, std::size_t count, std::size_t fewest = 16);

/// Entities one part after the other.
class EntityReader {
 public:
  virtual ~EntityReader() = default;
  /// The next entities; none when there are no more. One call at a time, `done` on any shard.
  using Done = std::function<void(Result<std::vector<std::string>> entities)>;
  virtual void Read(Done done) = 0;
  virtual bool at_end() const = 0;
};

using PageIds = std::shared_ptr<const std::vector<std::string>>;

/// In the order of ids.
class PageReader final : public EntityReader, public std::enable_shared_from_this<PageReader> {
 public:
  /// @param more_bytes  that will be put to each entity
  PageReader(ContextService& service, std::shared_ptr<const context::Query> query,
             std::shared_ptr<const Representation> as, PageIds ids, std::size_t more_bytes);

  void Read(Done done) override;
  bool at_end() const override { return at_ == ids_->size(); }

 private:
  struct Part;
  Part Render(const context::Context& context, const std::vector<std::string>& ids, bool again) const;
  void Take(std::vector<Part> parts, std::size_t asked, const Done& done);

  ContextService& service_;
  const std::shared_ptr<const context::Query> query_;
  const std::shared_ptr<const Representation> as_;
  const PageIds ids_;
  const std::size_t more_bytes_;
  std::size_t at_ = 0;
  std::size_t next_count_;  // ids that are likely to fill a part
};

/// What stands around the entities of a list.
struct ListFrame {
  std::string open = "[";
  std::string in_each;  ///< Before the closing brace of each.
  std::string close = "]";
};

/// Entities as one text, without what opens and closes the list. @param first  nothing stands before them
std::string JoinEntities(std::vector<std::string> entities, const ListFrame& frame, bool first);

/// The rest of a page as a body.
class PageParts final : public http::BodyParts, public std::enable_shared_from_this<PageParts> {
 public:
  /// @pre entities were sent already
  PageParts(std::shared_ptr<EntityReader> reader, ListFrame frame)
      : reader_{std::move(reader)}, frame_{std::move(frame)} {}
  void Next(Take take) override;

 private:
  std::shared_ptr<EntityReader> reader_;
  const ListFrame frame_;
  bool closed_ = false;
};

}  // namespace bongsu::ngsi
