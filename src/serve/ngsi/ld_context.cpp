// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/ld_context.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/id.hpp"
#include "model/core_context.hpp"
#include "model/entity_patch.hpp"
#include "serve/ngsi/problem.hpp"

namespace bongsu::ngsi {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxTerms = 20'000;
constexpr std::string_view kNgsiPrefix = "https://uri.etsi.org/ngsi-ld/";
constexpr std::string_view kOwnPath = "/ngsi-ld/v1/jsonldContexts/";
constexpr std::string_view kGeoPrefix = "https://purl.org/geojson/vocab#";

/// Turns one @context object into a layer; prefixes may be defined in it or in layers before it.
class Compiler {
 public:
  Compiler(const json::Value& context, const LdContext::Layers& before) : context_{context}, before_{before} {}

  Result<std::shared_ptr<const LdContext::Layer>> Compile() {
    if (context_.AsObject().size() > kMaxTerms) return BadData("@context has more than {} terms", kMaxTerms);
    auto layer = std::make_shared<LdContext::Layer>();
    for (const auto& [term, definition] : context_.AsObject()) {
      if (term.empty() || term.front() == '@' || definition.IsNull()) continue;
      if (!definition.IsString() && !definition.IsObject())
        return BadData("@context: '{}' is neither an address nor a term definition", term);
      if (definition.Find("@context") != nullptr)
        return BadData("@context: '{}' has a scoped @context, which NGSI-LD does not allow", term);
      const std::string iri = Resolve(term, 0);
      if (iri.empty() || iri.front() == '@') continue;
      layer->iri_of[term] = iri;
      const auto [known, fresh] = layer->term_of.emplace(iri, term);
      if (!fresh && term.size() < known->second.size()) known->second = term;
      if (definition.IsString() && std::string_view{":/?#[]@"}.find(iri.back()) != std::string_view::npos)
        layer->prefixes.emplace_back(term, iri);
    }
    std::ranges::sort(layer->prefixes, [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
    return layer;
  }

 private:
  /// IRI of a term of this object; empty when it has none.
  std::string Resolve(std::string_view term, int depth) const {
    if (depth > kMaxDepth) return {};
    const json::Value* definition = context_.Find(term);
    if (definition == nullptr) return Before(term);
    const auto id = definition->IsString() ? definition->AsString() : (*definition)["@id"].AsString();
    if (!id.empty() && id != term) return Absolute(id, depth);
    const auto colon = term.find(':');
    if (colon != std::string_view::npos) return Absolute(term, depth);
    return std::string(model::kDefaultVocab) + std::string(term);
  }

  std::string Absolute(std::string_view id, int depth) const {
    if (id.front() == '@') return std::string(id);
    const auto colon = id.find(':');
    if (colon == std::string_view::npos) {
      std::string known = Resolve(id, depth + 1);
      if (!known.empty()) return known;
      const auto vocab = context_["@vocab"].AsString();
      return std::string(vocab.empty() ? model::kDefaultVocab : vocab) + std::string(id);
    }
    const auto suffix = id.substr(colon + 1);
    if (suffix.starts_with("//")) return std::string(id);
    const std::string prefix = Resolve(id.substr(0, colon), depth + 1);
    return prefix.empty() ? std::string(id) : prefix + std::string(suffix);
  }

  std::string Before(std::string_view term) const {
    for (auto layer = before_.rbegin(); layer != before_.rend(); ++layer) {
      const auto at = (*layer)->iri_of.find(std::string(term));
      if (at != (*layer)->iri_of.end()) return at->second;
    }
    if (term == "ngsi-ld") return std::string(kNgsiPrefix);
    if (term == "geojson") return std::string(kGeoPrefix);
    return {};
  }

  const json::Value& context_;
  const LdContext::Layers& before_;
};

Result<json::Value> ReadFile(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return Fail(Code::kNotFound, "ngsi.bad_preload", "{} cannot be read", path);
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto value = json::Parse(text);
  if (!value) return Fail(Code::kInvalidArgument, "ngsi.bad_preload", "{}: {}", path, value.error().message);
  return value;
}

}  // namespace

bool IsCoreContext(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) {
      url.remove_prefix(scheme.size());
      break;
    }
  }
  constexpr std::string_view kName = "uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context";
  constexpr std::string_view kEnd = ".jsonld";
  if (!url.starts_with(kName) || !url.ends_with(kEnd)) return false;
  url = url.substr(kName.size(), url.size() - kName.size() - kEnd.size());
  return url.empty() || (url.starts_with("-v") && url.find_first_not_of("0123456789.", 2) == std::string_view::npos);
}

