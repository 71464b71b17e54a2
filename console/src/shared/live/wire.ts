// SPDX-License-Identifier: Apache-2.0
// The frames of /live under the names the console uses.
import type { Client, Hello as HelloFrame, Server as ServerFrame } from "@/shared/api/contract.gen";

export type Server = ServerFrame;
export type Hello = HelloFrame;
export type View = Extract<Client, { type: "view" }>;
