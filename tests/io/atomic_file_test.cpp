#include "io/atomic_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "io/output_folder.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using ::testing::HasSubstr;
using testing::read_bytes;
using testing::TempFolder;
using testing::write_bytes;

size_t files_in(const TempFolder& dir) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(dir.path()), {}));
}

std::string io_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(DurableFile, OldContentStaysUntilCommit) {
  TempFolder dir;
  write_bytes(dir / "a.txt", "old");
  DurableFile file(dir / "a.txt");
  file.write("new");
  EXPECT_EQ(read_bytes(dir / "a.txt"), "old");
  const FileRecord record = file.commit();
  EXPECT_EQ(read_bytes(dir / "a.txt"), "new");
  EXPECT_EQ(record.name, "a.txt");
  EXPECT_EQ(record.size, 3u);
  EXPECT_EQ(files_in(dir), 1u);
}

TEST(DurableFile, AbandonedFilesLeaveNothing) {
  TempFolder dir;
  {
    DurableFile replace(dir / "a.txt");
    replace.write("half");
    DurableFile fresh(dir / "b.txt", WriteMode::kFresh);
    fresh.write("half");
  }
  EXPECT_EQ(files_in(dir), 0u);
}

TEST(DurableFile, FreshFilesNeverReplace) {
  TempFolder dir;
  write_bytes(dir / "a.txt", "old");
  EXPECT_THAT(io_error([&] { DurableFile file(dir / "a.txt", WriteMode::kFresh); }), HasSubstr("File exists"));
  EXPECT_EQ(read_bytes(dir / "a.txt"), "old");
}

TEST(DurableFile, LinksAreKeptAndTheirTargetReplaced) {
  TempFolder dir;
  write_bytes(dir / "real.txt", "old");
  std::filesystem::create_symlink("real.txt", dir / "link.txt");
  write_file_durably(dir / "link.txt", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "link.txt"));
  EXPECT_EQ(read_bytes(dir / "real.txt"), "new");
}

TEST(DurableFile, NamesOf255BytesAndOddCharactersWork) {
  TempFolder dir;
  for (const std::string& name : {std::string(255, 'x'), std::string("a 'b' \"c\" \xc3\xa9 \xe4\xb8\xad.txt")}) {
    write_file_durably(dir / name, "text");
    EXPECT_EQ(read_bytes(dir / name), "text");
  }
}

TEST(DurableFile, ErrorsSayWhereAndWhy) {
  TempFolder dir;
  EXPECT_THAT(io_error([&] { write_file_durably(dir / "absent/a.txt", "x"); }),
              ::testing::AllOf(HasSubstr("absent/a.txt"), HasSubstr("No such file or directory")));
  std::filesystem::create_directory(dir / "folder");
  write_bytes(dir / "folder/inside", "x");
  EXPECT_THAT(io_error([&] { write_file_durably(dir / "folder", "x"); }), HasSubstr("renaming"));
  EXPECT_EQ(files_in(dir), 1u);
  EXPECT_THAT(io_error([&] { write_file_durably("/proc/none.txt", "x"); }), HasSubstr("/proc/none.txt"));
}

TEST(DurableFile, AFullDiskIsReportedWithFigures) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "skipped: no /dev/full";
  TempFolder dir;
  EXPECT_THAT(io_error([&] {
                DurableFile file(dir / "a.bin");
                file.expect(uint64_t{1} << 60);
              }),
              HasSubstr("are needed but only"));
  EXPECT_EQ(files_in(dir), 0u);
}

TEST(DurableFile, NewFilesFollowTheUmask) {
  TempFolder dir;
  const mode_t old = umask(027);
  write_file_durably(dir / "a.txt", "x");
  umask(old);
  struct stat info {};
  ASSERT_EQ(stat((dir / "a.txt").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(CopyFile, CopiesBytesAndNamesAnAbsentSource) {
  TempFolder dir;
  const std::string bytes(3'000'000, 'x');
  write_bytes(dir / "a", bytes);
  EXPECT_EQ(copy_file_durably(dir / "a", dir / "b").xxh3, record_of_file(dir / "a").xxh3);
  EXPECT_TRUE(read_bytes(dir / "b") == bytes);
  EXPECT_THAT(io_error([&] { copy_file_durably(dir / "none", dir / "c"); }), HasSubstr("none: cannot be copied"));
}

TEST(StaleTemporaries, OnlyOursAreRemoved) {
  TempFolder dir;
  write_bytes(dir / ".lf-tmp-0123", "x");
  write_bytes(dir / ".mine", "x");
  EXPECT_EQ(remove_stale_temporaries(dir.path()), 1);
  EXPECT_TRUE(std::filesystem::exists(dir / ".mine"));
}

TEST(Disk, FreeSpaceIsFoundForPathsThatDoNotExistYet) {
  TempFolder dir;
  EXPECT_GT(free_disk_bytes(dir / "not/yet/there"), 0u);
  EXPECT_THAT(io_error([&] { require_free_space(dir / "not/yet/there", UINT64_MAX, "a checkpoint"); }),
              ::testing::AllOf(HasSubstr("a checkpoint: disk full"), HasSubstr("are free in " + dir.path().string())));
}

TEST(Disk, CreateFolderSaysWhenAFileIsInTheWay) {
  TempFolder dir;
  write_bytes(dir / "file", "x");
  EXPECT_THAT(io_error([&] { create_folder(dir / "file"); }), HasSubstr("file: exists but is not a folder"));
  EXPECT_THAT(io_error([&] { create_folder(dir / "file/sub"); }), HasSubstr("cannot be created"));
}

TEST(Disk, ExchangeSwapsFolders) {
  TempFolder dir;
  std::filesystem::create_directory(dir / "a");
  std::filesystem::create_directory(dir / "b");
  write_bytes(dir / "a/x", "");
  if (!exchange_paths(dir / "a", dir / "b")) GTEST_SKIP() << "skipped: this file system cannot exchange";
  EXPECT_TRUE(std::filesystem::exists(dir / "b/x"));
}

TEST(OutputFolder, RecordsWhatWasWrittenAndRefusesPaths) {
  TempFolder dir;
  OutputFolder folder(dir / "new/folder");
  folder.write_text("a.json", "{}");
  folder.write_text("a.json", "{ }");
  folder.copy_file(dir / "new/folder/a.json", "b.json");
  ASSERT_EQ(folder.records().size(), 2u);
  EXPECT_EQ(folder.records()[0].size, 3u);
  EXPECT_THROW(folder.write_text("../a", "x"), Error);
  folder.remove_file("b.json");
  EXPECT_EQ(folder.records().size(), 1u);
}

}  // namespace
}  // namespace lf
