// SPDX-License-Identifier: Apache-2.0
#include "app/front.hpp"

namespace bongsu::app {
namespace {

http::Response NoRoute(const Error& error, const http::Request& request) {
  if (error.reason != "http.method_not_allowed") return http::ProblemResponse(error);
  http::Response response = http::ProblemResponse(error);
  response.status = 405;
  json::Writer body;
  body.Object().Key("type").String("about:blank").Key("title").String("method_not_allowed").Key("status").Int(405);
  body.Key("detail").String(
      fmt::format("{} is not possible on {}; there are: {}", request.method, request.path, error.message));
  body.Key("reason").String(error.reason).End();
  response.body = body.Take();
  response.headers.emplace_back("Allow", error.message);
  return response;
}

http::Response NotKnown() {
  http::Response response =
      http::ProblemResponse({Code::kUnauthenticated, "guard.not_signed_in",
                             "sign in at POST /api/v1/session or send Authorization: Bearer TOKEN"});
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"bongsu\"");
  return response;
}

http::Response Forbidden(const guard::Principal& caller, const http::Request& request) {
  return http::ProblemResponse(
      {Code::kPermissionDenied, "guard.not_allowed",
       fmt::format("role {} may not {} {}", guard::RoleName(caller.role), request.method, request.path)});
}

/// Parts with what is sealed in them masked.
class MaskedParts final : public http::BodyParts {
 public:
  explicit MaskedParts(std::shared_ptr<http::BodyParts> parts) : parts_{std::move(parts)} {}
  void Next(Take take) override {
    parts_->Next([take = std::move(take)](Result<std::string> part) {
      if (part && sealing::MayHoldToken(*part)) part = sealing::Masked(*part);
      take(std::move(part));
    });
  }

 private:
  std::shared_ptr<http::BodyParts> parts_;
};

constexpr guard::Permission kLivePermission = guard::Permission::kReadPicture;

}  // namespace

Front::Front(api::Routes routes, Authenticate authenticate, AcceptLive accept_live, const api::Unsealer& unsealer,
             Metrics& metrics)
    : router_{std::move(routes)},
      authenticate_{std::move(authenticate)},
      accept_live_{std::move(accept_live)},
      unsealer_{unsealer},
      seconds_{
          metrics.Histogram("bongsu_http_request_seconds", "From the whole request read to the answer handed over.")} {}

void Front::OnRequest(http::Request request, http::Respond respond) const {
  const auto begin = std::chrono::steady_clock::now();
  respond = [this, begin, respond = std::move(respond)](http::Response response) {
    seconds_.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    // What is still sealed here is not for this caller.
    if (sealing::MayHoldToken(response.body)) response.body = sealing::Masked(response.body);
    if (response.parts) response.parts = std::make_shared<MaskedParts>(std::move(response.parts));
    respond(std::move(response));
  };
  auto found = router_.Find(request.method, request.segments);
  if (!found) return respond(NoRoute(found.error(), request));
  const api::Route& route = *found->route;
  if (route.permission == guard::Permission::kNone) {
    api::Call call{std::move(request), {}, std::move(found->params)};
    return route.handler(std::move(call), std::move(respond));
  }
  const http::Request& asked = request;
  // The request is copied once into the continuation; authentication answers on this shard.
  authenticate_(asked, [this, &route, request, params = std::move(found->params),
                        respond = std::move(respond)](Result<guard::Principal> caller) mutable {
    if (!caller) {
      http::Response response = http::ProblemResponse(caller.error());
      if (caller.error().code == Code::kUnauthenticated)
        response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"bongsu\"");
      return respond(std::move(response));
    }
    if (!caller->known) return respond(NotKnown());
    if (!guard::Allows(*caller, route.permission)) return respond(Forbidden(*caller, request));
    if (guard::Allows(*caller, guard::Permission::kReadPersonal) &&
        api::Unsealer::ShowsOneThing(request, !params.empty())) {
      respond = [this, caller = *caller, path = request.path, respond = std::move(respond)](http::Response response) {
        if (!sealing::MayHoldToken(response.body)) return respond(std::move(response));
        unsealer_.Answer(caller, path, std::move(response), respond);
      };
    }
    route.handler({std::move(request), std::move(*caller), std::move(params)}, std::move(respond));
  });
}

void Front::OnUpgrade(const http::Request& request, std::function<void(runtime::UpgradeAnswer)> answer) const {
  if (request.path != "/live") {
    return answer(
        {.accept = false,
         .protocol = {},
         .handlers = {},
         .refusal = http::ProblemResponse({Code::kNotFound, "http.no_route", "the live socket is at /live"})});
  }
  authenticate_(request, [this, request, answer = std::move(answer)](const Result<guard::Principal>& caller) {
    runtime::UpgradeAnswer refused;
    if (!caller) {
      refused.refusal = http::ProblemResponse(caller.error());
      return answer(std::move(refused));
    }
    if (!caller->known) {
      refused.refusal = NotKnown();
      return answer(std::move(refused));
    }
    if (!guard::Allows(*caller, kLivePermission)) {
      refused.refusal = Forbidden(*caller, request);
      return answer(std::move(refused));
    }
    answer(accept_live_(request, *caller));
  });
}

json::Value Front::ListRoutes() const {
  json::Array items;
  const auto add = [&](std::string_view method, std::string_view route, guard::Permission permission) {
    items.emplace_back(
        json::Object{{"method", method}, {"route", route}, {"permission", guard::PermissionName(permission)}});
  };
  add("GET", "/live", kLivePermission);
  for (const api::Router::Listed& listed : router_.List()) {
    add(listed.operation.method, listed.operation.pattern, listed.permission);
  }
  return json::Object{{"items", std::move(items)}};
}

}  // namespace bongsu::app
