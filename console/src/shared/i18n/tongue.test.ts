// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { runs } from "./tongue";

test("in English each Korean part of a text is marked and nothing else", () => {
  expect(runs("In hand · 박서연", "en")).toEqual([{ text: "In hand · " }, { text: "박서연", lang: "ko" }]);
  expect(runs("중앙시장 3동 (B라인) door", "en")).toEqual([{ text: "중앙시장 3동", lang: "ko" }, { text: " (B" }, { text: "라인", lang: "ko" }, { text: ") door" }]);
  expect(runs("Jungang Market", "en")).toEqual([{ text: "Jungang Market" }]);
});

test("in Korean a text without a Korean letter is marked when it has words, a code is not", () => {
  expect(runs("Market hall 3", "ko")).toEqual([{ text: "Market hall 3", lang: "en" }]);
  expect(runs("C-0456", "ko")).toEqual([{ text: "C-0456" }]);
  expect(runs("119 신고 화재 · Market hall 3, line B", "ko")).toEqual([{ text: "119 신고 화재 · " }, { text: "Market hall 3, line B", lang: "en" }]);
  expect(runs("CCTV 관제", "ko")).toEqual([{ text: "CCTV 관제" }]);
});

test("no letter is lost", () => {
  for (const text of ["", "a", "가", "가 a 나", "119 상황실, 2층 / A동 3"]) {
    for (const language of ["ko", "en"] as const) expect(runs(text, language).map((run) => run.text).join("")).toBe(text);
  }
});
