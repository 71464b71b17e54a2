// SPDX-License-Identifier: Apache-2.0
// A slow disk for tests: preloaded, every sync first waits for the milliseconds that stand in the file SLOW_SYNC names.
#include <dlfcn.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>

namespace {

void Wait() {
  const char* name = std::getenv("SLOW_SYNC");
  std::FILE* file = name == nullptr ? nullptr : std::fopen(name, "r");
  if (file == nullptr) return;
  long ms = 0;
  if (std::fscanf(file, "%ld", &ms) != 1) ms = 0;
  std::fclose(file);
  timespec left{ms / 1000, ms % 1000 * 1'000'000};
  while (ms > 0 && nanosleep(&left, &left) != 0) {
  }
}

int After(const char* name, int file) {
  Wait();
  return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" int fsync(int file) { return After("fsync", file); }
extern "C" int fdatasync(int file) { return After("fdatasync", file); }
