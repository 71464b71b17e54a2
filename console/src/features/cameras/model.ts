// SPDX-License-Identifier: Apache-2.0
// A small plan of one camera around the alarm: the alarm in the middle, north up, distance drawn on a square root so
// that near cameras stay apart.
import type { CameraPick } from "@/shared/api/contract.gen";

export interface Plan {
  x: number;
  y: number;
  /** Path of the view sector; "" when the camera's view is not known. */
  sector: string;
}

const planRadius = 38;
const fullDistanceM = 500;
const sectorLength = 46;
const rad = Math.PI / 180;

export function planOf(camera: Pick<CameraPick, "bearing_deg" | "distance_m" | "azimuth_deg" | "fov_deg">): Plan {
  const reach = planRadius * Math.min(1, Math.max(0.35, Math.sqrt(camera.distance_m / fullDistanceM)));
  const x = round(Math.sin(camera.bearing_deg * rad) * reach);
  const y = round(-Math.cos(camera.bearing_deg * rad) * reach);
  if (camera.azimuth_deg === undefined || camera.fov_deg === undefined) return { x, y, sector: "" };
  const half = Math.min(camera.fov_deg, 350) / 2;
  const tip = (bearing: number) => {
    const tx = round(x + Math.sin(bearing * rad) * sectorLength);
    const ty = round(y - Math.cos(bearing * rad) * sectorLength);
    return `${tx} ${ty}`;
  };
  const large = half > 90 ? 1 : 0;
  const arc = `A${sectorLength} ${sectorLength} 0 ${large} 1 ${tip(camera.azimuth_deg + half)}`;
  return { x, y, sector: `M${x} ${y}L${tip(camera.azimuth_deg - half)}${arc}Z` };
}

const round = (value: number) => Math.round(value * 10) / 10;