std::shared_ptr<const LdContext> LdContext::Core() {
  static const auto kCore = std::make_shared<const LdContext>(Layers{}, json::Value{kCoreContextUrl});
  return kCore;
}

LdContext::LdContext(Layers layers, json::Value echo) : layers_{std::move(layers)}, echo_{std::move(echo)} {}

const std::string* LdContext::Find(std::string_view term) const {
  const std::string key{term};
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const auto at = (*layer)->iri_of.find(key);
    if (at != (*layer)->iri_of.end()) return &at->second;
  }
  return nullptr;
}

std::string LdContext::Expand(std::string_view name) const {
  if (const auto core = model::CoreTermIri(name); !core.empty()) return std::string(core);
  if (const std::string* iri = Find(name)) return *iri;
  const auto colon = name.find(':');
  if (colon == std::string_view::npos) return std::string(model::kDefaultVocab) + std::string(name);
  const auto prefix = name.substr(0, colon);
  const auto suffix = name.substr(colon + 1);
  if (suffix.starts_with("//")) return std::string(name);
  if (const std::string* iri = Find(prefix)) return *iri + std::string(suffix);
  if (prefix == "ngsi-ld") return std::string(kNgsiPrefix) + std::string(suffix);
  if (prefix == "geojson") return std::string(kGeoPrefix) + std::string(suffix);
  return std::string(name);
}

std::string LdContext::Compact(std::string_view iri) const {
  if (layers_.empty()) return std::string(model::CompactCore(iri));
  if (const auto core = model::CompactCore(iri); core != iri && !iri.starts_with(model::kDefaultVocab))
    return std::string(core);
  std::string key{iri};
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const auto at = (*layer)->term_of.find(key);
    if (at != (*layer)->term_of.end() && Expand(at->second) == iri) return at->second;
  }
  if (iri.starts_with(model::kDefaultVocab)) {
    const auto name = iri.substr(model::kDefaultVocab.size());
    if (!name.empty() && name.find(':') == std::string_view::npos && Expand(name) == iri) return std::string(name);
    return "ngsi-ld:default-context/" + std::string(name);
  }
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    for (const auto& [term, prefix] : (*layer)->prefixes) {
      if (!iri.starts_with(prefix) || iri.size() == prefix.size()) continue;
      std::string compact = term + ':' + std::string(iri.substr(prefix.size()));
      if (Expand(compact) == iri) return compact;
    }
  }
  return key;
}

LdContexts::LdContexts() {
  KnownContext core;
  core.url = kCoreContextUrl;
  core.id = ToText(HashParts({core.url}));
  known_.emplace(core.url, std::move(core));
}

Result<LdContexts> LdContexts::Load(const std::string& folder, TimePoint now) {
  LdContexts contexts;
  BONGSU_TRY(const json::Value index, ReadFile(folder + "/index.json"));
  for (const auto& [url, file] : index.AsObject()) {
    BONGSU_TRY(const json::Value document, ReadFile(folder + "/" + std::string(file.AsString())));
    const auto added = contexts.Add(url, document, now);
    if (!added)
      return Fail(Code::kInvalidArgument, "ngsi.bad_preload", "{}: {}", file.AsString(), added.error().message);
  }
  return contexts;
}

Result<void> LdContexts::Add(const std::string& url, const json::Value& document, TimePoint now) {
  const json::Value* context = document.Find("@context");
  if (context == nullptr) return BadData("{} has no @context", url);
  KnownContext known;
  BONGSU_CHECK(Collect(*context, known.layers, 0));
  known.id = ToText(HashParts({url}));
  known.url = url;
  known.created = now;
  known.document = std::make_shared<const json::Value>(*context);
  known_.insert_or_assign(url, std::move(known));
  return {};
}

