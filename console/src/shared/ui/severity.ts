// SPDX-License-Identifier: Apache-2.0
// The one table of severities: colour, shape, digit. Colours were chosen by simulation of three colour-vision
// deficiencies; the same fill serves both themes, in the day theme a dark edge gives it contrast.
export type Shape = "diamond" | "triangle" | "square" | "circle";

export interface SeverityLook {
  readonly colour: string;
  readonly shape: Shape;
  /** Outline in a 24 x 24 box. */
  readonly path: string;
  /** Where the digit stands, as the middle of its baseline. */
  readonly digit: readonly [number, number];
}

export const severities: Record<1 | 2 | 3 | 4, SeverityLook> = {
  1: { colour: "#ff375f", shape: "diamond", path: "M12 1.5 22.5 12 12 22.5 1.5 12Z", digit: [12, 16] },
  2: { colour: "#ff9f0a", shape: "triangle", path: "M12 2 23 21.5H1Z", digit: [12, 18.6] },
  3: { colour: "#fff3a3", shape: "square", path: "M3 3H21V21H3Z", digit: [12, 16] },
  4: { colour: "#3fa9f5", shape: "circle", path: "M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20Z", digit: [12, 16] },
};

export const severityOrder = [1, 2, 3, 4] as const;
export const digitOnFill = "#14181c";

/** Red, green, blue in 0..1, for the map. */
export function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
