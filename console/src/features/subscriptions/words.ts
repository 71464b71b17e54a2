// SPDX-License-Identifier: Apache-2.0
import { t } from "@/shared/i18n/index.svelte";
import { failureOf } from "./model";

/** Why it failed in one short text; empty when nobody knows. */
export function failureText(error: string): string {
  const failure = failureOf(error);
  if (failure === null) return "";
  if (failure.kind === "answered") return t("subscription_answered", { status: failure.status });
  if (failure.kind === "silent") return failure.why === "" ? t("subscription_silent") : `${t("subscription_silent")} (${failure.why})`;
  return failure.why;
}
