// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An IRI of a type or attribute as bytes: the vocabularies that nearly all of them come from are a number, not a text.
/// Every IRI has exactly one form. Bytes: docs/formats/entities.md.

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::context {

/// In the order of their numbers; the first that fits counts, the last fits all.
inline constexpr std::array<std::string_view, 3> kVocabularies{model::kDefaultVocab, "https://uri.etsi.org/ngsi-ld/",
                                                               ""};

inline void PutName(std::string& out, std::string_view iri) {
  std::size_t which = 0;
  while (!iri.starts_with(kVocabularies.at(which))) ++which;
  iri.remove_prefix(kVocabularies.at(which).size());
  PutVarint(out, (iri.size() << 2U) | which);
  out += iri;
}

/// @param name  becomes the IRI
inline void GetName(Reader& in, std::string& name) {
  const std::uint64_t number = in.Varint();
  if ((number & 3U) >= kVocabularies.size()) in.Fail();
  const auto rest = in.Take(number >> 2U);
  name = in.ok() ? kVocabularies.at(number & 3U) : std::string_view{};
  name += rest;
}

}  // namespace bongsu::context
