// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What counts as a URI and as a name. Source: GS CIM 009 V1.9.1 clauses 4.6.2 and 5.5.4, section 1 of our checklist.

#include <string_view>

namespace bongsu::ngsi {

/// scheme ":" non-empty; no white space, control or invisible characters, none of <>"{}|\^`.
bool IsUri(std::string_view text);
/// Letter, then letters, digits and '_'; optionally prefix:name; or a full IRI.
bool IsName(std::string_view text);
/// YYYY-MM-DDThh:mm:ss[.1-6 digits]Z
bool IsDateTime(std::string_view text);

}  // namespace bongsu::ngsi
