// Precedence climbing over the grammar of vega-expression: conditional, binary, unary, member, call and literals.
#include <algorithm>
#include <set>
#include <array>

#include "vega/expr/ast.hpp"
#include "vega/expr/lexer.hpp"

namespace cml::vega {
namespace {

struct BinaryRow {
  std::string_view text;
  Operator op;
  int precedence;
};
constexpr std::array<BinaryRow, 23> kBinary{
    {{"||", Operator::Or, 1},           {"&&", Operator::And, 2},        {"|", Operator::BitOr, 3},
     {"^", Operator::BitXor, 4},        {"&", Operator::BitAnd, 5},      {"==", Operator::Equal, 6},
     {"!=", Operator::NotEqual, 6},     {"===", Operator::Same, 6},      {"!==", Operator::NotSame, 6},
     {"<", Operator::Less, 7},          {">", Operator::Greater, 7},     {"<=", Operator::LessEqual, 7},
     {">=", Operator::GreaterEqual, 7}, {"in", Operator::In, 7},         {"instanceof", Operator::InstanceOf, 7},
     {"<<", Operator::ShiftLeft, 8},    {">>", Operator::ShiftRight, 8}, {">>>", Operator::ShiftRightUnsigned, 8},
     {"+", Operator::Add, 9},           {"-", Operator::Subtract, 9},    {"*", Operator::Multiply, 11},
     {"/", Operator::Divide, 11},       {"%", Operator::Remainder, 11}}};

BinaryRow const* binary(Token const& token) {
  if (token.kind != Token::Kind::Punctuator && token.kind != Token::Kind::Keyword) return nullptr;
  auto const is_token = [&](BinaryRow const& row) { return row.text[0] == token.text[0] && row.text == token.text; };
  auto const found = std::find_if(kBinary.begin(), kBinary.end(), is_token);
  return found == kBinary.end() ? nullptr : &*found;
}

class Parser {
 public:
  Parser(std::string_view text, std::string const& path, ParseLimits const& limits)
      : lexer_(text, path), limits_(limits) {
    if (text.size() > limits.max_length)
      lexer_.fail_at(0, "longer than " + std::to_string(limits.max_length) + " bytes");
    advance();
  }
  AstPtr parse() {
    auto node = conditional();
    if (token_.is(",")) unexpected("sequences of expressions are not allowed");
    if (token_.kind != Token::Kind::End) unexpected("unexpected " + shown(token_));
    return node;
  }

 private:
  static std::string shown(Token const& token) {
    if (token.kind == Token::Kind::End) return "end";
    if (token.kind == Token::Kind::Number) return "number";
    if (token.kind == Token::Kind::String) return "text";
    return "\"" + std::string(token.text) + "\"";
  }
  [[noreturn]] void unexpected(std::string const& text) { lexer_.fail_at(token_.start, text); }
  void advance() { token_ = lexer_.next(); }
  bool accept(std::string_view punctuator) {
    if (!token_.is(punctuator)) return false;
    advance();
    return true;
  }
  void expect(std::string_view punctuator) {
    if (!accept(punctuator)) unexpected("\"" + std::string(punctuator) + "\" was expected, not " + shown(token_));
  }
  struct Nested {
    explicit Nested(Parser& p) : parser(p) {
      if (++parser.nesting_ > parser.limits_.max_nesting)
        parser.unexpected("nested deeper than " + std::to_string(parser.limits_.max_nesting));
    }
    ~Nested() { --parser.nesting_; }
    Parser& parser;
  };

  AstPtr make(AstNode::Kind kind, std::size_t start) {
    auto node = std::make_unique<AstNode>();
    node->kind = kind;
    node->start = static_cast<std::uint32_t>(start);
    return node;
  }
  void add(AstPtr& node, AstPtr child) {
    node->depth = std::max(node->depth, child->depth + 1);
    if (node->depth > limits_.max_depth)
      unexpected("the expression is longer than " + std::to_string(limits_.max_depth) + " steps");
    node->children.push_back(std::move(child));
  }

  AstPtr conditional() {
    Nested const guard(*this);
    auto test = binary_from(1);
    if (!accept("?")) return test;
    auto node = make(AstNode::Kind::Conditional, test->start);
    add(node, std::move(test));
    add(node, conditional());
    expect(":");
    add(node, conditional());
    return node;
  }

  AstPtr binary_from(int lowest) {
    auto left = unary();
    for (;;) {
      auto const* row = binary(token_);
      if (!row || row->precedence < lowest) return left;
      advance();
      auto node = make(row->precedence <= 2 ? AstNode::Kind::Logical : AstNode::Kind::Binary, left->start);
      node->op = row->op;
      add(node, std::move(left));
      add(node, binary_from(row->precedence + 1));
      left = std::move(node);
    }
  }

