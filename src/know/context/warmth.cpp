// SPDX-License-Identifier: Apache-2.0
#include "know/context/warmth.hpp"

namespace bongsu::context {

std::size_t Warmth::BytesOf(const Entity& entity) {
  constexpr std::size_t kInPlace = 15;  // a text as short has no memory of its own
  std::size_t bytes = entity.attributes.capacity() * sizeof(Attribute);
  for (const Attribute& attribute : entity.attributes) {
    if (attribute.json.capacity() > kInPlace) bytes += attribute.json.capacity() + 1;
  }
  return bytes;
}

void Warmth::Enter(Entity& entity) {
  if (!bounded()) return;
  entity.place = static_cast<std::uint32_t>(ring_.size());
  ring_.push_back(&entity);
  bytes_ += BytesOf(entity);
}

void Warmth::Leave(const Entity& entity) {
  if (!bounded()) return;
  if (entity.cold != 0) {
    --cold_;
    return Show();
  }
  bytes_ -= BytesOf(entity);
  Take(entity);
}

void Warmth::Changed(const Entity& entity, std::size_t before) { bytes_ += BytesOf(entity) - before; }

/// Off the clock: the last one stands there instead.
void Warmth::Take(const Entity& entity) {
  Entity* const last = ring_.back();
  ring_[entity.place] = last;
  last->place = entity.place;
  ring_.pop_back();
}

void Warmth::Warm(Entity& entity, std::vector<Attribute> attributes) {
  entity.attributes = std::move(attributes);
  entity.cold = 0;
  entity.touched = true;
  --cold_;
  Enter(entity);
  if (options_.reads != nullptr) options_.reads->Add();
  Show();
}

bool Warmth::MakeCold(Entity& entity) {
  Shape shape;
  shape.reserve(entity.attributes.size());
  for (const Attribute& attribute : entity.attributes) shape.emplace_back(attribute.name, attribute.kind);
  if (shapes_.size() >= kMaxShapes && !numbers_.contains(shape)) return false;
  const auto [known, fresh] = numbers_.try_emplace(std::move(shape), static_cast<std::uint32_t>(shapes_.size()));
  if (fresh) shapes_.push_back(&known->first);
  Leave(entity);
  if (++spell_ == 0) ++spell_;
  entity.cold = spell_;
  entity.place = known->second;
  entity.attributes = std::vector<Attribute>{};
  ++cold_;
  if (options_.evictions != nullptr) options_.evictions->Add();
  return true;
}

/// Room for a few more stays, so that not every single one that comes sends another away.
Warmth::Cooled Warmth::Cool(std::size_t steps, const std::function<bool(const Entity&)>& may,
                            const std::function<void(const Entity&)>& before) {
  const std::size_t wanted = options_.memory_bytes - options_.memory_bytes / 32;
  Cooled cooled = Cooled::kFits;
  while (bytes_ > wanted) {
    // Two rounds: in the first all of them may have been touched.
    if (ring_.empty() || in_vain_ > 2 * ring_.size()) {
      in_vain_ = 0;
      cooled = Cooled::kStuck;
      break;
    }
    if (steps-- == 0) {
      cooled = Cooled::kMore;
      break;
    }
    if (hand_ >= ring_.size()) hand_ = 0;
    Entity& entity = *ring_[hand_];
    const bool touched = std::exchange(entity.touched, false);
    if (!touched && may(entity)) {
      if (before) before(entity);
      if (MakeCold(entity)) {
        in_vain_ = 0;
        continue;  // another one stands there now
      }
    }
    ++hand_;
    ++in_vain_;
  }
  Show();
  return cooled;
}

void Warmth::Show() const {
  if (options_.cold != nullptr) options_.cold->Set(static_cast<double>(cold_));
  if (options_.bytes != nullptr) options_.bytes->Set(static_cast<double>(bytes_));
}

}  // namespace bongsu::context
