// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { queryProblemOf, slugOf } from "./query-problem";

test("the place of a broken condition is found in what was written", () => {
  expect(queryProblemOf("q: a value is missing near ''", "", "level>")).toEqual({ why: "a value is missing", at: 6 });
  expect(queryProblemOf(`q: a string is not closed near '"traffic'`, "", 'a==1;purpose=="traffic')).toEqual({ why: "a string is not closed", at: 14 });
  expect(queryProblemOf("query: unexpected ')'", "", "level>1)")).toEqual({ why: "unexpected", at: 7 });
  expect(queryProblemOf("query: a parenthesis is not closed", "", "(a>1")).toEqual({ why: "a parenthesis is not closed", at: null });
});

test("it is found although a name is sought by in the same condition", () => {
  expect(queryProblemOf("q: a value is missing near ')'", "시청", "level>")).toEqual({ why: "a value is missing", at: 6 });
  expect(queryProblemOf("q: an attribute name is missing near '>1)'", "시청", ">1")).toEqual({ why: "an attribute name is missing", at: 0 });
});

test("a pattern that cannot be read is pointed at; what is sealed has no place", () => {
  expect(queryProblemOf("pattern '(x': missing ): (x", "", "name~=(x")).toEqual({ why: "pattern", at: 6 });
  expect(queryProblemOf("q: https://a/b is sealed: it can be asked for with == or != and the whole value only", "", "b>1")).toEqual({ why: "sealed", at: null });
});

test("what is no complaint about a condition is none", () => {
  expect(queryProblemOf("limit is at most 10000", "", "level>1")).toBeNull();
  expect(slugOf('a value is a number, "string", true')).toBe("a_value_is_a_number_string_true");
});
