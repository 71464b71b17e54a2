// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The NGSI-LD core context as a table: short names <-> full IRIs, for everything that has no user @context
/// (connector mappings, rules, the demo city). User contexts are know/context/ld_context.
/// Source: GS CIM 009 V1.9.1 Annex B.

#include <string>
#include <string_view>

namespace bongsu::model {

/// IRI of `name` under the core context alone: a core term's own IRI ("status" -> https://uri.etsi.org/ngsi-ld/status),
/// an IRI unchanged, anything else in the default vocabulary (model::kDefaultVocab).
std::string ExpandCore(std::string_view name);

/// The shortest name that ExpandCore turns back into `iri`; the IRI itself when there is none.
std::string_view CompactCore(std::string_view iri);

/// IRI of a core term; empty when `name` is none.
std::string_view CoreTermIri(std::string_view name);

}  // namespace bongsu::model
