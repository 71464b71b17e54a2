// SPDX-License-Identifier: Apache-2.0
// A slow disk for tests: preloaded, every sync first waits for the milliseconds that stand in the file SLOW_SYNC names.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void Wait(void) {
  const char* name = getenv("SLOW_SYNC");
  FILE* file = name == NULL ? NULL : fopen(name, "r");
  long ms = 0;
  if (file == NULL) return;
  if (fscanf(file, "%ld", &ms) != 1) ms = 0;
  fclose(file);
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (ms > 0 && nanosleep(&left, &left) != 0) {
  }
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  Wait();
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  Wait();
  return real(fd);
}
