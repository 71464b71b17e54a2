// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/join.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace bongsu::ngsi {
namespace {

using context::Attribute;
using context::AttributeKind;

struct Wanted {
  std::string id;
  std::shared_ptr<const Representation> as;
};

struct Found {
  std::size_t place = 0;  // among the wanted
  std::string json;
  std::vector<Link> links;
};

/// An entity at one place of the answer.
struct Node {
  Node(std::string id_, std::shared_ptr<const Representation> as_, const Node* parent_)
      : id{std::move(id_)}, as{std::move(as_)}, parent{parent_} {}

  std::string id;
  std::shared_ptr<const Representation> as;
  const Node* parent;
  bool there = false;
  std::string json;
  std::vector<Link> links;
  /// By link and target; a target that is not put in has none.
  std::vector<std::map<std::string, std::unique_ptr<Node>>> linked;
};

std::vector<std::string> TargetsOf(const json::Value& instance) {
  std::vector<std::string> targets;
  const auto add = [&](const json::Value& target) {
    const json::Value& uri = target.IsObject() ? target["object"] : target;
    if (uri.IsString()) targets.emplace_back(uri.AsString());
  };
  for (const auto* member : {"object", "objectList"}) {
    const json::Value* value = instance.Find(member);
    if (value == nullptr) continue;
    if (!value->IsArray()) add(*value);
    for (const json::Value& target : value->AsArray()) add(target);
  }
  return targets;
}

std::vector<Found> FoundOf(const std::vector<Wanted>& wanted, std::size_t most_bytes, bool joins,
                           const FindEntity& find) {
  std::vector<Found> found;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < wanted.size() && bytes <= most_bytes; ++i) {
    const auto& [id, as] = wanted[i];
    const context::Entity* entity = find(id);
    std::string json;
    if (entity == nullptr || entity->expires <= as->now || !AppendEntity(json, *entity, *as)) continue;
    bytes += json.size();
    found.push_back({i, std::move(json), joins ? LinksOf(*entity, *as) : std::vector<Link>{}});
  }
  return found;
}

using Inside = std::map<std::string, json::Value>;  // by target

/// The simplified value of a relationship with its targets in place of their ids.
void EmbedSimplified(json::Value& value, const Inside& inside) {
  if (value.IsString()) {
    const auto target = inside.find(std::string(value.AsString()));
    if (target != inside.end()) value = target->second;
  } else if (value.IsArray()) {
    for (json::Value& item : value.MutableArray()) EmbedSimplified(item, inside);
  } else if (json::Value* datasets = value.Find("dataset")) {
    for (auto& [dataset, content] : datasets->MutableObject()) EmbedSimplified(content, inside);
  }
}

/// The normalized or concise relationship with `entity` or `entityList` beside its object.
void EmbedInstance(json::Value& instance, const Inside& inside) {
  if (instance.IsArray()) {
    for (json::Value& one : instance.MutableArray()) EmbedInstance(one, inside);
    return;
  }
  json::Array entities;
  for (const std::string& target : TargetsOf(instance)) {
    if (const auto found = inside.find(target); found != inside.end()) entities.push_back(found->second);
  }
  if (entities.empty()) return;
  if (instance.Find("objectList") != nullptr) {
    instance.Set("entityList", json::Value{std::move(entities)});
  } else if (instance["object"].IsArray()) {
    instance.Set("entity", json::Value{std::move(entities)});
  } else {
    instance.Set("entity", std::move(entities.front()));
  }
}

json::Value Embedded(const Node& node) {
  auto parsed = json::Parse(node.json);
  json::Value value = parsed ? std::move(*parsed) : json::Value{json::Object{}};
  json::Value* const body = node.as->geojson ? value.Find("properties") : &value;
  for (std::size_t i = 0; i < node.links.size() && body != nullptr; ++i) {
    json::Value* const member = body->Find(node.links[i].name);
    if (member == nullptr) continue;
    Inside inside;
    for (const auto& [target, child] : node.linked[i]) {
      if (child->there) inside.emplace(target, Embedded(*child));
    }
    if (node.as->format == Format::kSimplified) {
      EmbedSimplified(*member, inside);
    } else {
      EmbedInstance(*member, inside);
    }
  }
  return value;
}

