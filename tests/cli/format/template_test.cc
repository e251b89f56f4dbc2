// The option -t: what Go's text/template makes of the same data.
#include "cli/format/template.h"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using orch::cli::fill_template;

namespace {

const boost::json::value data = boost::json::parse(R"({
  "ID": "example", "Priority": 50, "Stop": false, "Half": 0.5, "None": null, "Empty": [],
  "Groups": [{"Name": "a", "Count": 1}, {"Name": "b", "Count": 3}],
  "Meta": {"z": "1", "a": "2"}
})");

std::string filled(const std::string& text) {
  const auto out = fill_template(text, data);
  return out ? *out : out.error();
}

}  // namespace

TEST_CASE("values, fields and text around them") {
  CHECK(filled("plain") == "plain");
  CHECK(filled("{{.ID}}") == "example");
  CHECK(filled("<{{ .ID }}> {{.Priority}} {{.Stop}} {{.Half}} {{.None}}") == "<example> 50 false 0.5 <nil>");
  CHECK(filled("{{.Groups}}") == "[map[Count:1 Name:a] map[Count:3 Name:b]]");
  CHECK(filled("{{/* nothing */}}{{\"a\\\"b\"}}{{`c`}}{{true}}{{12}}{{-1.5}}") == "a\"bctrue12-1.5");
  CHECK(filled("{{index .Groups 1}}") == "map[Count:3 Name:b]");
  CHECK(filled("{{(index .Groups 1).Name}} {{index .Meta \"a\"}} {{index .Meta \"no\"}}") == "b 2 <nil>");
  CHECK(filled("{{.Meta.z}}") == "1");
  CHECK(filled("{{$.ID}}{{$x := .Priority}}{{$x}}") == "example50");
}

TEST_CASE("if, range, with and what they set") {
  CHECK(filled("{{if .Stop}}stopped{{else if eq .Priority 50}}fifty{{else}}else{{end}}") == "fifty");
  CHECK(filled("{{if .Empty}}x{{else}}none{{end}}{{if not .Empty}}!{{end}}") == "none!");
  CHECK(filled("{{range .Groups}}{{.Name}}={{.Count}};{{end}}") == "a=1;b=3;");
  CHECK(filled("{{range $i, $g := .Groups}}{{$i}}{{$g.Name}}{{$.ID}} {{end}}") == "0aexample 1bexample ");
  CHECK(filled("{{range $k, $v := .Meta}}{{$k}}:{{$v}} {{end}}") == "a:2 z:1 ");
  CHECK(filled("{{range .Empty}}x{{else}}nothing{{end}}") == "nothing");
  CHECK(filled("{{with .Meta}}{{.a}}{{end}}{{with .None}}x{{else}}no{{end}}") == "2no");
  CHECK(filled("a  {{- .ID -}}  b") == "aexampleb");
  CHECK(filled("{{range .Groups}}{{range $.Groups}}{{.Name}}{{end}}{{end}}") == "abab");
}

TEST_CASE("functions and pipes") {
  CHECK(filled("{{len .Groups}} {{len .ID}}") == "2 7");
  CHECK(filled("{{printf \"%s has %03d, %q %5.2f|%-8s|%8s|%v%%\" .ID .Priority .ID .Half .ID .ID .Stop}}") ==
        "example has 050, \"example\"  0.50|example | example|false%");
  CHECK(filled("{{.ID | printf \"<%s>\" | len}}") == "9");
  CHECK(filled("{{and .ID .Priority}} {{or .None .ID}} {{ne .Priority 3}} {{lt 1 2}} {{ge 1 2}} {{eq .ID \"x\" "
               "\"example\"}}") == "50 example true true false true");
  CHECK(filled("{{range .Groups}}{{println .Name .Count}}{{end}}") == "a 1\nb 3\n");
  CHECK(filled("{{printf \"%d\" .ID}} {{printf \"%s\"}}") == "%!d(example) %!s(MISSING)");
}

TEST_CASE("mistakes are named") {
  CHECK(filled("{{.Priorty}}") == "template: executing: can't evaluate field Priorty; did you mean .Priority?");
  CHECK(filled("{{.ID.X}}") == "template: executing: can't evaluate field X in example");
  CHECK(filled("{{.None.X}}") == "template: executing: nil has no field X");
  CHECK(filled("a\nb {{.ID") == "template: 2: unclosed action");
  CHECK(filled("{{if .ID}}x") == "template: 1: unexpected EOF: an {{if}}, {{range}} or {{with}} has no {{end}}");
  CHECK(filled("{{end}}") == "template: 1: unexpected {{end}}");
  CHECK(filled("{{frob .ID}}") == "template: 1: function \"frob\" not defined");
  CHECK(filled("{{}}") == "template: 1: missing value for command");
  CHECK(filled("{{\"a}}") == "template: 1: unclosed action");
  CHECK(filled("{{.ID .ID}}") == "template: 1: can't give an argument to something that is no function");
  CHECK(filled("{{$y}}") == "template: executing: undefined variable \"$y\"");
  CHECK(filled("{{index .Groups 9}}") == "template: executing: index out of range: 9");
  CHECK(filled("{{printf \"%9999d\" 1}}") == "template: executing: printf: a width of more than three digits");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{{if 1}}";
  CHECK(filled(deep) == "template: 1: nested too deep");
  CHECK(filled("{{" + std::string(1000, '(') + "}}") == "template: 1: nested too deep");
}
