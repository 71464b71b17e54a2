// SPDX-License-Identifier: Apache-2.0
// Signs of the units that sensors of a city report. Source: UN/CEFACT Recommendation 20, common codes.
const signs: Readonly<Record<string, string>> = {
  "59": "ppm", "61": "ppb", "2N": "dB", A97: "hPa", AMP: "A", B32: "kg/m²", BAR: "bar", C62: "", CEL: "°C", CMT: "cm", DD: "°", FAH: "°F", GP: "mg/m³",
  GQ: "µg/m³", H87: "", HTZ: "Hz", HUR: "h", KEL: "K", KGM: "kg", KMH: "km/h", KMT: "km", KVT: "kV", KWH: "kWh", KWT: "kW", LTR: "L", LUX: "lx",
  MIN: "min", MMT: "mm", MQH: "m³/h", MQS: "m³/s", MTK: "m²", MTQ: "m³", MTR: "m", MTS: "m/s", P1: "%", PAL: "Pa", SEC: "s", VLT: "V", WTT: "W",
};

/** The sign of a unit code; a code nobody knows here stands for itself. */
export const unitText = (code: string | null): string => (code === null ? "" : (signs[code] ?? code));
