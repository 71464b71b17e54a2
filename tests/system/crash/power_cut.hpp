// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A file system under RocksDB whose power can be cut: what was not synced is gone, up to a random torn part of it; a
/// new name (of a file or of a hard link) whose folder was not synced is gone altogether. Files are told apart by their
/// inode, so that what moves a folder beside RocksDB moves them too.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace bongsu::crash {

class PowerCutFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  /// @param root  folder all of whose files lose what was not synced
  PowerCutFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base, std::filesystem::path root)
      : FileSystemWrapper(base), root_{std::move(root)} {}

  /// Stops every file operation for ever, takes back what was not synced, and ends the process.
  [[noreturn]] void Cut(std::uint64_t seed);

  const char* Name() const override { return "PowerCutFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

  /// What of a file is on disk; one for all its names.
  struct Content {
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };
  std::mutex mutex;  // held by every operation, and by Cut until the process is gone

 private:
  std::unique_ptr<rocksdb::FSWritableFile> Track(const std::string& name, std::unique_ptr<rocksdb::FSWritableFile> file,
                                                 std::uint64_t size);
  friend class CutFolder;
  struct Entry {
    std::shared_ptr<Content> content;
    bool linked = false;  // its folder was synced after it was made
  };
  std::filesystem::path root_;
  std::map<std::string, Entry> names_;
};

}  // namespace bongsu::crash
