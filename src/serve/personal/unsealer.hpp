// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The last door of an answer: what is sealed in it is opened for who may see it, and masked for everybody else.
///
///   may the caller read personal values, and is it one thing he asked for?
///     yes ▶ open ▶ record "personal.view" in the audit trail ▶ when that is on disk: the answer with the values
///     no  ▶ the answer with masks: "[sealed contact]"
///
/// A key that was destroyed: "[erased contact]". Lists and sockets show masks only.

#include "base/metrics.hpp"
#include "guard/directory.hpp"
#include "guard/sealing/keyring.hpp"
#include "runtime/http_message.hpp"

namespace bongsu::api {

class Unsealer {
 public:
  struct Parts {
    runtime::Shards& shards;
    const sealing::Keyring& ring;
    const guard::Directory& directory;
    Metrics& metrics;
  };
  explicit Unsealer(const Parts& parts);

  /// From any thread. @param what  address that was asked, for the audit record
  void Answer(const guard::Principal& caller, const std::string& what, http::Response response,
              const http::Respond& respond) const;
  /// That somebody looked for entities with these values; `done` once it is on disk. From any thread.
  void RecordSearch(const guard::Principal& caller, const std::string& what, const std::vector<std::string>& surrogates,
                    const std::function<void(Result<void>)>& done) const;
  /// True for a read of one thing: its address names it.
  static bool ShowsOneThing(const http::Request& request, bool names_one);

 private:
  struct Opened {
    std::string body;
    std::map<std::string, std::int64_t> classes;  ///< class -> values shown
    std::vector<std::string> surrogates;          ///< The first 20.
  };
  Opened Open(std::uint16_t tenant, const std::string& body) const;
  void Record(const guard::Principal& caller, std::string_view act, const std::string& what, json::Value details,
              desk::DeskPort::Answer done) const;

  Parts parts_;
  Counter& views_;
  Counter& refused_;
};

}  // namespace bongsu::api
