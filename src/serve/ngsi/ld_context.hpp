// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A JSON-LD @context as NGSI-LD needs it: short name -> IRI and back for types, attribute names and terms. It is no
/// general JSON-LD processor. The core context is always there and always wins.
/// Sources: GS CIM 009 V1.9.1 clauses 4.4, 5.5.5, 5.5.7; JSON-LD 1.1 for term definitions and compact IRIs.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "serve/ngsi/ld_context_book.hpp"

namespace bongsu::ngsi {

inline constexpr std::string_view kCoreContextUrl = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld";

/// True for the core context's address of any version.
bool IsCoreContext(std::string_view url);

/// Immutable; shared between threads.
class LdContext {
 public:
  struct Layer {
    std::unordered_map<std::string, std::string> iri_of;
    std::unordered_map<std::string, std::string> term_of;
    std::vector<std::pair<std::string, std::string>> prefixes;  ///< Term and IRI; longest IRI first.
  };
  using Layers = std::vector<std::shared_ptr<const Layer>>;

  static std::shared_ptr<const LdContext> Core();
  LdContext(Layers layers, json::Value echo);

  /// IRI of a name; an IRI stays as it is, an unknown term goes to the default vocabulary.
  std::string Expand(std::string_view name) const;
  /// A name that Expand turns back into `iri`; the IRI itself when there is none.
  std::string Compact(std::string_view iri) const;

  /// The user's @context as given back in bodies; the core context's address when there is none.
  const json::Value& echo() const { return echo_; }
  /// Address for the Link header; empty when the @context has none of its own (inline).
  std::string_view url() const { return echo_.AsString(); }
  bool core_only() const { return layers_.empty(); }

 private:
  const std::string* Find(std::string_view term) const;

  Layers layers_;
  json::Value echo_;
};

/// One @context document that is known.
struct KnownContext {
  /// Shared by all copies of a tenant's contexts.
  struct Use {
    std::atomic<std::uint64_t> hits{0};
    std::atomic<bool> listed{true};  ///< False: a cached one that was deleted and not used since.
  };
  std::string id;   ///< Local id.
  std::string url;  ///< Where a cached one comes from; empty for those of this server.
  ContextKind kind = ContextKind::kCached;
  TimePoint created{};
  bool deleted = false;                         ///< Read by stored subscriptions only.
  std::shared_ptr<const json::Value> document;  ///< Value of the @context member.
  LdContext::Layers layers;
  std::shared_ptr<Use> use = std::make_shared<Use>();
};

/// The @context documents a tenant may name: those of the preload folder by address, its own by their address here.
/// There is no fetching: installation has no Internet. A value; copies share the counters.
class LdContexts {
 public:
  /// Knows the core context only.
  LdContexts();
  /// Reads `folder`/index.json, {"https://…/context.jsonld": "file.jsonld"}, and the files it names.
  /// @errors kNotFound, kInvalidArgument ngsi.bad_preload (names the file)
  static Result<LdContexts> Load(const std::string& folder, TimePoint now = {});
  /// Adds one document, {"@context": …}, as cached. Later documents may name earlier ones by address.
  Result<void> Add(const std::string& url, const json::Value& document, TimePoint now = {});
  /// Adds one of the tenant's own. One that cannot be read any more (what it names is gone) stays without terms.
  void Host(const std::string& id, const LdContextBook::Hosted& hosted);
  /// The same documents with counters of their own, for another tenant.
  LdContexts ForTenant() const;

  /// @param context  value of an @context member: string, object or array of those
  /// @errors kInvalidArgument ngsi.BadRequestData; kUnavailable ngsi.LdContextNotAvailable
  Result<std::shared_ptr<const LdContext>> Resolve(const json::Value& context) const;

  /// By local id or, a cached one, by address; null when it is not to be seen.
  const KnownContext* Find(std::string_view id_or_url) const;
  /// Those to be seen, by key.
  void ForEach(const std::function<void(const KnownContext&)>& visit) const;
  /// Takes one over from `fresh`; false when it is not there.
  bool Replace(const std::string& url, const LdContexts& fresh);

 private:
  const KnownContext* Lookup(std::string_view address) const;
  Result<void> Collect(const json::Value& context, LdContext::Layers& layers, int depth) const;

  std::map<std::string, KnownContext, std::less<>> known_;  // by address, or by id
};

}  // namespace bongsu::ngsi
