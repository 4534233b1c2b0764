#include "platform/disk_file_system.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "platform/spawned_process.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

TEST_CASE("disk: a file that is written replaces the old one and leaves nothing beside it", "[platform][disk]") {
  TemporaryFolder folder;
  DiskFileSystem disk;
  REQUIRE(disk.write(folder.path / "a.txt", "one"));
  REQUIRE(disk.write(folder.path / "a.txt", "two"));
  CHECK(disk.read(folder.path / "a.txt", 100).value() == "two");
  CHECK(disk.list(folder.path).value().size() == 1);
}

TEST_CASE("disk: a full device is an Io error", "[platform][disk]") {
  DiskFileSystem disk;
  auto const status = disk.write("/dev/full", std::string(100'000, 'x'));
  REQUIRE_FALSE(status);
  CHECK(status.error().kind == ErrorKind::Io);
  CHECK(status.error().message.find("/dev/full") != std::string::npos);
}

TEST_CASE("disk: missing files, folders and files over the limit are told apart", "[platform][disk]") {
  TemporaryFolder folder;
  DiskFileSystem disk;
  CHECK(disk.read(folder.path / "none", 10).error().kind == ErrorKind::NotFound);
  CHECK(disk.read(folder.path, 10).error().kind == ErrorKind::BadInput);
  REQUIRE(disk.write(folder.path / "big", "12345678901"));
  CHECK(disk.read(folder.path / "big", 10).error().message.find("limit of 10") != std::string::npos);
  CHECK(disk.write(folder.path / "no" / "where", "x").error().kind == ErrorKind::NotFound);
}

TEST_CASE("disk: an admitted file is judged by where it lies, and a pipe or device is refused without waiting",
          "[platform][disk]") {
  TemporaryFolder folder;
  DiskFileSystem disk;
  FileSystem& files = disk;
  std::filesystem::path const real = std::filesystem::canonical(folder.path);
  REQUIRE(files.write(real / "a.txt", "bytes"));
  std::filesystem::create_symlink("a.txt", real / "link");
  std::vector<std::filesystem::path> seen;
  auto const note = [&](std::filesystem::path const& place) { return seen.push_back(place), ok(); };
  CHECK(files.read_admitted(real / "link", 100, note).value() == "bytes");
  CHECK(seen == std::vector<std::filesystem::path>{real / "a.txt"});
  auto const refuse = [](std::filesystem::path const&) -> Status { return Error{ErrorKind::Unauthorized, "no"}; };
  CHECK(files.read_admitted(real / "a.txt", 100, refuse).error().message == "no");
  REQUIRE(::mkfifo((real / "pipe").c_str(), 0600) == 0);
  for (std::filesystem::path const& path : {real / "pipe", std::filesystem::path("/dev/zero")}) {
    auto const read = files.read_admitted(path, 100, note);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::BadInput);
  }
  // Nor is it opened to be judged: its writer would notice, as would a device.
  bool reader = true;
  auto const look = [&](std::filesystem::path const&) -> Status {
    int const end = ::open((real / "pipe").c_str(), O_WRONLY | O_NONBLOCK);
    reader = end >= 0;
    if (end >= 0) ::close(end);
    return Error{ErrorKind::Unauthorized, "no"};
  };
  CHECK_FALSE(files.read_admitted(real / "pipe", 100, look, Pipes::Read));
  CHECK_FALSE(reader);
  // Who asks for a pipe waits for its writer, who waits for the reader.
  std::thread writer([&] { std::ofstream(real / "pipe") << "through the pipe"; });
  CHECK(files.read_admitted(real / "pipe", 100, note, Pipes::Read).value() == "through the pipe");
  writer.join();
  CHECK(files.read_admitted(real / "pipe", 100, refuse, Pipes::Read).error().message == "no");
  CHECK(files.is_link(real / "link"));
  CHECK_FALSE(files.is_link(real / "a.txt"));
  CHECK(files.is_own(real / "a.txt"));
}

TEST_CASE("disk: resolve follows links", "[platform][disk]") {
  TemporaryFolder folder;
  DiskFileSystem disk;
  REQUIRE(disk.write(folder.path / "real", "x"));
  fs::create_symlink(folder.path / "real", folder.path / "link");
  CHECK(disk.resolve(folder.path / "link").value() == fs::canonical(folder.path / "real"));
}

TEST_CASE("process: streams, exit code, input, folder and environment", "[platform][process]") {
  SpawnedProcess process;
  TemporaryFolder folder;
  auto const result = process.run({.arguments = {"sh", "-c", "cat; echo err >&2; pwd; echo $CML_X; exit 3"},
                                   .directory = folder.path,
                                   .environment = {{"CML_X", "set"}},
                                   .input = std::string(300'000, 'i') + "\n"});
  REQUIRE(result);
  CHECK(result->exit_code == 3);
  CHECK(result->err == "err\n");
  CHECK(result->out == std::string(300'000, 'i') + "\n" + fs::canonical(folder.path).string() + "\nset\n");
}

TEST_CASE("process: an unknown program is NotFound and a slow one is ended", "[platform][process]") {
  SpawnedProcess process;
  CHECK(process.run({.arguments = {"cml-no-such-program"}}).error().kind == ErrorKind::NotFound);
  CHECK(process.run({.arguments = {"sleep", "60"}, .timeout = std::chrono::seconds(1)}).error().kind ==
        ErrorKind::Network);
  CHECK(process.run({.arguments = {"true"}, .input = std::string(1 << 20, 'x')})->exit_code == 0);
}
