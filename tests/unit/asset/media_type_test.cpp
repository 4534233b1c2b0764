#include "asset/media_type.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using namespace cml;
using namespace std::string_view_literals;

TEST_CASE("media type: bytes decide, as file(1) names them", "[asset][mime]") {
  struct Row {
    std::string_view bytes, type;
  };
  static constexpr Row kRows[] = {
      {"\x89PNG\r\n\x1a\n....", "image/png"},
      {"\xff\xd8\xff\xe0....", "image/jpeg"},
      {"RIFF\x24\0\0\0WEBPVP8 "sv, "image/webp"},
      {"RIFF\x24\0\0\0WAVEfmt "sv, "audio/x-wav"},
      {"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv, "image/bmp"},
      {"\0\0\0\x20"
       "ftypisom\0\0\2\0isomiso2avc1mp41"sv,
       "video/mp4"},
      {"\0\0\0\x14"
       "ftypqt  \0\0\2\0qt  "sv,
       "video/quicktime"},
      {"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm"sv, "video/webm"},
      {"OggS\0\2\0\0\0\0\0\0\0\0\1\x1e\1vorbis"sv, "audio/ogg"},
      {"PK\3\4\x14\0"sv, "application/zip"},
      {"\x1f\x8b\x08\0"sv, "application/gzip"},
      {"SQLite format 3\0\x10\0"sv, "application/vnd.sqlite3"},
      {"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", "image/svg+xml"},
      {"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", "image/svg+xml"},
      {"<!-- made by hand -->\n<svg></svg>", "image/svg+xml"},
      {"<?xml version=\"1.0\"?>\n<a/>", "text/xml"},
      {"<!DOCTYPE html><p>", "text/html"},
      {"\n<html><body>", "text/html"},
      {"{\"a\": 1}", "application/json"},
      {"[1, 2]\n", "application/json"},
      {"[a]", "text/plain"},
      {"{", "text/plain"},
      {"a,b\n1,2\n", "text/csv"},
      {"a,b\n\"1,5\",2\n", "text/csv"},
      {"first, second\nthird\n", "text/plain"},
      {"# Title\n\nhello\n", "text/plain"},
      {"caf\xe9\n", "text/plain"},
      {"\xff\xfe"
       "a\0b\0"sv,
       "text/plain"},
      {"#!/bin/sh\necho", "text/x-shellscript"},
      {"\0\1\2\3"sv, "application/octet-stream"},
      {"BM", "text/plain"},
      {"", "inode/x-empty"},
  };
  for (Row const& row : kRows) {
    CAPTURE(row.bytes);
    CHECK(media_type(row.bytes) == row.type);
  }
}
