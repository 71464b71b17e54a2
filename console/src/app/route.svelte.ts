// SPDX-License-Identifier: Apache-2.0
// Which screen is shown and what of it; the part after # so that one index.html serves every address.
// #/entities?type=Camera&id=urn:…  An address can be sent to a colleague, and the browser's back key goes back.
export type Screen = "map" | "links" | "assets" | "entities" | "subscriptions";
export type Asked = Readonly<Record<string, string>>;

const screens: readonly Screen[] = ["map", "links", "assets", "entities", "subscriptions"];

function fromHash(): { screen: Screen; asked: Asked } {
  const [name, query] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { screen: screens.find((screen) => screen === name) ?? "map", asked: Object.fromEntries(new URLSearchParams(query ?? "")) };
}

class Route {
  screen = $state<Screen>("map");
  asked = $state.raw<Asked>({});

  constructor() {
    this.#read();
    addEventListener("hashchange", () => this.#read());
  }

  #read(): void {
    const { screen, asked } = fromHash();
    this.screen = screen;
    this.asked = asked;
  }

  go(screen: Screen, asked: Asked = {}): void {
    location.hash = addressOf(screen, asked);
    this.screen = screen;
    this.asked = asked;
  }
}

export function addressOf(screen: Screen, asked: Asked = {}): string {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== "")).toString();
  return `#/${screen === "map" ? "" : screen}${query === "" ? "" : `?${query}`}`;
}

export const route = new Route();
