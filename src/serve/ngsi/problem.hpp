// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Errors as NGSI-LD wants them: application/json with type, title, detail, status.
/// Source: GS CIM 009 V1.9.1 clauses 5.5.2, 5.5.3 and 6.3.2.

#include "base/result.hpp"
#include "runtime/http_message.hpp"

namespace bongsu::ngsi {

/// What breaks the data model, an address or a query.
template <class... Args>
[[nodiscard]] tl::unexpected<Error> BadData(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", format, std::forward<Args>(args)...);
}

/// What breaks the request around the data: no JSON, an unknown parameter or option.
template <class... Args>
[[nodiscard]] tl::unexpected<Error> BadRequest(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(Code::kInvalidArgument, "ngsi.InvalidRequest", format, std::forward<Args>(args)...);
}

/// {"type","title","detail","status"} of an error; also used inside of 207 answers.
json::Value ProblemBody(const Error& error);
int ProblemStatus(const Error& error);
http::Response Problem(const Error& error);
http::Response NotBuilt(std::string_view what);

}  // namespace bongsu::ngsi
