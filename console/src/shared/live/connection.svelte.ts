// SPDX-License-Identifier: Apache-2.0
// The one socket of the console: keeps it open, keeps the frames in order, asks for what was missed.
import type { Server, View, Hello } from "./wire";
import { PlatformClock } from "./clock";
import type { Desk } from "./desk.svelte";
import { decodeFrame, type BinaryFrame } from "./frames";
import { isUnnumbered, reconnectDelayMs, Sequence, tryAgainLater } from "./sequence";

export type Status = "off" | "connecting" | "live" | "lost";

/** The live picture is late: a banner at 3 s, dimmed at 10 s. */
export const lateMs = 3000;
export const deadMs = 10_000;
const resumeAgainMs = 5000;

export class LiveConnection {
  status = $state<Status>("off");
  lagMs = $state(0);
  /** Platform time, ms since the epoch; ticks each 250 ms. */
  now = $state(Date.now());
  scale = $state(1);
  version = $state("");
  /** Frames lost and asked for again, reconnections: shown in the connection's card. */
  gaps = $state(0);
  reconnects = $state(0);
  framesPerSecond = $state(0);

  readonly #desk: Desk;
  readonly #clock = new PlatformClock();
  readonly #sequence = new Sequence();
  #socket: WebSocket | null = null;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #view: View | null = null;
  #objects = 0;
  #objectsSince = 0;
  #tenant = "";
  #lostSince: number | null = null;
  #greeted = false;
  onBinary: ((frame: BinaryFrame) => void) | undefined;
  onConfig: (() => void) | undefined;
  /** The server came back as another version: the page on screen may be old. */
  onNewVersion: (() => void) | undefined;
  onLive: (() => void) | undefined;
  /** A socket ended before the server greeted it: it may not know this session any more. */
  onRefused: (() => void) | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  open(): void {
    if (this.#socket !== null) return;
    this.status = this.#lostSince === null ? "connecting" : "lost";
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#greeted = false;
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.#receive(event.data);
    socket.onclose = (event) => this.#closed(socket, event.code === tryAgainLater);
    this.#ticker ??= setInterval(() => this.#tick(), 250);
  }

  close(): void {
    clearTimeout(this.#retry);
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.status = "off";
    this.#sequence.reset();
    this.#attempt = 0;
    this.#lostSince = null;
  }

  /** What part of the map is looked at; sent again after each reconnection. */
  look(view: View): void {
    this.#view = view;
    this.#send(view);
  }

  /** Live values are too old to be trusted. */
  get dead(): boolean {
    return this.status !== "live" && this.status !== "connecting" ? this.lagMs > deadMs : this.lagMs > deadMs;
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #closed(socket: WebSocket, asked: boolean): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.status = "lost";
    this.#lostSince ??= performance.now();
    if (!this.#greeted) this.onRefused?.();
    this.#retry = setTimeout(() => this.open(), reconnectDelayMs(this.#attempt++, Math.random(), asked));
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      const frame = decodeFrame(data);
      if (frame === null) return;
      if ("handle" in frame) this.#objects += frame.handle.length;
      this.onBinary?.(frame);
      return;
    }
    const frame = JSON.parse(data) as Server;
    if (frame.type === "heartbeat") {
      this.#clock.stamp(performance.now(), Date.parse(frame.at));
      return;
    }
    if (frame.type === "hello") return this.#greet(frame);
    if (isUnnumbered(frame)) {
      this.#apply(frame);
      if (this.#sequence.behind(frame)) this.#resume();
      return;
    }
    const verdict = this.#sequence.accept(frame);
    if (verdict === "apply") this.#apply(frame);
    if (verdict === "lost") this.#resume();
  }

  #greet(frame: Hello): void {
    this.#clock.start(frame.data.clock.scale);
    this.#clock.stamp(performance.now(), Date.parse(frame.data.server_time));
    this.scale = this.#clock.scale;
    if (this.#tenant !== frame.data.tenant) this.#sequence.reset();
    // A desk that stands behind what is held is another desk (restored server): start from its snapshot.
    if (frame.data.seq < this.#sequence.held) this.#sequence.reset();
    this.#tenant = frame.data.tenant;
    if (this.version !== "" && this.version !== frame.data.version) this.onNewVersion?.();
    this.version = frame.data.version;
    this.#greeted = true;
    if (this.#lostSince !== null) this.reconnects++;
    this.#lostSince = null;
    this.#attempt = 0;
    this.status = "live";
    this.#askedAt = performance.now();
    this.#send({ type: "resume", seq: this.#sequence.held });
    if (this.#view !== null) this.#send(this.#view);
    this.onLive?.();
    this.#tick();
  }

  #resume(): void {
    const now = performance.now();
    if (now - this.#askedAt < resumeAgainMs) return;
    this.#askedAt = now;
    this.gaps++;
    this.#send({ type: "resume", seq: this.#sequence.held });
  }

  #apply(frame: Exclude<Server, { type: "heartbeat" } | Hello>): void {
    switch (frame.type) {
      case "alarm":
        return this.#desk.putAlarm(frame.data);
      case "incident":
        return this.#desk.putIncident(frame.data);
      case "step":
        return this.#desk.putStep(frame.data.incident, frame.data.step);
      case "notice":
        return this.#desk.putNotice(frame.data);
      case "counter":
        return this.#desk.setCounters(frame.data);
      case "presence":
        this.#desk.people = frame.data.people;
        return;
      case "audit":
        this.#desk.audit = frame.data;
        return;
      case "snapshot":
        return this.#desk.replace(frame.data.alarms, frame.data.incidents, frame.data.counters);
      case "config":
        this.onConfig?.();
        return;
      case "gap":
        this.gaps++;
        return;
    }
  }

  #tick(): void {
    const local = performance.now();
    this.now = this.#clock.now(local, Date.now());
    const silence = this.#lostSince === null ? 0 : local - this.#lostSince;
    this.lagMs = Math.max(this.#clock.lag(local), silence);
    if (local - this.#objectsSince >= 1000) {
      this.framesPerSecond = Math.round((this.#objects * 1000) / (local - this.#objectsSince));
      this.#objects = 0;
      this.#objectsSince = local;
    }
    // A socket that says nothing for 15 s is dead even if TCP has not noticed.
    if (this.#socket !== null && this.status === "live" && this.#clock.lag(local) > 15_000) this.#socket.close();
  }
}
