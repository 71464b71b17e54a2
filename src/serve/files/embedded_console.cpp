// SPDX-License-Identifier: Apache-2.0
#include "serve/files/embedded_console.hpp"

#include <zlib.h>

#include <cstring>
#include <memory>

// clang-format off
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    "bongsu_console_blob_begin:\n"
    ".incbin \"" BONGSU_CONSOLE_BLOB "\"\n"
    "bongsu_console_blob_end:\n"
    ".byte 0\n"
    ".previous\n");
// clang-format on

extern "C" {
extern const char bongsu_console_blob_begin[];  // NOLINT: named in the assembly above
extern const char bongsu_console_blob_end[];    // NOLINT
}

namespace bongsu::files {
namespace {

/// Takes numbers and texts off the front of the blob; fails for good once something is missing.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_{bytes} {}

  std::string_view Take(std::size_t size) {
    if (rest_.size() < size) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <class Number>
  Number TakeNumber() {
    Number number{};
    const std::string_view bytes = Take(sizeof number);
    if (!failed_) std::memcpy(&number, bytes.data(), sizeof number);  // the machines we build for are little-endian
    return number;
  }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// For the few that do not take gzip (command-line tools); our own blob, so it is always whole.
std::string Gunzip(std::string_view packed) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // NOLINT: zlib does not write to it
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t size = out.size();
    out.resize(size + (64UL << 10U));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);  // NOLINT
    stream.avail_out = static_cast<uInt>(out.size() - size);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return out;
}

http::Response NotBuilt() {
  http::Response page{503,
                      {},
                      "The console was not built into this program. Run ./x build, then start it again.\n",
                      "text/plain; charset=utf-8"};
  return page;
}

http::Response Give(const File& file, std::string_view name, const http::Request& request) {
  http::Response response{200, SecurityHeaders(), std::string(file.body), std::string(file.media_type)};
  const bool hashed = name.starts_with("assets/");
  response.headers.emplace_back("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file.gzipped) return response;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.Header("Accept-Encoding").find("gzip") == std::string_view::npos) {
    response.body = Gunzip(file.body);
  } else {
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

}  // namespace

std::string_view ConsoleBlob() {
  return {bongsu_console_blob_begin, static_cast<std::size_t>(bongsu_console_blob_end - bongsu_console_blob_begin)};
}

Result<std::map<std::string, File, std::less<>>> ReadBlob(std::string_view blob) {
  Cursor cursor{blob};
  std::map<std::string, File, std::less<>> files;
  if (cursor.Take(4) != "BGFS")
    return Fail(Code::kCorrupt, "files.bad_blob", "the console's blob does not begin with BGFS");
  const auto count = cursor.TakeNumber<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
    const std::string name{cursor.Take(cursor.TakeNumber<std::uint16_t>())};
    File file;
    file.media_type = cursor.Take(cursor.TakeNumber<std::uint16_t>());
    file.gzipped = cursor.TakeNumber<std::uint8_t>() != 0;
    file.body = cursor.Take(cursor.TakeNumber<std::uint32_t>());
    files[name] = file;
  }
  if (cursor.failed()) return Fail(Code::kCorrupt, "files.bad_blob", "the console's blob ends in the middle of a file");
  return files;
}

const http::Headers& SecurityHeaders() {
  static const http::Headers kHeaders{
      {"Content-Security-Policy",
       "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; img-src 'self' blob: data:; "
       "connect-src 'self'; "
       "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"}};
  return kHeaders;
}

api::Routes ConsoleRoutes() {
  auto files = std::make_shared<const std::map<std::string, File, std::less<>>>(
      ReadBlob(ConsoleBlob()).value_or(std::map<std::string, File, std::less<>>{}));
  const auto give = [files](const api::Call& call, const http::Respond& respond) {
    std::string name;
    for (const std::string& part : call.request.segments) name += (name.empty() ? "" : "/") + part;
    auto found = files->find(name);
    if (found == files->end() && name.find('.') == std::string::npos) found = files->find("index.html");
    if (files->empty()) return respond(NotBuilt());
    if (found == files->end())
      return respond(http::ProblemResponse({Code::kNotFound, "http.no_route", "nothing is at this address"}));
    respond(Give(found->second, found->first, call.request));
  };
  return {{"GET", "/**", guard::Permission::kNone, give}};
}

}  // namespace bongsu::files
