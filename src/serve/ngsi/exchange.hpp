// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One NGSI-LD request on its way to one answer: preconditions, media types, @context, headers.
/// Source: GS CIM 009 V1.9.1 clauses 6.3.3 to 6.3.6, 6.3.14, 6.3.20; section 3 of our checklist.

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/api/router.hpp"
#include "serve/ngsi/ld_context.hpp"
#include "serve/ngsi/personal_house.hpp"
#include "serve/ngsi/problem.hpp"

namespace bongsu::ngsi {

enum class Media : std::uint8_t { kJson, kLdJson, kGeoJson };

/// The media type to answer in; nothing when none of ours is accepted.
std::optional<Media> ChooseMedia(std::string_view accept, bool geo_allowed);
/// Address of the JSON-LD context in a Link header; empty when there is none.
std::string ContextLink(std::string_view link_header);

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(api::Call call, http::Respond respond, std::shared_ptr<const LdContexts> contexts);

  struct Needs {
    bool geo = false;    ///< GeoJSON may be asked for.
    bool body = false;   ///< A JSON body is needed.
    bool batch = false;  ///< Its items carry their own @context.
    std::set<std::string, std::less<>> parameters;
    bool raw = false;  ///< An @context in the body is what it is about.
  };
  /// Checks everything that does not depend on the operation; false when it has answered already.
  bool Prepare(const Needs& needs);

  const http::Request& request() const { return call_.request; }
  const guard::Principal& caller() const { return call_.caller; }
  std::uint16_t tenant() const { return call_.caller.tenant; }
  const json::Value& body() const { return body_; }
  /// The body for one who takes it apart; nothing is left of it here.
  json::Value TakeBody() { return std::exchange(body_, {}); }
  Media media() const { return media_; }
  bool ld_body() const { return ld_body_; }
  const std::shared_ptr<const LdContext>& context() const { return context_; }
  void set_context(std::shared_ptr<const LdContext> context) { context_ = std::move(context); }
  const LdContexts& contexts() const { return *contexts_; }
  /// Gives an inline @context an address (HostContext).
  using Host = std::function<void(const json::Value& context, std::function<void(Result<std::string> url)> done)>;
  void set_host(Host host) { host_ = std::move(host); }
  void set_personal(std::shared_ptr<const PersonalHouse> house) { personal_ = std::move(house); }
  /// As SealedStart; what was looked for is recorded before the answer leaves.
  Result<std::string> SealedStartOf(std::string_view iri, std::string_view text, bool equality);
  /// @context of one item of a batch body. @errors as LdContexts::Resolve
  Result<std::shared_ptr<const LdContext>> ContextOf(const json::Value& item) const;

  std::string Parameter(std::string_view name) const { return std::string(call_.request.Query(name).value_or("")); }
  bool HasParameter(std::string_view name) const { return call_.request.Query(name).has_value(); }
  /// "true" or "false". @errors kInvalidArgument ngsi.InvalidRequest
  Result<bool> Flag(std::string_view name) const;
  /// Words of `options` and `format`. @errors kInvalidArgument ngsi.InvalidRequest when one is not in `allowed`
  Result<std::set<std::string, std::less<>>> Options(std::initializer_list<std::string_view> allowed) const;
  Result<std::set<std::string, std::less<>>> Options(std::span<const std::string_view> allowed) const;

  void Add(std::string name, std::string value) { headers_.emplace_back(std::move(name), std::move(value)); }
  void AddLink(std::string_view link);
  void Refuse(const Error& error);
  /// 201 with a Location, 204 …: no body, or JSON that carries no entity (207).
  void Answer(int status, std::string json = {});
  /// Entities: adds the Link header, or puts @context into the body. @param json  an object or an array of objects
  void AnswerData(int status, std::string json);
  /// True when the answer is kept for a repeat of the request: then it cannot be sent in parts.
  bool IsKept() const;
  /// Minor version of the NGSI-LD that the reader of these entities prefers (Prefer: ngsi-ld=1.x).
  std::optional<int> preferred_minor() const;
  /// The @context that goes into the body, as JSON; empty when the Link header says it.
  std::string BodyContext() const;
  /// Entities that already carry what BodyContext says and that preferred_minor reads. @param parts  what follows
  /// `begin`
  void AnswerParts(int status, std::string begin, std::shared_ptr<http::BodyParts> parts);

 private:
  bool ReadBody(bool batch, bool raw);
  void SendData(int status, std::string json, std::shared_ptr<http::BodyParts> parts);
  void SendLinked(int status, std::string json, std::shared_ptr<http::BodyParts> parts);
  void Send(http::Response response);
  /// Prefer: ngsi-ld=1.x
  void FollowPreference(int& status, std::string& json);
  void AddPreference();

  api::Call call_;
  http::Respond respond_;
  std::shared_ptr<const LdContexts> contexts_;
  Host host_;
  std::shared_ptr<const PersonalHouse> personal_;
  std::vector<std::string> searched_;  ///< Surrogates of personal values that q looks for.
  std::shared_ptr<const LdContext> context_ = LdContext::Core();
  json::Value body_;
  bool ld_body_ = false;
  Media media_ = Media::kJson;
  http::Headers headers_;
  std::string link_;
};

}  // namespace bongsu::ngsi
