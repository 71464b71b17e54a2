// SPDX-License-Identifier: Apache-2.0
#include "model/core_context.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "model/entity_patch.hpp"

namespace bongsu::model {
namespace {

using Term = std::pair<std::string_view, std::string_view>;

// Sorted by term. Annex B of GS CIM 009 V1.9.1.
constexpr std::array kTerms{
    Term{"Attribute", "https://uri.etsi.org/ngsi-ld/Attribute"},
    Term{"AttributeList", "https://uri.etsi.org/ngsi-ld/AttributeList"},
    Term{"ContextSourceIdentity", "https://uri.etsi.org/ngsi-ld/ContextSourceIdentity"},
    Term{"ContextSourceNotification", "https://uri.etsi.org/ngsi-ld/ContextSourceNotification"},
    Term{"ContextSourceRegistration", "https://uri.etsi.org/ngsi-ld/ContextSourceRegistration"},
    Term{"Date", "https://uri.etsi.org/ngsi-ld/Date"},
    Term{"DateTime", "https://uri.etsi.org/ngsi-ld/DateTime"},
    Term{"EntityType", "https://uri.etsi.org/ngsi-ld/EntityType"},
    Term{"EntityTypeInfo", "https://uri.etsi.org/ngsi-ld/EntityTypeInfo"},
    Term{"EntityTypeList", "https://uri.etsi.org/ngsi-ld/EntityTypeList"},
    Term{"ExecutionResultDetails", "https://uri.etsi.org/ngsi-ld/ExecutionResultDetails"},
    Term{"Feature", "https://purl.org/geojson/vocab#Feature"},
    Term{"FeatureCollection", "https://purl.org/geojson/vocab#FeatureCollection"},
    Term{"GeoProperty", "https://uri.etsi.org/ngsi-ld/GeoProperty"},
    Term{"GeometryCollection", "https://purl.org/geojson/vocab#GeometryCollection"},
    Term{"JsonProperty", "https://uri.etsi.org/ngsi-ld/JsonProperty"},
    Term{"LanguageProperty", "https://uri.etsi.org/ngsi-ld/LanguageProperty"},
    Term{"LineString", "https://purl.org/geojson/vocab#LineString"},
    Term{"ListProperty", "https://uri.etsi.org/ngsi-ld/ListProperty"},
    Term{"ListRelationship", "https://uri.etsi.org/ngsi-ld/ListRelationship"},
    Term{"MultiLineString", "https://purl.org/geojson/vocab#MultiLineString"},
    Term{"MultiPoint", "https://purl.org/geojson/vocab#MultiPoint"},
    Term{"MultiPolygon", "https://purl.org/geojson/vocab#MultiPolygon"},
    Term{"Notification", "https://uri.etsi.org/ngsi-ld/Notification"},
    Term{"Point", "https://purl.org/geojson/vocab#Point"},
    Term{"Polygon", "https://purl.org/geojson/vocab#Polygon"},
    Term{"Property", "https://uri.etsi.org/ngsi-ld/Property"},
    Term{"Relationship", "https://uri.etsi.org/ngsi-ld/Relationship"},
    Term{"Snapshot", "https://uri.etsi.org/ngsi-ld/Snapshot"},
    Term{"SnapshotNotification", "https://uri.etsi.org/ngsi-ld/SnapshotNotification"},
    Term{"Subscription", "https://uri.etsi.org/ngsi-ld/Subscription"},
    Term{"TemporalProperty", "https://uri.etsi.org/ngsi-ld/TemporalProperty"},
    Term{"Time", "https://uri.etsi.org/ngsi-ld/Time"},
    Term{"VocabProperty", "https://uri.etsi.org/ngsi-ld/VocabProperty"},
    Term{"accept", "https://uri.etsi.org/ngsi-ld/accept"},
    Term{"aggrMethods", "https://uri.etsi.org/ngsi-ld/aggrMethods"},
    Term{"aggrParams", "https://uri.etsi.org/ngsi-ld/aggrParams"},
    Term{"aggrPeriodDuration", "https://uri.etsi.org/ngsi-ld/aggrPeriodDuration"},
    Term{"attributeCount", "https://uri.etsi.org/ngsi-ld/attributeCount"},
    Term{"attributeDetails", "https://uri.etsi.org/ngsi-ld/attributeDetails"},
    Term{"attributeList", "https://uri.etsi.org/ngsi-ld/attributeList"},
    Term{"attributeName", "https://uri.etsi.org/ngsi-ld/attributeName"},
    Term{"attributeNames", "https://uri.etsi.org/ngsi-ld/attributeNames"},
    Term{"attributeTypes", "https://uri.etsi.org/ngsi-ld/attributeTypes"},
    Term{"attributes", "https://uri.etsi.org/ngsi-ld/attributes"},
    Term{"attrs", "https://uri.etsi.org/ngsi-ld/attrs"},
    Term{"avg", "https://uri.etsi.org/ngsi-ld/avg"},
    Term{"bbox", "https://purl.org/geojson/vocab#bbox"},
    Term{"cacheDuration", "https://uri.etsi.org/ngsi-ld/cacheDuration"},
    Term{"collation", "https://uri.etsi.org/ngsi-ld/collation"},
    Term{"containedBy", "https://uri.etsi.org/ngsi-ld/isContainedBy"},
    Term{"contextSourceAlias", "https://uri.etsi.org/ngsi-ld/contextSourceAlias"},
    Term{"contextSourceExtras", "https://uri.etsi.org/ngsi-ld/contextSourceExtras"},
    Term{"contextSourceInfo", "https://uri.etsi.org/ngsi-ld/contextSourceInfo"},
    Term{"contextSourceTimeAt", "https://uri.etsi.org/ngsi-ld/contextSourceTimeAt"},
    Term{"contextSourceUptime", "https://uri.etsi.org/ngsi-ld/contextSourceUptime"},
    Term{"cooldown", "https://uri.etsi.org/ngsi-ld/cooldown"},
    Term{"coordinates", "https://purl.org/geojson/vocab#coordinates"},
    Term{"createdAt", "https://uri.etsi.org/ngsi-ld/createdAt"},
    Term{"csf", "https://uri.etsi.org/ngsi-ld/csf"},
    Term{"data", "https://uri.etsi.org/ngsi-ld/data"},
    Term{"dataset", "https://uri.etsi.org/ngsi-ld/hasDataset"},
    Term{"datasetId", "https://uri.etsi.org/ngsi-ld/datasetId"},
    Term{"deletedAt", "https://uri.etsi.org/ngsi-ld/deletedAt"},
    Term{"description", "http://purl.org/dc/terms/description"},
    Term{"detail", "https://uri.etsi.org/ngsi-ld/detail"},
    Term{"distinctCount", "https://uri.etsi.org/ngsi-ld/distinctCount"},
    Term{"endAt", "https://uri.etsi.org/ngsi-ld/endAt"},
    Term{"endTimeAt", "https://uri.etsi.org/ngsi-ld/endTimeAt"},
    Term{"endpoint", "https://uri.etsi.org/ngsi-ld/endpoint"},
    Term{"entities", "https://uri.etsi.org/ngsi-ld/entities"},
    Term{"entity", "https://uri.etsi.org/ngsi-ld/entity"},
    Term{"entityCount", "https://uri.etsi.org/ngsi-ld/entityCount"},
    Term{"entityId", "https://uri.etsi.org/ngsi-ld/entityId"},
    Term{"entityIdSealed", "https://uri.etsi.org/ngsi-ld/entityIdSealed"},
    Term{"entityList", "https://uri.etsi.org/ngsi-ld/entityList"},
    Term{"entityMap", "https://uri.etsi.org/ngsi-ld/hasEntityMap"},
    Term{"entityTypeSealed", "https://uri.etsi.org/ngsi-ld/entityTypeSealed"},
    Term{"error", "https://uri.etsi.org/ngsi-ld/error"},
    Term{"errors", "https://uri.etsi.org/ngsi-ld/errors"},
    Term{"expandValues", "https://uri.etsi.org/ngsi-ld/expandValues"},
    Term{"expiresAt", "https://uri.etsi.org/ngsi-ld/expiresAt"},
    Term{"features", "https://purl.org/geojson/vocab#features"},
    Term{"format", "https://uri.etsi.org/ngsi-ld/format"},
    Term{"geoQ", "https://uri.etsi.org/ngsi-ld/geoQ"},
    Term{"geometry", "https://purl.org/geojson/vocab#geometry"},
    Term{"geoproperty", "https://uri.etsi.org/ngsi-ld/geoproperty"},
    Term{"georel", "https://uri.etsi.org/ngsi-ld/georel"},
    Term{"idPattern", "https://uri.etsi.org/ngsi-ld/idPattern"},
    Term{"information", "https://uri.etsi.org/ngsi-ld/information"},
    Term{"instanceId", "https://uri.etsi.org/ngsi-ld/instanceId"},
    Term{"isActive", "https://uri.etsi.org/ngsi-ld/isActive"},
    Term{"join", "https://uri.etsi.org/ngsi-ld/join"},
    Term{"joinLevel", "https://uri.etsi.org/ngsi-ld/hasJoinLevel"},
    Term{"json", "https://uri.etsi.org/ngsi-ld/hasJSON"},
    Term{"jsonKeys", "https://uri.etsi.org/ngsi-ld/jsonKeys"},
    Term{"jsons", "https://uri.etsi.org/ngsi-ld/jsons"},
    Term{"key", "https://uri.etsi.org/ngsi-ld/hasKey"},
    Term{"lang", "https://uri.etsi.org/ngsi-ld/lang"},
    Term{"langString", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"},
    Term{"languageMap", "https://uri.etsi.org/ngsi-ld/hasLanguageMap"},
    Term{"languageMaps", "https://uri.etsi.org/ngsi-ld/hasLanguageMaps"},
    Term{"lastFailure", "https://uri.etsi.org/ngsi-ld/lastFailure"},
    Term{"lastNotification", "https://uri.etsi.org/ngsi-ld/lastNotification"},
    Term{"lastSuccess", "https://uri.etsi.org/ngsi-ld/lastSuccess"},
    Term{"lastUsedAt", "https://uri.etsi.org/ngsi-ld/lastUsedAt"},
    Term{"linkedMaps", "https://uri.etsi.org/ngsi-ld/linkedMaps"},
    Term{"localOnly", "https://uri.etsi.org/ngsi-ld/localOnly"},
    Term{"location", "https://uri.etsi.org/ngsi-ld/location"},
    Term{"management", "https://uri.etsi.org/ngsi-ld/management"},
    Term{"managementInterval", "https://uri.etsi.org/ngsi-ld/managementInterval"},
    Term{"max", "https://uri.etsi.org/ngsi-ld/max"},
    Term{"min", "https://uri.etsi.org/ngsi-ld/min"},
    Term{"mode", "https://uri.etsi.org/ngsi-ld/mode"},
    Term{"modifiedAt", "https://uri.etsi.org/ngsi-ld/modifiedAt"},
    Term{"ngsildproof", "https://uri.etsi.org/ngsi-ld/ngsildproof"},
    Term{"notUpdated", "https://uri.etsi.org/ngsi-ld/notUpdated"},
    Term{"notification", "https://uri.etsi.org/ngsi-ld/notification"},
    Term{"notificationTrigger", "https://uri.etsi.org/ngsi-ld/notificationTrigger"},
    Term{"notifiedAt", "https://uri.etsi.org/ngsi-ld/notifiedAt"},
    Term{"notifierInfo", "https://uri.etsi.org/ngsi-ld/notifierInfo"},
    Term{"object", "https://uri.etsi.org/ngsi-ld/hasObject"},
    Term{"objectList", "https://uri.etsi.org/ngsi-ld/hasObjectList"},
    Term{"objectLists", "https://uri.etsi.org/ngsi-ld/hasObjectLists"},
    Term{"objectType", "https://uri.etsi.org/ngsi-ld/hasObjectType"},
    Term{"objects", "https://uri.etsi.org/ngsi-ld/hasObjects"},
    Term{"observationInterval", "https://uri.etsi.org/ngsi-ld/observationInterval"},
    Term{"observationSpace", "https://uri.etsi.org/ngsi-ld/observationSpace"},
    Term{"observedAt", "https://uri.etsi.org/ngsi-ld/observedAt"},
    Term{"omit", "https://uri.etsi.org/ngsi-ld/omit"},
    Term{"operationSpace", "https://uri.etsi.org/ngsi-ld/operationSpace"},
    Term{"operations", "https://uri.etsi.org/ngsi-ld/operations"},
    Term{"orderBy", "https://uri.etsi.org/ngsi-ld/orderBy"},
    Term{"ordering", "https://uri.etsi.org/ngsi-ld/ordering"},
    Term{"pick", "https://uri.etsi.org/ngsi-ld/pick"},
    Term{"previousJson", "https://uri.etsi.org/ngsi-ld/hasPreviousJson"},
    Term{"previousLanguageMap", "https://uri.etsi.org/ngsi-ld/hasPreviousLanguageMap"},
    Term{"previousObject", "https://uri.etsi.org/ngsi-ld/hasPreviousObject"},
    Term{"previousObjectList", "https://uri.etsi.org/ngsi-ld/hasPreviousObjectList"},
    Term{"previousValue", "https://uri.etsi.org/ngsi-ld/hasPreviousValue"},
    Term{"previousValueList", "https://uri.etsi.org/ngsi-ld/hasPreviousValueList"},
    Term{"previousVocab", "https://uri.etsi.org/ngsi-ld/hasPreviousVocab"},
    Term{"problemDetails", "https://uri.etsi.org/ngsi-ld/problemDetails"},
    Term{"properties", "https://purl.org/geojson/vocab#properties"},
    Term{"propertyNames", "https://uri.etsi.org/ngsi-ld/propertyNames"},
    Term{"q", "https://uri.etsi.org/ngsi-ld/q"},
    Term{"reason", "https://uri.etsi.org/ngsi-ld/reason"},
    Term{"receiverInfo", "https://uri.etsi.org/ngsi-ld/receiverInfo"},
    Term{"refreshRate", "https://uri.etsi.org/ngsi-ld/refreshRate"},
    Term{"registrationId", "https://uri.etsi.org/ngsi-ld/registrationId"},
    Term{"registrationName", "https://uri.etsi.org/ngsi-ld/registrationName"},
    Term{"relationshipNames", "https://uri.etsi.org/ngsi-ld/relationshipNames"},
    Term{"resultStatus", "https://uri.etsi.org/ngsi-ld/resultStatus"},
    Term{"scope", "https://uri.etsi.org/ngsi-ld/scope"},
    Term{"scopeQ", "https://uri.etsi.org/ngsi-ld/scopeQ"},
    Term{"showChanges", "https://uri.etsi.org/ngsi-ld/showChanges"},
    Term{"snapshotId", "https://uri.etsi.org/ngsi-ld/snapshotId"},
    Term{"snapshotLifetime", "https://uri.etsi.org/ngsi-ld/snapshotLifetime"},
    Term{"snapshotPriority", "https://uri.etsi.org/ngsi-ld/snapshotPriority"},
    Term{"snapshotQueries", "https://uri.etsi.org/ngsi-ld/snapshotQueries"},
    Term{"snapshotStatus", "https://uri.etsi.org/ngsi-ld/snapshotStatus"},
    Term{"snapshotTemporalQueries", "https://uri.etsi.org/ngsi-ld/snapshotTemporalQueries"},
    Term{"startAt", "https://uri.etsi.org/ngsi-ld/startAt"},
    Term{"status", "https://uri.etsi.org/ngsi-ld/status"},
    Term{"stddev", "https://uri.etsi.org/ngsi-ld/stddev"},
    Term{"subscriptionId", "https://uri.etsi.org/ngsi-ld/subscriptionId"},
    Term{"subscriptionName", "https://uri.etsi.org/ngsi-ld/subscriptionName"},
    Term{"success", "https://uri.etsi.org/ngsi-ld/success"},
    Term{"sum", "https://uri.etsi.org/ngsi-ld/sum"},
    Term{"sumsq", "https://uri.etsi.org/ngsi-ld/sumsq"},
    Term{"sysAttrs", "https://uri.etsi.org/ngsi-ld/sysAttrs"},
    Term{"temporalQ", "https://uri.etsi.org/ngsi-ld/temporalQ"},
    Term{"tenant", "https://uri.etsi.org/ngsi-ld/tenant"},
    Term{"throttling", "https://uri.etsi.org/ngsi-ld/throttling"},
    Term{"timeAt", "https://uri.etsi.org/ngsi-ld/timeAt"},
    Term{"timeInterval", "https://uri.etsi.org/ngsi-ld/timeInterval"},
    Term{"timeout", "https://uri.etsi.org/ngsi-ld/timeout"},
    Term{"timeproperty", "https://uri.etsi.org/ngsi-ld/timeproperty"},
    Term{"timerel", "https://uri.etsi.org/ngsi-ld/timerel"},
    Term{"timesFailed", "https://uri.etsi.org/ngsi-ld/timesFailed"},
    Term{"timesSent", "https://uri.etsi.org/ngsi-ld/timesSent"},
    Term{"title", "http://purl.org/dc/terms/title"},
    Term{"totalCount", "https://uri.etsi.org/ngsi-ld/totalCount"},
    Term{"triggerReason", "https://uri.etsi.org/ngsi-ld/triggerReason"},
    Term{"typeList", "https://uri.etsi.org/ngsi-ld/typeList"},
    Term{"typeName", "https://uri.etsi.org/ngsi-ld/typeName"},
    Term{"typeNames", "https://uri.etsi.org/ngsi-ld/typeNames"},
    Term{"unchanged", "https://uri.etsi.org/ngsi-ld/unchanged"},
    Term{"unitCode", "https://uri.etsi.org/ngsi-ld/unitCode"},
    Term{"updated", "https://uri.etsi.org/ngsi-ld/updated"},
    Term{"uri", "https://uri.etsi.org/ngsi-ld/uri"},
    Term{"value", "https://uri.etsi.org/ngsi-ld/hasValue"},
    Term{"valueList", "https://uri.etsi.org/ngsi-ld/hasValueList"},
    Term{"valueLists", "https://uri.etsi.org/ngsi-ld/hasValueLists"},
    Term{"valueType", "https://uri.etsi.org/ngsi-ld/hasValueType"},
    Term{"values", "https://uri.etsi.org/ngsi-ld/hasValues"},
    Term{"vocab", "https://uri.etsi.org/ngsi-ld/hasVocab"},
    Term{"vocabs", "https://uri.etsi.org/ngsi-ld/hasVocabs"},
    Term{"watchedAttributes", "https://uri.etsi.org/ngsi-ld/watchedAttributes"},
};
static_assert(std::ranges::is_sorted(kTerms));

const std::unordered_map<std::string_view, std::string_view>& ByIri() {
  static const auto kMap = [] {
    std::unordered_map<std::string_view, std::string_view> by_iri;
    for (const auto& [term, iri] : kTerms) by_iri.emplace(iri, term);
    return by_iri;
  }();
  return kMap;
}

}  // namespace

std::string_view CoreTermIri(std::string_view name) {
  const auto at = std::ranges::lower_bound(kTerms, name, {}, &Term::first);
  return at != kTerms.end() && at->first == name ? at->second : std::string_view{};
}

std::string ExpandCore(std::string_view name) {
  if (const auto iri = CoreTermIri(name); !iri.empty()) return std::string(iri);
  if (name.find(':') != std::string_view::npos) return std::string(name);
  return std::string(kDefaultVocab) + std::string(name);
}

std::string_view CompactCore(std::string_view iri) {
  if (const auto at = ByIri().find(iri); at != ByIri().end()) return at->second;
  if (!iri.starts_with(kDefaultVocab)) return iri;
  const auto name = iri.substr(kDefaultVocab.size());
  const bool plain = !name.empty() && name.find_first_of(":/") == std::string_view::npos && CoreTermIri(name).empty();
  return plain ? name : iri;
}

}  // namespace bongsu::model
