// Tables for people: columns, order, the first rows, nested cells, and rows paired by key.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "report/compose/table_request.hpp"
#include "support/report_project.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

TEST_CASE("cli: a table has the columns, the order and the number of rows that are asked for", "[cli][report-tables]") {
  ReportProject p;
  p.put("r.csv", "model,acc,seconds\na,0.5,3\nb,0.75,\nc,0.25,1\nd,0.625,2\n");
  auto const top = p.run({"report", "create", "--table", "r.csv:column=model,column=acc,sort=-acc,top=2"});
  CHECK(top.exit_code == 0);
  CHECK(top.out == "| model | acc |\n| --- | ---: |\n| b | 0.75 |\n| d | 0.625 |\n\n*the first 2 of 4 rows by acc*\n");
  // What has no value comes last, whichever way the order goes.
  for (char const* order : {"r.csv:column=model,sort=seconds", "r.csv:column=model,sort=-seconds"})
    CHECK(p.run({"report", "create", "--table", order}).out.ends_with("| b |\n"));
  auto const wrong = p.run({"report", "create", "--table", "r.csv:column=model,column=nope,sort=gone"});
  CHECK(contains(wrong.out, "table r.csv: has no column \"nope\""));
  CHECK(contains(wrong.out, "table r.csv: has no column \"gone\""));
  CHECK(p.run({"report", "create", "--strict", "--table", "r.csv:column=nope"}).exit_code == 1);
  for (char const* bad : {"r.csv:top=0", "r.csv:top=x", "r.csv:limit=3", "r.csv:sort="})
    CHECK(p.run({"report", "create", "--table", bad}).exit_code == 1);
  p.put("cml.yaml", "report:\n  table: {file: r.csv, column: [acc, model], sort: acc, top: 1}\n");
  CHECK(contains(p.run({"report", "create"}).out, "| acc | model |\n| ---: | --- |\n| 0.25 | c |\n"));
}

TEST_CASE("cli: records in a record are columns of their own", "[cli][report-tables]") {
  ReportProject p;
  p.put("r.json", R"([{"id": 1, "scores": {"acc": 0.5, "deep": {"x": 2}}, "tags": ["a", "b"], "none": {}},
                      {"id": 2, "scores": {"acc": 0.75}}])");
  auto const run = p.run({"report", "create", "--table", "r.json"});
  CHECK(contains(run.out, "| id | scores.acc | scores.deep.x | tags | none |"));
  CHECK(contains(run.out, "| 2 | 0.75 |  |  |  |"));
  CHECK(contains(run.out, "| 1 | 0.5 | 2 | \\['a', 'b'\\] | {} |"));
  CHECK(p.run({"report", "create", "--plot", "r.json:x=id,y=scores.acc", "-o", "r.md", "--strict"}).exit_code == 0);
}

TEST_CASE("cli: rows are paired by key, and what began to fail comes first", "[cli][report-tables]") {
  ReportProject p;
  p.put("r.csv", "task,size,result,score\na,1,pass,0.5\na,2,pass,0.75\nb,1,fail,1\nold,1,pass,1\nsame,1,pass,1\n");
  p.commit();
  p.put("r.csv", "task,size,result,score\nsame,1,pass,1\na,1,pass,0.625\nb,1,pass,1\nnew,1,pass,1\na,2,fail,0.75\n");
  auto const run = p.run({"report", "create", "--compare", "main", "--table", "r.csv:key=task,key=size"});
  CHECK(run.out ==
        "| task | size | result | score | change |\n| --- | ---: | --- | --- | --- |\n"
        "| a | 2 | pass → fail | 0.75 | began to fail |\n"
        "| b | 1 | fail → pass | 1 | passes again |\n"
        "| new | 1 | pass | 1 | new |\n"
        "| old | 1 | pass | 1 | gone |\n"
        "| a | 1 | pass | 0.5 → 0.625 | changed |\n"
        "| same | 1 | pass | 1 |  |\n\n"
        "*1 began to fail, 1 passing again, 1 new, 1 gone, 1 changed otherwise, 1 unchanged against main*\n");
  auto const few =
      p.run({"report", "create", "--compare", "main", "--table", "r.csv:key=task,key=size,column=task,top=1"});
  CHECK(contains(few.out, "| task | change |\n| --- | --- |\n| a | began to fail |\n"));
  auto const printed = p.run({"report", "create", "--json", "--compare", "main", "--table", "r.csv:key=task"});
  CHECK(contains(json::parse(printed.out)["blocks"][0]["notes"][1].get<std::string>(), "share their key"));
  CHECK(contains(p.run({"report", "create", "--compare", "main", "--table", "r.csv:key=nope"}).out,
                 "has no column \"nope\""));
  // With nothing to compare with it is the table alone.
  CHECK(p.run({"report", "create", "--table", "r.csv:key=task,top=1"}).out ==
        "| task | size | result | score |\n| --- | ---: | --- | ---: |\n| same | 1 | pass | 1 |\n\n"
        "*the first 1 of 5 rows*\n");
}

TEST_CASE("report: a verdict is a word, or a truth of a column that is called so", "[report][report-tables]") {
  auto const fate = [](char const* name, metrics::Scalar before, metrics::Scalar after) {
    metrics::Records old_table, table;
    old_table.columns = {{"id", {}, {std::string("x")}}, {name, {}, {std::move(before)}}};
    table.columns = {{"id", {}, {std::string("x")}}, {name, {}, {std::move(after)}}};
    std::vector<std::string> notes;
    return metrics::to_python(report::paired_by_key(table, old_table, {"id"}, "main", notes).columns[2].at(0));
  };
  CHECK(fate("passed", true, false) == "began to fail");
  CHECK(fate("tests.ok", true, false) == "began to fail");
  for (char const* other : {"is_toxic", "broken", "invoked"}) CHECK(fate(other, true, false) == "changed");
  CHECK(fate("outcome", std::string("FAILED"), std::string("Passed")) == "passes again");
  CHECK(fate("outcome", std::string("failed"), std::string("error")) == "changed");
  CHECK(fate("n", std::int64_t{1}, 1.0).empty());
  CHECK(fate("n", metrics::Scalar{}, 1.0) == "changed");
}
