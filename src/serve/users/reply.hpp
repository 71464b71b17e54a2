// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the handlers of people have in common.

#include "guard/account_office.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

inline guard::Who WhoOf(const Call& call) { return {call.caller.id, call.caller.address}; }

/// Answers with the value and `status`, or the problem. Nothing of it may be cached: it can hold a secret.
inline guard::AccountOffice::Answer Reply(http::Respond respond, int status) {
  return [respond = std::move(respond), status](const Result<json::Value>& result) {
    http::Response response = result ? http::JsonResponse(status, *result) : http::ProblemResponse(result.error());
    if (result && status == 204) response.body.clear();
    response.headers.emplace_back("Cache-Control", "no-store");
    respond(std::move(response));
  };
}

}  // namespace bongsu::api
