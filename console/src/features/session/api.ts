// SPDX-License-Identifier: Apache-2.0
import { call } from "@/shared/api/client";
import type { Session } from "@/shared/api/contract.gen";

export const readSession = (): Promise<Session> => call("getSession", {});
export const signIn = (user: string, password: string): Promise<Session> => call("signIn", { body: { user, password } });
export const signOut = (): Promise<undefined> => call("signOut", {});
export const changePassword = (current: string, next: string): Promise<Session> =>
  call("changePassword", { body: { current, next } });