  AstPtr unary() {
    auto const op = token_.is("+")   ? Operator::Plus
                    : token_.is("-") ? Operator::Minus
                    : token_.is("~") ? Operator::BitNot
                    : token_.is("!") ? Operator::Not
                                     : Operator::None;
    if (op == Operator::None) {
      if (token_.is("++") || token_.is("--")) unexpected("assignments are not allowed");
      return postfix();
    }
    Nested const guard(*this);
    auto node = make(AstNode::Kind::Unary, token_.start);
    node->op = op;
    advance();
    add(node, unary());
    return node;
  }

  AstPtr postfix() {
    auto node = primary();
    for (;;) {
      auto const start = token_.start;
      if (accept(".")) {
        using Kind = Token::Kind;
        if (token_.kind != Kind::Identifier && token_.kind != Kind::Keyword && token_.kind != Kind::Null &&
            token_.kind != Kind::Boolean)
          unexpected("a name was expected, not " + shown(token_));
        auto property = make(AstNode::Kind::Identifier, token_.start);
        property->name = token_.text;
        advance();
        node = member(std::move(node), std::move(property), false);
      } else if (accept("[")) {
        auto property = conditional();
        if (token_.is(",")) unexpected("sequences of expressions are not allowed");
        expect("]");
        node = member(std::move(node), std::move(property), true);
      } else if (token_.is("(")) {
        if (node->kind != AstNode::Kind::Identifier) unexpected("only named functions can be called");
        advance();
        auto call = make(AstNode::Kind::Call, node->start);
        call->name = node->name;
        if (!accept(")")) {
          do add(call, conditional());
          while (accept(","));
          expect(")");
        }
        node = std::move(call);
      } else if (token_.is("++") || token_.is("--")) {
        lexer_.fail_at(start, "assignments are not allowed");
      } else {
        return node;
      }
    }
  }
  AstPtr member(AstPtr object, AstPtr property, bool computed) {
    auto node = make(AstNode::Kind::Member, object->start);
    node->computed = computed;
    add(node, std::move(object));
    add(node, std::move(property));
    return node;
  }

  AstPtr primary() {
    using Kind = Token::Kind;
    auto const start = token_.start;
    if (accept("(")) {
      auto node = conditional();
      if (token_.is(",")) unexpected("sequences of expressions are not allowed");
      expect(")");
      return node;
    }
    if (accept("[")) return array(start);
    if (accept("{")) return object(start);
    if (token_.kind == Kind::Identifier || (token_.kind == Kind::Keyword && token_.text == "if")) {
      auto node = make(AstNode::Kind::Identifier, start);
      node->name = token_.text;
      advance();
      return node;
    }
    auto node = make(AstNode::Kind::Literal, start);
    if (token_.is("/") || token_.is("/=")) {
      auto const regexp = lexer_.regexp(token_);
      node->literal = Value::regexp(regexp.text, regexp.flags);
    } else if (token_.kind == Kind::String) {
      node->literal = Value(token_.text);
    } else if (token_.kind == Kind::Number) {
      node->literal = token_.number;
    } else if (token_.kind == Kind::Boolean) {
      node->literal = token_.text == "true";
    } else if (token_.kind == Kind::Null) {
      node->literal = nullptr;
    } else if (token_.kind == Kind::Keyword) {
      unexpected(shown(token_) + " is not allowed");
    } else {
      unexpected("unexpected " + shown(token_));
    }
    advance();
    return node;
  }

  AstPtr array(std::size_t start) {
    auto node = make(AstNode::Kind::Array, start);
    while (!token_.is("]")) {
      if (accept(",")) {  // A hole reads as undefined.
        add(node, make(AstNode::Kind::Literal, token_.start));
        continue;
      }
      add(node, conditional());
      if (!token_.is("]")) expect(",");
    }
    expect("]");
    return node;
  }

  AstPtr object(std::size_t start) {
    auto node = make(AstNode::Kind::Object, start);
    std::set<std::string> known;
    while (!token_.is("}")) {
      using Kind = Token::Kind;
      if (token_.kind == Kind::End || token_.kind == Kind::Punctuator)
        unexpected("a property name was expected, not " + shown(token_));
      std::string const key = token_.kind == Kind::Number ? number_to_string(token_.number) : std::string(token_.text);
      if (!known.insert(key).second) unexpected("property \"" + key + "\" is given twice");
      advance();
      expect(":");
      node->keys.emplace_back(key);
      add(node, conditional());
      if (!token_.is("}")) expect(",");
    }
    expect("}");
    return node;
  }

  Lexer lexer_;
  ParseLimits const& limits_;
  Token token_;
  int nesting_ = 0;
};

}  // namespace

AstPtr parse_expression(std::string_view text, std::string const& path, ParseLimits const& limits) {
  return Parser(text, path, limits).parse();
}

}  // namespace cml::vega
