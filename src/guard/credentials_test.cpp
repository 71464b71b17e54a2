// SPDX-License-Identifier: Apache-2.0
#include "guard/credentials.hpp"

#include <gtest/gtest.h>

namespace bongsu::guard {
namespace {

TEST(Credentials, ACookieIsFoundAmongOthersByItsWholeName) {
  EXPECT_EQ(CookieOf("a=1; bongsu_session=abc; b=2", kSessionCookie), "abc");
  EXPECT_EQ(CookieOf("xbongsu_session=no;bongsu_session=yes", kSessionCookie), "yes");
  EXPECT_EQ(CookieOf("bongsu_session=first; bongsu_session=second", kSessionCookie), "first");
  for (const char* none : {"", ";;;", "bongsu_session", "bongsu_session_2=x", "=bongsu_session"})
    EXPECT_EQ(CookieOf(none, kSessionCookie), "") << none;
  EXPECT_EQ(CookieOf("bongsu_session=" + std::string(5000, 'x'), kSessionCookie), "");
}

TEST(Credentials, ABearerTokenIsReadFromTheHeaderAndFromTheSubProtocol) {
  EXPECT_EQ(BearerOf("Bearer abc"), "abc");
  EXPECT_EQ(BearerOf("bearer   abc "), "abc");
  EXPECT_EQ(BearerOf("Basic abc"), "");
  EXPECT_EQ(BearerOf("Bearer"), "");
  EXPECT_EQ(SubProtocolBearerOf("bongsu.v1, bearer.abc"), "abc");
  EXPECT_EQ(SubProtocolBearerOf("bearer, x"), "");
}

TEST(Credentials, OriginsAndLoopbackHostsAreTold) {
  EXPECT_EQ(OriginHost("http://127.0.0.1:8080"), "127.0.0.1:8080");
  EXPECT_EQ(OriginHost("null"), "");
  for (const char* loopback : {"127.0.0.1", "127.0.0.1:80", "localhost:8080", "[::1]:80", "[::1]"})
    EXPECT_TRUE(IsLoopbackHost(loopback)) << loopback;
  for (const char* other : {"", "10.0.0.1", "127.evil.com", "localhost.evil.com", "[::1]x", "[::2]"})
    EXPECT_FALSE(IsLoopbackHost(other)) << other;
}

TEST(Credentials, TheCookieIsClosedToScriptsAndOtherSites) {
  EXPECT_EQ(SessionCookie("abc", 60, true),
            "bongsu_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
  EXPECT_EQ(SessionCookie("", 0, false), "bongsu_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

}  // namespace
}  // namespace bongsu::guard
