// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Signing in and out, who is signed in, one's own password (api/openapi.yaml, tag session).

#include "guard/authenticator.hpp"
#include "guard/sign_in.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

struct SessionHouse {
  runtime::Shards& shards;
  guard::SignIn& sign_in;
  guard::AccountOffice& office;
  guard::Sessions& sessions;
  guard::Directory& directory;
  guard::Authenticator& authenticator;
  const Clock& clock;          ///< Platform time: expires_at is told in it.
  const Clock& real_clock;     ///< Sessions live by it.
  bool secure_cookie = false;  ///< Browsers reach the server by TLS.
  /// Runs when somebody changed a one-time password: the file that held the first one may go.
  std::function<void(const std::string& user_name)> on_password_changed;
};

/// What `house` refers to outlives the routes.
Routes SessionRoutes(SessionHouse house);

}  // namespace bongsu::api
