#include "yaml/events.hpp"

#include <yaml.h>

namespace cml::yaml {
namespace {

struct Raw {
  yaml_event_t event{};
  Raw() = default;
  ~Raw() { yaml_event_delete(&event); }
  Raw(Raw const&) = delete;
  Raw& operator=(Raw const&) = delete;
};

std::string name_of(yaml_char_t const* text) { return text != nullptr ? reinterpret_cast<char const*>(text) : ""; }

}  // namespace

struct Events::Parser {
  yaml_parser_t raw{};
  bool over = false;
};

Events::Events(std::string_view text) : parser_(std::make_unique<Parser>()) {
  yaml_parser_initialize(&parser_->raw);
  yaml_parser_set_input_string(&parser_->raw, reinterpret_cast<unsigned char const*>(text.data()), text.size());
}

Events::~Events() { yaml_parser_delete(&parser_->raw); }

Result<Event> Events::next() {
  Event event;
  event.kind = Event::Kind::End;
  if (parser_->over) return event;
  Raw raw;
  if (yaml_parser_parse(&parser_->raw, &raw.event) == 0) {
    parser_->over = true;
    return Error{ErrorKind::BadInput, "line " + std::to_string(parser_->raw.problem_mark.line + 1) + ", column " +
                                          std::to_string(parser_->raw.problem_mark.column + 1) + ": " +
                                          (parser_->raw.problem != nullptr ? parser_->raw.problem : "not YAML")};
  }
  event.line = static_cast<int>(raw.event.start_mark.line) + 1;
  auto const& data = raw.event.data;
  switch (raw.event.type) {
    case YAML_SCALAR_EVENT:
      event.kind = Event::Kind::Scalar;
      event.text.assign(reinterpret_cast<char const*>(data.scalar.value), data.scalar.length);
      event.anchor = name_of(data.scalar.anchor);
      event.plain = data.scalar.style == YAML_PLAIN_SCALAR_STYLE && data.scalar.tag == nullptr;
      break;
    case YAML_ALIAS_EVENT:
      event.kind = Event::Kind::Alias;
      event.text = name_of(data.alias.anchor);
      break;
    case YAML_SEQUENCE_START_EVENT:
      event.kind = Event::Kind::SequenceStart;
      event.anchor = name_of(data.sequence_start.anchor);
      break;
    case YAML_MAPPING_START_EVENT:
      event.kind = Event::Kind::MappingStart;
      event.anchor = name_of(data.mapping_start.anchor);
      break;
    case YAML_SEQUENCE_END_EVENT:
      event.kind = Event::Kind::SequenceEnd;
      break;
    case YAML_MAPPING_END_EVENT:
      event.kind = Event::Kind::MappingEnd;
      break;
    case YAML_DOCUMENT_START_EVENT:
      event.kind = Event::Kind::DocumentStart;
      break;
    case YAML_STREAM_END_EVENT:
      parser_->over = true;
      break;
    default:
      event.kind = Event::Kind::Other;
  }
  return event;
}

}  // namespace cml::yaml
