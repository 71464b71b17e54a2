// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import en from "./en.json";
import ko from "./ko.json";
import { fill, particle, pseudo } from "./text";

test("a Korean particle follows the last sound of the word", () => {
  expect(fill("{who|이가} 확인", { who: "박서연" })).toBe("박서연이 확인");
  expect(fill("{who|이가} 확인", { who: "최민재" })).toBe("최민재가 확인");
  expect(fill("{what|을를} 종결", { what: "화재" })).toBe("화재를 종결");
  expect(fill("{what|을를} 종결", { what: "경보" })).toBe("경보를 종결");
});

test("the direction particle treats a final rieul as a vowel", () => {
  expect(particle("서울", "으로로")).toBe("로");
  expect(particle("시장", "으로로")).toBe("으로");
  expect(particle("바다", "으로로")).toBe("로");
});

test("digits and Latin letters are read as in Korean", () => {
  expect(particle("카메라 3", "이가")).toBe("이");
  expect(particle("카메라 4", "이가")).toBe("가");
  expect(particle("CCTV", "을를")).toBe("를");
  expect(particle("VPN", "을를")).toBe("을");
});

test("closing marks do not hide the last sound", () => {
  expect(particle("중앙시장(본관)", "은는")).toBe("은");
});

test("English chooses one or many", () => {
  expect(fill("{n} new {n|alarm/alarms}", { n: 1 })).toBe("1 new alarm");
  expect(fill("{n} new {n|alarm/alarms}", { n: 3 })).toBe("3 new alarms");
});

test("an argument that is missing stays visible", () => {
  expect(fill("{missing}", {})).toBe("{missing}");
});

test("both catalogues have the same keys and the same arguments", () => {
  const names = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((m) => m[1]))].sort().join();
  expect(Object.keys(ko)).toEqual(Object.keys(en));
  for (const [key, text] of Object.entries(ko)) {
    expect([key, names(text)]).toEqual([key, names(en[key as keyof typeof en])]);
  }
});

test("the pseudo language keeps arguments and grows", () => {
  const text = "Close the alarm {id} with a disposition";

  expect(pseudo(text)).toContain("{id}");
  expect(pseudo(text).length).toBeGreaterThan(text.length * 1.3);
});
