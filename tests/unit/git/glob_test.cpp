// Globs of `pr create`: what people's pipelines name.
#include "git/glob.hpp"

#include <catch2/catch.hpp>

#include "support/doubling.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("glob: stars, classes, braces and groups match as in the shells and tools that people know", "[git][glob]") {
  struct Case {
    char const *pattern, *path;
    bool expected;
  };
  for (Case const& c : std::vector<Case>{{"*.py", "a.py", true},
                                         {"*.py", "b/a.py", false},
                                         {"*", ".hidden", true},
                                         {"**", "a/.b/c", true},
                                         {"**/*.py", "a.py", true},
                                         {"**/*.py", "a/b/c.py", true},
                                         {"a/**/b", "a/b", true},
                                         {"a/**/b", "a/x/y/b", true},
                                         {"a/**/b", "ab", false},
                                         {"a/**", "a/b/c", true},
                                         {"**/.gitignore", "x/.gitignore", true},
                                         {"**/.gitignore", "x/a.gitignore", false},
                                         {"a?c", "abc", true},
                                         {"a?c", "a/c", false},
                                         {"[a-c]x", "bx", true},
                                         {"[!a-c]x", "bx", false},
                                         {"[!a-c]x", "dx", true},
                                         {"[]]x", "]x", true},
                                         {"[", "[", true},
                                         {"*.{py,json}", "a.json", true},
                                         {"*.{py,json}", "a.txt", false},
                                         {"f{1..3}", "f2", true},
                                         {"f{1..3}", "f4", false},
                                         {"{a}", "{a}", true},
                                         {"@(a|b).c", "b.c", true},
                                         {"?(a)b", "b", true},
                                         {"+(ab)c", "ababc", true},
                                         {"+(ab)c", "c", false},
                                         {"*(a|b)", "abba", true},
                                         {"!(*.md)", "a.txt", true},
                                         {"!(*.md)", "a.md", false},
                                         {"\\*", "*", true},
                                         {"\\*", "a", false},
                                         {"output/**", "output", false},
                                         {"training_plots/**", "training_plots/a.html", true},
                                         {"**/*.h5*", "m/model.h5.dvc", true}}) {
    INFO(c.pattern << " against " << c.path);
    CHECK(glob_matches(c.pattern, c.path) == c.expected);
  }
}

TEST_CASE("glob: a list counts from the current folder, folders mean what is below them, and \"!\" takes out",
          "[git][glob]") {
  auto const matches = [](std::vector<std::string> const& globs, std::string const& prefix, std::string_view path) {
    auto const filter = PathFilter::make(globs, prefix);
    REQUIRE(filter);
    return filter->matches(path);
  };
  CHECK(matches({"."}, "", ".dvc/config"));
  CHECK(matches({"."}, "sub/", "sub/a"));
  CHECK_FALSE(matches({"."}, "sub/", "a"));
  CHECK(matches({"../a"}, "sub/", "a"));
  CHECK(matches({"./data/"}, "", "data/x/y"));
  CHECK_FALSE(matches({"data"}, "", "database"));
  CHECK_FALSE(matches({".", "!*.md"}, "", "README.md"));
  CHECK(matches({".", "!*.md"}, "", "docs/a.md"));
  CHECK_FALSE(matches({"!*.md"}, "", "a.txt"));
  for (std::string const bad : {"/etc/passwd", "../x", ""}) CHECK_FALSE(PathFilter::make({bad}, ""));
  CHECK_FALSE(PathFilter::make({"{1..99}{1..99}{1..99}"}, ""));
  // git's own signs.
  for (std::string const sign : {":!", ":^", ":(exclude)", ":(exclude,glob)", ":(glob,exclude)"}) {
    INFO(sign);
    CHECK_FALSE(matches({".", sign + "params.yaml"}, "", "params.yaml"));
    CHECK(matches({".", sign + "params.yaml"}, "", "other.yaml"));
    CHECK_FALSE(matches({".", sign + "data"}, "", "data/a/b"));
    CHECK(matches({sign + "params.yaml"}, "", "other.yaml"));
  }
  CHECK(matches({":/a"}, "sub/", "a"));
  CHECK(matches({":(top)a"}, "sub/", "a"));
  CHECK_FALSE(matches({".", ":!/a"}, "", "a"));
  CHECK(matches({":(glob)**/a"}, "", "x/y/a"));
  CHECK(matches({":(literal)a[1].txt"}, "", "a[1].txt"));
  CHECK_FALSE(matches({":(literal)a[1].txt"}, "", "a1.txt"));
  for (std::string const bad : {":(attr:x)a", ":(icase)a", ":a", ":(exclude"})
    CHECK(PathFilter::make({bad}, "").error().kind == ErrorKind::Usage);
}

TEST_CASE("glob: stars and groups take no more time than the path is long", "[git][glob][linear][security]") {
  for (char const* pattern : {"*a*a*a*a*a*a*b", "*(a|aa)b", "*(*(*(*(a))))b", "+(a|*(aa)|?(a)a)b", "**a**a**a**a*b",
                              "@(*a|*aa)@(*a|*aa)@(*a|*aa)b", "[a-z]*[a-z]*[!b]*b"}) {
    INFO(pattern);
    CHECK_FALSE(glob_matches(pattern, std::string(60, 'a')));
    CHECK(doubling([](std::size_t n) { return std::string(n, 'a'); },
                   [&](std::string const& path) { return glob_matches(pattern, path); }, 1 << 16) < kLinear);
  }
  // What is not to match needs a look at each of its ends.
  CHECK(processor_seconds([] { (void)glob_matches("!(b)!(!(b))!(b)c", std::string(1000, 'a')); }) < 2);
  CHECK(glob_matches("a!(b)c", "aac"));
  CHECK_FALSE(glob_matches("a!(b)c", "abc"));
  CHECK(glob_matches("!(a|b/*)/c", "x/c"));
  CHECK_FALSE(PathFilter::make({std::string(5000, '*')}, ""));
  CHECK_FALSE(PathFilter::make({"{1..900}" + std::string(2000, 'a')}, ""));
}