class Job : public std::enable_shared_from_this<Job> {
 public:
  using Done = std::function<void(Result<std::vector<std::string>>)>;
  /// Finds what is wanted; calls back with it, in parts.
  using Parts = Result<std::vector<std::vector<Found>>>;
  using Source = std::function<void(const std::shared_ptr<const std::vector<Wanted>>& wanted, std::size_t most_bytes,
                                    const std::function<void(Parts)>& take)>;

  /// @param memory_bytes  most text in all
  Job(Source source, std::size_t memory_bytes, Join join, Done done)
      : source_{std::move(source)}, memory_bytes_{memory_bytes}, join_{std::move(join)}, done_{std::move(done)} {}

  void Start(const std::vector<std::string>& ids, const std::shared_ptr<const Representation>& as) {
    for (const std::string& id : ids) {
      roots_.push_back(std::make_unique<Node>(id, as, nullptr));
      frontier_.push_back(roots_.back().get());
      flat_ids_.insert(id);
    }
    Fetch();
  }

 private:
  /// Asks for what is wanted of this level.
  void Fetch() {
    count_ += frontier_.size();
    if (count_ > kMaxJoined) {
      return done_(
          Fail(Code::kTooLarge, "ngsi.TooManyResults", "more than {} entities would be put together", kMaxJoined));
    }
    auto wanted = std::make_shared<std::vector<Wanted>>();
    for (const Node* node : frontier_) wanted->push_back({node->id, node->as});
    source_(wanted, Left(), [self = shared_from_this()](Parts parts) {
      if (!parts) return self->done_(tl::unexpected<Error>(parts.error()));
      self->Take(std::move(*parts));
    });
  }

  /// Bytes of text that may still come.
  std::size_t Left() const { return memory_bytes_ - std::min(bytes_, memory_bytes_); }

  void Take(std::vector<std::vector<Found>> parts) {
    for (auto& part : parts) {
      for (Found& found : part) {
        bytes_ += found.json.size();
        Node& node = *frontier_[found.place];
        node.there = true;
        node.json = std::move(found.json);
        node.links = std::move(found.links);
      }
    }
    if (bytes_ > memory_bytes_) {
      return done_(Fail(Code::kTooLarge, "ngsi.TooManyResults",
                        "the answer is more than {} bytes of text: ask for fewer entities, or attributes of them",
                        memory_bytes_));
    }
    std::vector<Node*> next;
    const bool deeper = join_.mode != Join::Mode::kNone && level_ < join_.levels;
    for (Node* node : frontier_) {
      node->linked.resize(node->links.size());
      if (deeper && node->there) Follow(*node, next);
    }
    ++level_;
    frontier_ = std::move(next);
    if (!frontier_.empty()) return Fetch();
    Finish();
  }

  void Follow(Node& node, std::vector<Node*>& next) {
    for (std::size_t i = 0; i < node.links.size(); ++i) {
      const auto as = LinkedBy(*node.as, node.links[i].iri);
      for (const std::string& target : node.links[i].targets) {
        if (join_.contained_by.contains(target) || IsAbove(node, target)) continue;
        if (join_.mode == Join::Mode::kFlat && !flat_ids_.insert(target).second) continue;
        auto [place, added] = node.linked[i].try_emplace(target);
        if (!added) continue;
        place->second = std::make_unique<Node>(target, as, &node);
        next.push_back(place->second.get());
      }
    }
  }

  static bool IsAbove(const Node& node, const std::string& id) {
    for (const Node* above = &node; above != nullptr; above = above->parent) {
      if (above->id == id) return true;
    }
    return false;
  }

