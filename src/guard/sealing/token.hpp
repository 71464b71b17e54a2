// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A sealed personal value as text (docs/formats/sealing.md). It stands where the value stood: in fields of events,
/// attributes of entities, held messages. Nothing in it needs an escape in JSON.
///
///   whole   ~seal.contact.SURROGATE.KEY.SEALED~   SURROGATE 26 characters, KEY decimal, SEALED base64url
///   short   ~seal.contact.SURROGATE~              what rules see: equal values of one class read equal
///
/// Whoever reads it outside gets the value or a mask; the text itself never leaves the house.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace bongsu::sealing {

/// What kind of personal value it is; mappings declare it.
enum class DataClass : std::uint8_t {
  kPerson,   ///< Name, features, state of a person.
  kCase,     ///< Free text about a case.
  kContact,  ///< Telephone number, address, account.
  kPlate,    ///< Registration of a vehicle.
  kMessage,  ///< A whole message that no mapping understood; nobody is ever shown it.
};

std::string_view ClassName(DataClass data_class);
/// One a mapping may declare: every class but kMessage.
std::optional<DataClass> DeclaredClass(std::string_view name);

struct Token {
  DataClass data_class = DataClass::kPerson;
  std::string surrogate;
  std::uint32_t key = 0;  ///< 0: a short one.
  std::string sealed;     ///< Bytes.
  bool IsWhole() const { return key != 0; }
};

std::string ToText(const Token& token);
/// How every token of that value begins, whole or short without its end: what equal values share.
std::string TokenStart(DataClass data_class, std::string_view surrogate);
/// That beginning of a text that is a token; nothing of any other text.
std::optional<std::string_view> TokenStartOf(std::string_view text);
/// True when `text` may hold a token: a quick look.
bool MayHoldToken(std::string_view text);
/// `text` with every token in it replaced by what `change` gives for it.
std::string ReplaceTokens(std::string_view text, const std::function<std::string(const Token&)>& change);
/// Every whole token made a short one: what rules compare, what keys of findings and alarms hold.
std::string Shortened(std::string_view text);
json::Value ShortenedValue(json::Value value);
/// Every token made its mask: "[sealed contact]".
std::string Masked(std::string_view text);
std::string MaskOf(DataClass data_class);
/// "[erased contact]": the key is gone.
std::string ErasedMaskOf(DataClass data_class);

}  // namespace bongsu::sealing
