// SPDX-License-Identifier: Apache-2.0
// The console's one desk and its one connection.
import { LiveConnection } from "./connection.svelte";
import { desk } from "./desk.svelte";

export { desk };
export const live = new LiveConnection(desk);
