// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a source of kind file_drop has beside the keys of every source. manifest.yaml says the same; a test compares
/// them.

#include <string>

#include "base/config.hpp"

namespace bongsu::file_drop {

struct SourceOptions {
  std::string folder;
  std::string files = "*.ndjson";
  bool header = false;
  Duration look_every = 2s;
  Duration gap_after = 60s;
};

template <class Visitor>
void Describe(Visitor& v, SourceOptions& c) {
  v.Field("folder", c.folder, "Folder the files are dropped into; empty: the link is off.");
  v.Field("files", c.files, "File name with one *, which stands for the sequence number; .ndjson, .json or .csv.");
  v.Field("header", c.header, "csv: the first line names the columns and is no message.");
  v.Field("look_every", c.look_every, "Real time between two looks into the folder.");
  v.Field("gap_after", c.gap_after,
          "Real time a missing number is waited for before later files are taken without it.");
}

}  // namespace bongsu::file_drop