void LdContexts::Host(const std::string& id, const LdContextBook::Hosted& hosted) {
  const auto there = known_.find(id);
  if (there != known_.end() && hosted.deleted) {
    there->second.deleted = true;
    return;
  }
  KnownContext known;
  known.id = id;
  known.kind = hosted.kind;
  known.created = hosted.created;
  known.deleted = hosted.deleted;
  known.document = std::make_shared<const json::Value>(hosted.document);
  if (known.kind == ContextKind::kImplicit) known.use->hits = 1;  // a request was read with it
  if (const auto read = Collect(hosted.document, known.layers, 0); !read) known.layers.clear();
  known_.insert_or_assign(id, std::move(known));
}

LdContexts LdContexts::ForTenant() const {
  LdContexts copy = *this;
  for (auto& [key, known] : copy.known_) known.use = std::make_shared<KnownContext::Use>();
  return copy;
}

const KnownContext* LdContexts::Lookup(std::string_view address) const {
  auto known = known_.find(address);
  if (known == known_.end()) {  // one of our own, under whatever name this server was reached
    const auto at = address.rfind(kOwnPath);
    if (at == std::string_view::npos) return nullptr;
    known = known_.find(address.substr(at + kOwnPath.size()));
  }
  return known == known_.end() ? nullptr : &known->second;
}

const KnownContext* LdContexts::Find(std::string_view id_or_url) const {
  const KnownContext* known = Lookup(id_or_url);
  if (known == nullptr) {  // a cached one by its local id
    const auto found = std::ranges::find_if(known_, [&](const auto& each) { return each.second.id == id_or_url; });
    if (found != known_.end()) known = &found->second;
  }
  if (known == nullptr || known->deleted || !known->use->listed.load(std::memory_order_relaxed)) return nullptr;
  return known;
}

void LdContexts::ForEach(const std::function<void(const KnownContext&)>& visit) const {
  for (const auto& [key, known] : known_) {
    if (!known.deleted && known.use->listed.load(std::memory_order_relaxed)) visit(known);
  }
}

bool LdContexts::Replace(const std::string& url, const LdContexts& fresh) {
  const auto found = fresh.known_.find(url);
  if (found == fresh.known_.end()) return false;
  KnownContext known = found->second;
  if (const auto old = known_.find(url); old != known_.end()) known.use = old->second.use;
  known_.insert_or_assign(url, std::move(known));
  return true;
}

Result<void> LdContexts::Collect(const json::Value& context, LdContext::Layers& layers, int depth) const {
  if (depth > kMaxDepth) return BadData("@context is nested deeper than {}", kMaxDepth);
  if (context.IsString()) {
    if (IsCoreContext(context.AsString())) return {};
    const KnownContext* const known = Lookup(context.AsString());
    if (known == nullptr) {
      return Fail(Code::kUnavailable, "ngsi.LdContextNotAvailable",
                  "@context {} is not installed here and nothing is fetched", context.AsString().substr(0, 300));
    }
    known->use->hits.fetch_add(1, std::memory_order_relaxed);
    known->use->listed.store(true, std::memory_order_relaxed);
    layers.insert(layers.end(), known->layers.begin(), known->layers.end());
    return {};
  }
  if (context.IsArray()) {
    for (const auto& part : context.AsArray()) {
      BONGSU_CHECK(Collect(part, layers, depth + 1));
    }
    return {};
  }
  if (!context.IsObject()) return BadData("@context is an address, an object or an array of those");
  BONGSU_TRY(auto layer, Compiler(context, layers).Compile());
  if (!layer->iri_of.empty()) layers.push_back(std::move(layer));
  return {};
}

Result<std::shared_ptr<const LdContext>> LdContexts::Resolve(const json::Value& context) const {
  LdContext::Layers layers;
  BONGSU_CHECK(Collect(context, layers, 0));
  if (context.IsString() && IsCoreContext(context.AsString())) {
    return std::make_shared<const LdContext>(LdContext::Layers{}, context);
  }
  // Given back is what the user added: the core context is always implied.
  json::Array parts;
  for (const auto& part : context.AsArray()) {
    if (!part.IsString() || !IsCoreContext(part.AsString())) parts.push_back(part);
  }
  json::Value echo = context;
  if (context.IsArray()) {
    echo = parts.size() == 1 ? parts.front()
                             : (parts.empty() ? json::Value{kCoreContextUrl} : json::Value{std::move(parts)});
  }
  return std::make_shared<const LdContext>(std::move(layers), std::move(echo));
}

}  // namespace bongsu::ngsi
