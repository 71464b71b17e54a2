// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Pages of entities with those they link to, and pages for readers of an earlier NGSI-LD, a part at a time.
///
///   inline  some entities of the page, each put together with what it links to ──▶ one part
///   flat    the page level by level: its entities, then what they link to, then what that links to, each once;
///           only ids are held over parts

#include <deque>
#include <set>

#include "serve/ngsi/join.hpp"
#include "serve/ngsi/page_reader.hpp"

namespace bongsu::ngsi {

class InlineReader final : public EntityReader, public std::enable_shared_from_this<InlineReader> {
 public:
  /// @param joining  `memory_bytes` for the entities of one part, put together; with `still`
  InlineReader(ContextService& service, Joining joining, PageIds ids);

  /// @errors kTooLarge ngsi.TooManyResults: a single one is more than that
  void Read(Done done) override;
  bool at_end() const override { return at_ == ids_->size(); }

 private:
  void Take(Result<std::vector<std::string>> entities, std::size_t count, const Done& done);

  ContextService& service_;
  const Joining joining_;
  const PageIds ids_;
  std::size_t at_ = 0;
  std::size_t next_count_;
};

class FlatReader final : public EntityReader, public std::enable_shared_from_this<FlatReader> {
 public:
  /// @param joining  `memory_bytes` for the ids of what is linked to; with `still`
  FlatReader(ContextService& service, Joining joining, const PageIds& ids, std::size_t more_bytes);

  /// @errors kTooLarge ngsi.TooManyResults: the ids are more than that
  void Read(Done done) override;
  bool at_end() const override { return level_.empty() && next_.empty(); }

 private:
  struct Wanted {
    std::string id;
    std::shared_ptr<const Representation> as;
  };
  struct Found {
    std::size_t place = 0;
    std::string json;
    std::vector<Link> links;
  };
  struct Part;
  Part Render(const context::Context& context, const std::vector<Wanted>& wanted, bool roots, bool follows) const;
  void Take(std::vector<Part> parts, const std::vector<Wanted>& wanted, const Done& done);
  void Follow(const Wanted& from, const std::vector<Link>& links);

  ContextService& service_;
  const Joining joining_;
  const std::size_t more_bytes_;
  std::deque<Wanted> level_;  ///< Still to be read of this level.
  std::deque<Wanted> next_;   ///< Of the next one.
  std::size_t depth_ = 0;
  std::set<std::string> seen_;  ///< Ids that are or will be shown.
  std::size_t seen_bytes_ = 0;
  std::size_t next_count_;
  bool began_ = false;
};

/// What an inner reader gives, for readers of NGSI-LD 1.`minor`.
class EarlierReader final : public EntityReader, public std::enable_shared_from_this<EarlierReader> {
 public:
  EarlierReader(std::shared_ptr<EntityReader> inner, int minor) : inner_{std::move(inner)}, minor_{minor} {}

  void Read(Done done) override;
  bool at_end() const override { return inner_->at_end(); }
  /// Something that was read had to be changed.
  bool changed() const { return changed_; }
  /// Reads on without keeping anything until it is known whether something has to be changed.
  void LookAhead(ContextService& service, const std::function<void(Result<bool> changed)>& done);

 private:
  const std::shared_ptr<EntityReader> inner_;
  const int minor_;
  bool changed_ = false;
};

}  // namespace bongsu::ngsi
