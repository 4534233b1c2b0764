#include <catch2/catch.hpp>

#include "yaml/events.hpp"

using namespace cml;
using cml::yaml::Event;
using cml::yaml::Events;

TEST_CASE("yaml: events in their order, with lines, anchors and what is plain", "[yaml]") {
  Events events("a: &x 1\nb: [*x, \"2\", !!str 3]\n");
  std::string seen;
  while (true) {
    auto const event = events.next();
    REQUIRE(event);
    if (event->kind == Event::Kind::End) break;
    switch (event->kind) {
      case Event::Kind::DocumentStart:
        seen += "--- ";
        break;
      case Event::Kind::MappingStart:
        seen += "{ ";
        break;
      case Event::Kind::MappingEnd:
        seen += "} ";
        break;
      case Event::Kind::SequenceStart:
        seen += "[ ";
        break;
      case Event::Kind::SequenceEnd:
        seen += "] ";
        break;
      case Event::Kind::Alias:
        seen += "*" + event->text + " ";
        break;
      case Event::Kind::Scalar:
        seen += (event->anchor.empty() ? "" : "&" + event->anchor + " ") + std::to_string(event->line) + ":" +
                (event->plain ? event->text : "'" + event->text + "'") + " ";
        break;
      default:
        break;
    }
  }
  CHECK(seen == "--- { 1:a &x 1:1 2:b [ *x 2:'2' 2:'3' ] } ");
  CHECK(events.next()->kind == Event::Kind::End);
}

TEST_CASE("yaml: what is no YAML is named by line and column, once", "[yaml]") {
  Events events("a: 1\nb: [1,\n");
  Result<Event> event = Event{};
  while ((event = events.next()) && event->kind != Event::Kind::End) {
  }
  REQUIRE_FALSE(event);
  CHECK(event.error().kind == ErrorKind::BadInput);
  CHECK(event.error().message.substr(0, 6) == "line 3");
  CHECK(events.next()->kind == Event::Kind::End);
}
