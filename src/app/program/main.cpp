// SPDX-License-Identifier: Apache-2.0
// The one program: finds the command and runs it.
#include <string>
#include <vector>

#include "app/commands.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  return bongsu::app::RunCommand(args);
}
