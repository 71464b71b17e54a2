// SPDX-License-Identifier: Apache-2.0
import { call } from "@/shared/api/client";
import type { Asset, Operations } from "@/shared/api/contract.gen";

export type AssetPage = Operations["listAssets"]["answer"];
export type AssetQuery = Operations["listAssets"]["query"];

export const listAssets = (query: AssetQuery, signal: AbortSignal): Promise<AssetPage> => call("listAssets", { query, signal });
export const readAsset = (id: string): Promise<Asset> => call("getAsset", { params: { id } });
