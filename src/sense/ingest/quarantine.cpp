// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/quarantine.hpp"

#include <algorithm>
#include <cctype>

#include "guard/sealing/token.hpp"
#include "sense/ingest/decode.hpp"

namespace bongsu::ingest {
namespace {

constexpr std::size_t kPreviewBytes = 300;
constexpr std::size_t kMaskFrom = 5;  // a run of digits this long may be personal

}  // namespace

std::string ToPayload(const Held& held) {
  json::Writer w;
  w.Object()
      .Key("connector")
      .String(held.connector)
      .Key("reason")
      .String(held.reason)
      .Key("message")
      .String(held.message);
  w.Key("topic")
      .String(held.topic)
      .Key("format")
      .String(held.format)
      .Key("rows")
      .Int(static_cast<std::int64_t>(held.rows));
  w.Key("bytes").String(held.sealed.empty() ? ToBase64(held.bytes) : held.sealed);
  w.Key("size").Int(static_cast<std::int64_t>(held.bytes.size())).End();
  return w.Take();
}

Result<Held> HeldFromPayload(std::string_view payload) {
  const auto bad = [] { return Fail(Code::kCorrupt, "quarantine.bad_payload", "the record is no held message"); };
  const auto value = json::Parse(payload);
  if (!value || !value->IsObject()) return bad();
  const std::string_view text = (*value)["bytes"].AsString();
  const bool sealed = text.starts_with(kSealedHeld);
  auto bytes = sealed ? Result<std::string>{text} : FromBase64(text);
  if (!bytes) return bad();
  Held held;
  if (sealed) held.sealed = text;
  held.size = static_cast<std::size_t>(std::max<std::int64_t>(0, (*value)["size"].AsInt(0)));
  held.connector = (*value)["connector"].AsString();
  held.reason = (*value)["reason"].AsString();
  held.message = (*value)["message"].AsString();
  held.topic = (*value)["topic"].AsString();
  held.format = (*value)["format"].AsString();
  held.rows = static_cast<std::size_t>(std::max<std::int64_t>(1, (*value)["rows"].AsInt(1)));
  held.bytes = *std::move(bytes);
  return held;
}

HeldItem ItemOf(const Held& held, model::Position position, TimePoint received_at) {
  HeldItem item;
  item.position = position;
  item.received_at = received_at;
  item.source = held.source;
  item.connector = held.connector;
  item.reason = held.reason;
  item.message = held.message;
  item.bytes = held.sealed.empty() ? held.bytes.size() : held.size;
  item.preview = held.sealed.empty() ? MaskedPreview(held.bytes) : sealing::MaskOf(sealing::DataClass::kMessage);
  return item;
}

json::Value ToJson(const HeldItem& item) {
  json::Value value;
  value.Set("id", QuarantineId(item.position));
  value.Set("source", item.source);
  value.Set("connector", item.connector);
  value.Set("received_at", FormatUtc(item.received_at));
  value.Set("reason", item.reason);
  value.Set("message", item.message);
  value.Set("bytes", static_cast<std::int64_t>(item.bytes));
  value.Set("preview", item.preview);
  value.Set("state", item.state);
  return value;
}

std::string QuarantineId(model::Position position) { return ToText(Hash128{position.partition, position.seq}); }

Result<model::Position> PositionOfId(std::string_view id) {
  const auto hash = HashFromText(id);
  if (!hash || hash->high > 0xFFFF || hash->low == 0)
    return Fail(Code::kNotFound, "quarantine.unknown", "there is no held message '{}'", id);
  return model::Position{static_cast<std::uint16_t>(hash->high), hash->low};
}

std::string MaskedPreview(std::string_view bytes) {
  std::string text{bytes.substr(0, kPreviewBytes)};
  while (!text.empty() && !IsUtf8(text) && bytes.size() > kPreviewBytes && text.size() + 4 > kPreviewBytes)
    text.pop_back();
  if (!IsUtf8(text)) {
    for (char& letter : text) {
      if (static_cast<unsigned char>(letter) >= 0x80) letter = '?';
    }
  }
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    std::size_t digits = 0;
    // A dash may stand inside of a telephone number.
    while (end < text.size() &&
           (std::isdigit(static_cast<unsigned char>(text[end])) != 0 || (text[end] == '-' && digits > 0))) {
      digits += text[end] == '-' ? 0 : 1;
      ++end;
    }
    if (digits >= kMaskFrom)
      std::fill(text.begin() + static_cast<std::ptrdiff_t>(i), text.begin() + static_cast<std::ptrdiff_t>(end), '*');
    i = std::max(end, i + 1);
  }
  return text;
}

void Quarantine::Add(HeldItem item) {
  if (Find(item.position) != nullptr) return;
  ++held_;
  items_.push_back(std::move(item));
  while (items_.size() > 2 * kMaxHeldPerSource) {
    if (items_.front().state == "held") --held_;
    items_.pop_front();
  }
}

void Quarantine::Done(model::Position position, std::string_view outcome) {
  const auto item = std::ranges::find(items_, position, &HeldItem::position);
  if (item == items_.end() || item->state != "held") return;
  item->state = outcome;
  --held_;
}

const HeldItem* Quarantine::Find(model::Position position) const {
  const auto item = std::ranges::find(items_, position, &HeldItem::position);
  return item == items_.end() ? nullptr : &*item;
}

}  // namespace bongsu::ingest
