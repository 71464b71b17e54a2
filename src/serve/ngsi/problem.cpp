// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/problem.hpp"

#include <algorithm>
#include <array>

namespace bongsu::ngsi {
namespace {

constexpr std::string_view kErrors = "https://uri.etsi.org/ngsi-ld/errors/";

struct Row {
  std::string_view reason;  // our reason without "ngsi."
  int status;
  std::string_view title;
};

constexpr std::array<Row, 12> kRows{{{"NotServed", 422, "Operation not supported"},
                                     {"InvalidRequest", 400, "Invalid request"},
                                     {"BadRequestData", 400, "Bad request data"},
                                     {"AlreadyExists", 409, "Already exists"},
                                     {"Conflict", 409, "Conflict"},
                                     {"OperationNotSupported", 501, "Operation not supported"},
                                     {"ResourceNotFound", 404, "Resource not found"},
                                     {"NonexistentTenant", 404, "Tenant does not exist"},
                                     {"TooComplexQuery", 403, "Query is too complex"},
                                     {"TooManyResults", 403, "Too many results"},
                                     {"LdContextNotAvailable", 504, "JSON-LD context is not available"},
                                     {"InternalError", 500, "Internal error"}}};

const Row& RowOf(const Error& error) {
  const std::string_view reason = error.reason;
  const auto word = reason.starts_with("ngsi.") ? reason.substr(5) : std::string_view{"InternalError"};
  const auto row = std::ranges::find(kRows, word, &Row::reason);
  return row != kRows.end() ? *row : kRows.back();
}

}  // namespace

int ProblemStatus(const Error& error) {
  return error.reason.starts_with("ngsi.") ? RowOf(error).status : HttpStatus(error.code);
}

json::Value ProblemBody(const Error& error) {
  const Row& row = RowOf(error);
  json::Value body;
  body.Set("type",
           std::string(kErrors) + std::string(row.reason == "NotServed" ? "OperationNotSupported" : row.reason));
  body.Set("title", row.title);
  body.Set("detail", error.message);
  body.Set("status", ProblemStatus(error));
  if (!error.reason.starts_with("ngsi.")) body.Set("reason", error.reason);
  return body;
}

http::Response Problem(const Error& error) { return http::JsonResponse(ProblemStatus(error), ProblemBody(error)); }

http::Response NotBuilt(std::string_view what) {
  return Problem({Code::kNotSupported, "ngsi.OperationNotSupported", fmt::format("{} is not built yet", what)});
}

}  // namespace bongsu::ngsi