  void Finish() {
    std::vector<std::string> entities;
    if (join_.mode == Join::Mode::kInline) {
      for (const auto& root : roots_) {
        if (root->there) entities.push_back(json::ToString(Embedded(*root)));
      }
      return done_(std::move(entities));
    }
    std::vector<Node*> level;
    level.reserve(roots_.size());
    for (const auto& root : roots_) level.push_back(root.get());
    while (!level.empty()) {
      std::vector<Node*> next;
      for (Node* node : level) {
        if (node->there) entities.push_back(std::move(node->json));
        for (const auto& targets : node->linked) {
          for (const auto& [id, child] : targets) next.push_back(child.get());
        }
      }
      level = std::move(next);
    }
    done_(std::move(entities));
  }

  const Source source_;
  const std::size_t memory_bytes_;
  const Join join_;
  const Done done_;
  std::vector<std::unique_ptr<Node>> roots_;
  std::vector<Node*> frontier_;
  std::set<std::string> flat_ids_;  // each once
  std::size_t level_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<Link> LinksOf(const context::Entity& entity, const Representation& as) {
  std::vector<Link> links;
  for (const Attribute& attribute : entity.attributes) {
    const bool relationship =
        attribute.kind == AttributeKind::kRelationship || attribute.kind == AttributeKind::kListRelationship;
    if (!relationship || !Shows(as, attribute)) continue;
    const auto instance = json::Parse(attribute.json);
    if (!instance) continue;
    if (links.empty() || links.back().iri != *attribute.name)
      links.push_back({as.context->Compact(*attribute.name), *attribute.name, {}});
    std::ranges::move(TargetsOf(*instance), std::back_inserter(links.back().targets));
  }
  return links;
}

void Render(ContextService& service, const std::vector<std::string>& ids, const Joining& joining,
            const std::function<void(Result<std::vector<std::string>>)>& done) {
  const auto roots = std::make_shared<bool>(true);
  const auto source = [&service, joining, roots](const std::shared_ptr<const std::vector<Wanted>>& wanted,
                                                 std::size_t most_bytes, const std::function<void(Job::Parts)>& take) {
    const context::Query* still = std::exchange(*roots, false) ? joining.still.get() : nullptr;
    const auto ids = std::make_shared<std::vector<std::string>>();
    for (const Wanted& one : *wanted) ids->push_back(one.id);
    service.AskAllWhole<std::vector<Found>>(
        joining.tenant, ids,
        [wanted, joining, still, most_bytes](const context::Context& context) {
          return FoundOf(*wanted, most_bytes, joining.join.mode != Join::Mode::kNone, [&](const std::string& id) {
            const context::Entity* entity = context.Find(joining.tenant, id);
            return entity != nullptr && still != nullptr && !still->Matches(*entity) ? nullptr : entity;
          });
        },
        take);
  };
  std::make_shared<Job>(source, joining.memory_bytes, joining.join, done)->Start(ids, joining.as);
}

Result<std::vector<std::string>> Render(std::vector<Shown> roots, const std::shared_ptr<const Representation>& as,
                                        const Join& join, std::size_t memory_bytes, const FindEntity& find) {
  std::vector<std::string> ids;
  std::vector<Found> shown;
  for (Shown& root : roots) {
    shown.push_back({ids.size(), std::move(root.json), LinksOf(*root.entity, *as)});
    ids.push_back(root.entity->id);
  }
  const auto source = [&](const std::shared_ptr<const std::vector<Wanted>>& wanted, std::size_t most_bytes,
                          const std::function<void(Job::Parts)>& take) {
    const bool first = !shown.empty();
    std::vector<std::vector<Found>> parts;
    parts.push_back(first ? std::exchange(shown, {}) : FoundOf(*wanted, most_bytes, true, find));
    take(std::move(parts));
  };
  Result<std::vector<std::string>> rendered;
  std::make_shared<Job>(source, memory_bytes, join, [&](Result<std::vector<std::string>> done) {
    rendered = std::move(done);
  })->Start(ids, as);
  return rendered;
}

}  // namespace bongsu::ngsi
