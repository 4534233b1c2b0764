// The engine's value: what a JavaScript value is to Vega, in 16 bytes. Copies share; changes copy on write.
// A picture is drawn by one thread and shares no value with another's: reference counts are not atomic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cml::vega {

// Intrusive count; the base of everything a Value can point to.
class Counted {
 public:
  Counted() = default;
  Counted(Counted const&) {}
  Counted& operator=(Counted const&) { return *this; }
  virtual ~Counted() = default;
  mutable std::uint32_t references = 0;
};

template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* p) : p_(p) { retain(); }
  Ref(Ref const& other) : p_(other.p_) { retain(); }
  Ref(Ref&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  template <class U, class = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  Ref(Ref<U> const& other) : p_(other.get()) {
    retain();
  }
  Ref& operator=(Ref other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  ~Ref() {
    if (p_ && --p_->references == 0) delete p_;
  }
  T* get() const { return p_; }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(Ref const& other) const { return p_ == other.p_; }

 private:
  void retain() {
    if (p_) ++p_->references;
  }
  T* p_ = nullptr;
};

template <class T, class... Args>
Ref<T> make_ref(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

// Immutable shared string (UTF-8).
class Str {
 public:
  Str() = default;
  Str(std::string_view text);
  Str(char const* text) : Str(std::string_view(text)) {}
  Str(std::string const& text) : Str(std::string_view(text)) {}
  std::string_view view() const { return rep_ ? std::string_view(rep_->text) : std::string_view(); }
  operator std::string_view() const { return view(); }
  bool operator==(Str const& other) const {
    return rep_ == other.rep_ || (tag_ == other.tag_ && view() == other.view());
  }
  bool operator==(std::string_view other) const { return view() == other; }
  bool operator==(char const* other) const { return view() == other; }
  bool operator==(std::string const& other) const { return view() == other; }

 private:
  friend class Value;
  friend class Object;
  struct Rep : Counted {
    explicit Rep(std::string_view t);
    ~Rep() override;
    std::string text;
  };
  // Of a text: its length and its ends. Most names that differ differ in it, so that looking one up reads no other's
  // text.
  static std::uint32_t tag_of(std::string_view text) {
    if (text.empty()) return 0;
    return static_cast<std::uint32_t>(text.size() & 0xffff) |
           static_cast<std::uint32_t>(static_cast<unsigned char>(text.front())) << 16 |
           static_cast<std::uint32_t>(static_cast<unsigned char>(text.back())) << 24;
  }
  Ref<Rep> rep_;
  std::uint32_t tag_ = 0;
};

class Value;
class Table;    // A dataset as a value: columns instead of an array of objects (table.hpp).
class Outline;  // A shape as a value: numbers instead of path text (outline.hpp). To expressions it is what a function
                // is in JavaScript.
using Array = std::vector<Value>;

// Properties in insertion order, as JSON and JavaScript have them.
class Object {
 public:
  using Entry = std::pair<Str, Value>;
  Value const* find(std::string_view key) const;  // Null when absent.
  Value* find(std::string_view key);
  Value& operator[](std::string_view key);  // Appends undefined when absent.
  bool erase(std::string_view key);
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  // The keys must not change through an iterator.
  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;
  std::vector<Entry>& entries() {
    index_.clear();
    return entries_;
  }

 private:
  std::vector<Entry> entries_;
  mutable std::vector<std::uint32_t> index_;  // Open-addressed hash of entries_, built when there are many.
  std::size_t position(std::string_view key) const;
};

enum class Type : std::uint8_t {
  Undefined,
  Null,
  Boolean,
  Number,
  Date,
  String,
  Array,
  Object,
  Regexp,
  Table,
  Outline
};

class Value {
 public:
  Value() noexcept : type_(Type::Undefined) { data_.number = 0; }
  Value(std::nullptr_t) noexcept : type_(Type::Null) { data_.number = 0; }
  Value(bool b) noexcept : type_(Type::Boolean) { data_.boolean = b; }
  Value(double n) noexcept : type_(Type::Number) { data_.number = n; }
  Value(int n) noexcept : Value(static_cast<double>(n)) {}
  Value(unsigned n) noexcept : Value(static_cast<double>(n)) {}
  Value(long n) noexcept : Value(static_cast<double>(n)) {}
  Value(unsigned long n) noexcept : Value(static_cast<double>(n)) {}
  Value(Str text);
  Value(std::string_view text) : Value(Str(text)) {}
  Value(std::string const& text) : Value(Str(text)) {}
  Value(char const* text) : Value(Str(text)) {}
  Value(Array items);
  Value(Object properties);
  Value(Ref<Table> table);
  Value(Ref<Outline> outline);
  Value(Value const& other) noexcept : type_(other.type_), data_(other.data_) { retain(); }
  Value(Value&& other) noexcept : type_(other.type_), data_(other.data_) { other.type_ = Type::Undefined; }
  Value& operator=(Value other) noexcept {
    std::swap(type_, other.type_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Value() { release(); }

  static Value date(double milliseconds_utc);
  static Value regexp(std::string_view pattern, std::string_view flags);
  static Value array(std::initializer_list<Value> items);
  static Value object(std::initializer_list<std::pair<std::string_view, Value>> properties);

  Type type() const { return type_; }
  bool is_undefined() const { return type_ == Type::Undefined; }
  bool is_null() const { return type_ == Type::Null; }
  bool is_nullish() const { return type_ <= Type::Null; }
  bool is_boolean() const { return type_ == Type::Boolean; }
  bool is_number() const { return type_ == Type::Number; }
  bool is_date() const { return type_ == Type::Date; }
  bool is_string() const { return type_ == Type::String; }
  bool is_array() const { return type_ == Type::Array; }
  bool is_object() const { return type_ == Type::Object; }
  bool is_regexp() const { return type_ == Type::Regexp; }
  bool is_table() const { return type_ == Type::Table; }
  explicit operator bool() const = delete;  // Say defined() or truthy().
  bool defined() const { return type_ != Type::Undefined; }

  // The content, for the type asked; a mistake in the type is a bug of the caller, answered with an empty one.
  bool boolean() const { return type_ == Type::Boolean && data_.boolean; }
  double number() const;  // Also a date's milliseconds; NaN for others.
  std::string_view string() const;
  Str str() const;
  Array const& items() const;
  Object const& properties() const;
  Table const* table() const;
  Ref<Table> table_ref() const;
  Outline const* outline() const;         // Null for others.
  std::string_view regexp_flags() const;  // string() gives the pattern.

  // Reading never fails: a missing property, index or a wrong type reads as undefined.
  Value const& operator[](std::string_view key) const;
  Value const& operator[](char const* key) const { return (*this)[std::string_view(key)]; }
  Value const& at(std::size_t index) const;
  bool has(std::string_view key) const { return is_object() && properties().contains(key); }
  std::size_t size() const;  // Items, properties, rows or UTF-16 units of a string; 0 for others.
  std::string_view string_or(std::string_view fallback) const { return is_string() ? string() : fallback; }
  double number_or(double fallback) const { return is_number() ? data_.number : fallback; }
  bool bool_or(bool fallback) const { return is_boolean() ? data_.boolean : fallback; }

  // Changing: the value becomes an array or object first if it is not one; shared content is copied.
  Array& mutable_items();
  Object& mutable_properties();
  Value& member(std::string_view key) { return mutable_properties()[key]; }
  Value& set(std::string_view key, Value value);
  void push(Value value) { mutable_items().push_back(std::move(value)); }
  bool erase(std::string_view key) { return has(key) && mutable_properties().erase(key); }

  // JavaScript's conversions.
  bool truthy() const;
  double to_number() const;       // Number(v); a date's milliseconds; NaN for objects.
  std::string to_string() const;  // String(v); dates as in Date.prototype.toString are the caller's affair (ISO here).

  // Same content (deep); NaN equals NaN; numbers and dates are distinct; object key order does not matter.
  bool operator==(Value const& other) const;
  bool same_identity(Value const& other) const;  // JavaScript's === (objects by reference).
  // How many lists, objects and tables it nests when they were made; 0 for others.
  std::uint32_t nested() const;
  void const* identity() const {
    return type_ >= Type::String ? data_.counted : nullptr;
  }  // Of shared content; null for scalars.

 private:
  void retain() const {
    if (type_ >= Type::String && data_.counted) ++data_.counted->references;
  }
  void release() {
    if (type_ >= Type::String && data_.counted && --data_.counted->references == 0) delete data_.counted;
  }
  Type type_;
  union {
    bool boolean;
    double number;
    Counted* counted;
  } data_;
};

// Of what holds values nested so deep. Fails (EngineError) beyond what may be walked on the stack.
std::uint32_t nested_around(std::uint32_t inner);

inline constexpr std::size_t kMaxText = 64u << 20;  // Bytes a text may grow to.
void check_text_size(std::size_t bytes);            // Fails (EngineError) beyond kMaxText.

// JavaScript's Number.prototype.toString: shortest digits that read back, exponents from 1e21 and 1e-7 on.
std::string number_to_string(double number);
// JavaScript's Number(string): blank is 0, hex/octal/binary prefixes, Infinity; NaN when not wholly a number.
double string_to_number(std::string_view text);
// Length in UTF-16 units, as JavaScript counts.
std::size_t utf16_length(std::string_view utf8);

std::size_t hash_value(Value const& value);
struct ValueHash {
  std::size_t operator()(Value const& v) const { return hash_value(v); }
};

}  // namespace cml::vega
