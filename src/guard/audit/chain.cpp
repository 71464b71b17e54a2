// SPDX-License-Identifier: Apache-2.0
#include "guard/audit/chain.hpp"

#include <array>
#include <charconv>

#include "guard/crypto/bytes_text.hpp"

namespace bongsu::audit {
namespace {

constexpr std::size_t kHexHash = 64;

bool TakeText(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

std::optional<std::string> TakeHash(std::string_view& text) {
  if (text.size() < kHexHash || !crypto::FromHex(text.substr(0, kHexHash))) return std::nullopt;
  std::string hash{text.substr(0, kHexHash)};
  text.remove_prefix(kHexHash);
  return hash;
}

std::string SignedText(const Seal& seal) {
  return fmt::format("bongsu.seal.1\n{}\n{}\n{}\n{}\n", seal.tenant, seal.head.n, seal.head.hash, ToMicros(seal.at));
}

}  // namespace

std::string BodyOf(std::string_view act, std::string_view from, const json::Value& details) {
  json::Value what = details;
  json::Value body;
  body.Set("act", act);
  if (!from.empty()) body.Set("from", from);
  if (details["reason"].IsString() && !details["reason"].AsString().empty()) {
    body.Set("reason", details["reason"]);
    what.Erase("reason");
  }
  if (!what.AsObject().empty() || (!what.IsNull() && !what.IsObject())) body.Set("what", std::move(what));
  body.Set("result", act.ends_with(".refuse") ? "refused" : "done");
  return json::ToString(body);
}

std::string HashOf(const crypto::CryptoPort& crypto, const model::Record& record, const Link& link) {
  json::Writer covered;
  covered.Array().String("bongsu.audit.1").String(link.prev).Int(static_cast<std::int64_t>(link.n));
  covered.Int(static_cast<std::int64_t>(record.kind)).Int(record.schema).Int(record.tenant);
  covered.Int(record.position.partition).Int(static_cast<std::int64_t>(record.position.seq));
  covered.Int(ToMicros(record.event_time)).Int(ToMicros(record.ingest_time));
  covered.String(record.source).String(record.subject).String(record.actor);
  covered.Int(record.cause.partition).Int(static_cast<std::int64_t>(record.cause.seq)).Int(record.key_id);
  covered.String(crypto::ToHex(crypto.Hash(link.body))).End();
  return crypto::ToHex(crypto.Hash(covered.text()));
}

std::string Chain(const crypto::CryptoPort& crypto, const Head& head, const model::Record& unsealed) {
  Link link{head.n + 1, head.hash, {}, unsealed.payload};
  link.hash = HashOf(crypto, unsealed, link);
  return fmt::format(R"({{"n":{},"prev":"{}","hash":"{}","body":{}}})", link.n, link.prev, link.hash, link.body);
}

Result<Link> ReadLink(std::string_view payload) {
  const auto bad = [] {
    return Fail(Code::kCorrupt, "audit.bad_payload", "the payload does not have the layout of an audit record");
  };
  Link link;
  if (!TakeText(payload, R"({"n":)")) return bad();
  const auto [rest, error] = std::from_chars(payload.data(), payload.data() + payload.size(), link.n);
  if (error != std::errc{} || link.n == 0) return bad();
  payload.remove_prefix(static_cast<std::size_t>(rest - payload.data()));
  if (!TakeText(payload, R"(,"prev":")")) return bad();
  auto prev = TakeHash(payload);
  if (!prev || !TakeText(payload, R"(","hash":")")) return bad();
  auto hash = TakeHash(payload);
  if (!hash || !TakeText(payload, R"(","body":)") || !payload.ends_with('}')) return bad();
  payload.remove_suffix(1);
  link.prev = std::move(*prev);
  link.hash = std::move(*hash);
  link.body = payload;
  return link;
}

Seal MakeSeal(const crypto::CryptoPort& crypto, const crypto::SigningKey& key, std::uint16_t tenant, Head head,
              TimePoint at) {
  Seal seal{tenant, std::move(head), at, {}};
  seal.signature = crypto.Sign(key, SignedText(seal));
  return seal;
}

bool IsGenuine(const crypto::CryptoPort& crypto, std::string_view open_key, const Seal& seal) {
  return crypto.VerifySignature(open_key, SignedText(seal), seal.signature);
}

std::string ToText(const Seal& seal) {
  json::Writer line;
  line.Object().Key("tenant").Int(seal.tenant).Key("n").Int(static_cast<std::int64_t>(seal.head.n));
  line.Key("head").String(seal.head.hash).Key("at").String(FormatUtc(seal.at));
  line.Key("signature").String(crypto::ToHex(seal.signature)).End();
  return line.Take();
}

Result<Seal> SealFromText(std::string_view text) {
  const auto bad = [text] {
    return Fail(Code::kInvalidArgument, "audit.bad_seal", "'{}' is no seal of an audit chain", text.substr(0, 80));
  };
  const auto value = json::Parse(text);
  if (!value) return bad();
  const std::int64_t tenant = (*value)["tenant"].AsInt(-1);
  const std::int64_t n = (*value)["n"].AsInt(0);
  const auto at = ParseTime((*value)["at"].AsString());
  const auto signature = crypto::FromHex((*value)["signature"].AsString());
  const std::string_view head = (*value)["head"].AsString();
  if (tenant < 0 || tenant > 0x7FFF || n <= 0 || !at || !signature || head.size() != kHexHash) return bad();
  return Seal{static_cast<std::uint16_t>(tenant), {static_cast<std::uint64_t>(n), std::string(head)}, *at, *signature};
}

}  // namespace bongsu::audit
