// SPDX-License-Identifier: Apache-2.0
// Fills a text of the catalogue. Three forms of argument:
//   {name}                 as it is
//   {name|을를}            as it is, followed by the Korean particle that fits its last sound
//   {n|alarm/alarms}       the English word that fits the number (the number itself is written with {n})

export type Arguments = Record<string, string | number>;

const hangulBase = 0xac00;
const hangulLast = 0xd7a3;
/** Final sound of the Korean reading of a digit: 영 일 이 삼 사 오 육 칠 팔 구. */
const digitFinal = ["ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", ""];
/** Letters whose Korean reading ends in a consonant: 엘 엠 엔 알. */
const letterFinal: Record<string, string> = { l: "ㄹ", m: "ㅁ", n: "ㄴ", r: "ㄹ" };

/** "" when the word ends in a vowel, "ㄹ" when it ends in ㄹ, else any other mark. */
export function finalSound(word: string): string {
  const bare = word.replace(/[\s)\]}"'’”.,·…]+$/u, "");
  const last = bare.at(-1) ?? "";
  const code = last.charCodeAt(0);
  if (code >= hangulBase && code <= hangulLast) {
    const final = (code - hangulBase) % 28;
    return final === 0 ? "" : final === 8 ? "ㄹ" : "ㄱ";
  }
  if (/\d/.test(last)) return digitFinal[Number(last)] ?? "";
  return letterFinal[last.toLowerCase()] ?? "";
}

/** Pairs are written consonant form first: 을를, 이가, 은는, 과와, 으로로, 이에요예요. */
export function particle(word: string, pair: string): string {
  const final = finalSound(word);
  if (pair === "으로로") return final === "" || final === "ㄹ" ? "로" : "으로";
  const half = pair.length / 2;
  return final === "" ? pair.slice(Math.floor(half)) : pair.slice(0, Math.ceil(half));
}

export function fill(text: string, given: Arguments): string {
  return text.replace(/\{(\w+)(?:\|([^}]+))?\}/g, (whole, name: string, form: string | undefined) => {
    const value = given[name];
    if (value === undefined) return whole;
    if (form === undefined) return String(value);
    const words = form.split("/");
    if (words.length === 2) return (Number(value) === 1 ? words[0] : words[1]) ?? "";
    return `${value}${particle(String(value), form)}`;
  });
}

/** A longer, marked form of an English text: shows what overflows and what was never translated. */
export function pseudo(text: string): string {
  const parts = text.split(/(\{[^}]+\})/);
  const marked = parts.map((part) => (part.startsWith("{") ? part : part.replace(/[aeiou]/g, (v) => `${v}${v}`)));
  return `[${marked.join("")}${"~".repeat(Math.ceil(text.length * 0.1))}]`;
}
