// SPDX-License-Identifier: Apache-2.0
// Only for looking at the screens while the server is being built; goes away when it stands.
// node e2e/dev-server.mjs CITY_DIR [PORT]
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const [dir = "", port = "0"] = process.argv.slice(2);
const dist = new URL("../dist/", import.meta.url).pathname;
const city = JSON.parse(readFileSync(join(dir, "city.json"), "utf8"));
const entities = readFileSync(join(dir, "entities.ndjson"), "utf8").trim().split("\n").map((l) => JSON.parse(l));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const csp = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'";
const me = { id: "01JADMIN00000000000000000A", name: "박서연" };
const other = { id: "01JOTHER00000000000000000A", name: "이도현" };
let n = 0;
const id = () => `01J${(Date.now() % 1e9).toString(36).toUpperCase().padStart(8, "0")}${String(n++).padStart(15, "0")}`;
const iso = (ago = 0) => new Date(Date.now() - ago * 1000).toISOString();
const at = (e) => e.location.value.coordinates;
const lt = (p) => ({ ko: p?.languageMap?.ko ?? "", en: p?.languageMap?.en ?? "" });
const cams = entities.filter((e) => e.type === "Camera");
const rad = Math.PI / 180;
function dist_m([x1, y1], [x2, y2]) { const k = Math.cos(y1 * rad) * 111320; return Math.hypot((x2 - x1) * k, (y2 - y1) * 110950); }
function bearing([x1, y1], [x2, y2]) { return (Math.atan2((x2 - x1) * Math.cos(y1 * rad), y2 - y1) / rad + 360) % 360; }
function place(e) { const [lon, lat] = at(e); return { lon, lat, name: lt(e.name), address: lt(e.address), district: city.districts.find((d) => d.id === e.district?.value)?.name, entity: e.id }; }
function picks(p) {
  return cams.map((c) => ({ c, d: dist_m([p.lon, p.lat], at(c)) })).sort((a, b) => a.d - b.d).slice(0, 4).map(({ c, d }) => ({
    id: c.id, name: lt(c.name), place: place(c), distance_m: d, bearing_deg: bearing([p.lon, p.lat], at(c)), azimuth_deg: c.azimuth.value, fov_deg: c.fieldOfView.value, range_m: c.range.value,
    in_view: Math.abs(((bearing(at(c), [p.lon, p.lat]) - c.azimuth.value + 540) % 360) - 180) < c.fieldOfView.value / 2 && d < c.range.value, score: 0.8, health: 1, ptz: c.ptz.value, picture: { state: "none", reason: { ko: "영상 서버가 연계되지 않음", en: "No video server is linked" } }, widened: false,
  }));
}
const find = (t, i = 0) => entities.filter((e) => e.type === t)[i];
const alarms = new Map(); const incidents = new Map();
const steps = () => [
  { n: 1, text: { ko: "영상으로 화염·연기 확인", en: "Confirm flame or smoke on a camera" }, due_at: iso(-30), state: "open", late: false, question: { answers: [{ id: "yes", label: { ko: "화염·연기 보임", en: "Flame or smoke seen" } }, { id: "no", label: { ko: "보이지 않음", en: "Nothing seen" } }] } },
  { n: 2, text: { ko: "119 신고 전송 — 위치·영상 4건 첨부", en: "Report to 119 with position" }, due_at: iso(-60), state: "open", late: false, action: { kind: "notify", channel: "safety-net", peer: "119", label: { ko: "119 전송", en: "Send to 119" } } },
  { n: 3, text: { ko: "시장로 신호 우선 제어 요청 (교통센터)", en: "Ask the traffic centre for signal priority" }, state: "open", late: false, action: { kind: "call", peer: "교통센터", label: { ko: "전화", en: "Call" } } },
  { n: 4, text: { ko: "상인회·관리소 통화, 대피방송 송출", en: "Call the market office, broadcast evacuation" }, state: "open", late: false, action: { kind: "broadcast", label: { ko: "방송", en: "Broadcast" } } },
  { n: 5, text: { ko: "반경 300 m 유동인구·차량 확인", en: "Check people and vehicles within 300 m" }, state: "open", late: false },
  { n: 6, text: { ko: "현장 도착 시각 기록·지휘권 인계", en: "Record arrival, hand over command" }, state: "open", late: false },
];
function make(o) {
  const e = o.e; const a = { id: id(), occurrence: 1, state: "unacked", severity: 3, rule: "bell", rule_version: 3, key: "k", first_at: iso(o.ago ?? 0), last_at: iso((o.ago ?? 0) / 2), count: 1, place: e ? place(e) : null, owner: null, drill: false, title: { ko: "비상벨 호출", en: "Emergency bell" }, service: "crime", source: "bells", sources: 1, status: "final", detect_delay_ms: 2100, shelved: null, suppressed: false, out_of_service: false, parent: null, children: 0, position: "video", incident: null, procedure: { id: "SOP-FIRE-02", done: 0, total: 6, next: steps()[0].text }, evidence: "none", closed: null, ...o };
  delete a.e; delete a.ago; alarms.set(a.id, a); return a;
}
function ack(a, who) {
  const i = { id: id(), state: "in_progress", severity: a.severity, title: a.title, place: a.place, alarms: [a.id], owner: who, opened_at: iso(), drill: false, manual: false, procedure: { id: "SOP-FIRE-02", version: 2, title: { ko: "화재 대응", en: "Fire" }, steps: steps() }, notices: [] };
  incidents.set(i.id, i); Object.assign(a, { state: "acked", owner: who, incident: i.id }); return i;
}
const empty = process.argv.includes("--empty");
if (!empty) {
make({ e: find("FireDetector", 3), ago: 8, severity: 1, rule: "fire-confirmed", title: { ko: "화재 감지 — 연기·열 동시", en: "Fire — smoke and heat together" }, source: "fire-panels", sources: 3, confidence: 0.97, count: 3 });
ack(make({ e: cams[300], ago: 96, severity: 1, title: { ko: "쓰러짐 감지 — 보행자", en: "Person fallen" }, count: 2, evidence: "clip" }), me);
make({ e: find("WaterLevelGauge", 2), ago: 143, severity: 2, title: { ko: "수위 경보 — 하늘강 2지점", en: "Water level — Haneul river 2" } });
ack(make({ e: cams[800], ago: 262, severity: 2, title: { ko: "112 긴급영상 요청", en: "112 emergency video" }, evidence: "still" }), other);
ack(make({ e: find("VehicleDetector", 20), ago: 311, severity: 2, title: { ko: "역주행 차량", en: "Wrong-way vehicle" }, count: 5 }), other);
make({ e: find("EmergencyBell", 118), ago: 388, severity: 3 });
ack(make({ e: find("AirQualityStation", 4), ago: 544, severity: 3, title: { ko: "대기질 나쁨 (PM2.5 78)", en: "Poor air (PM2.5 78)" }, count: 12 }), other);
make({ e: find("StreetlightCabinet", 12), ago: 702, severity: 3, state: "returned", title: { ko: "가로등 분전함 과전류", en: "Light cabinet overcurrent" }, count: 4 });
var sw = make({ e: find("NetworkSwitch", 31), ago: 811, severity: 4, title: { ko: "스위치 단절 — 카메라 14대 영상 정지", en: "Switch down — 14 cameras frozen" }, children: 14, position: "facility" });
for (let i = 0; i < 14; i++) make({ e: cams[100 + i], ago: 800, severity: 4, parent: sw.id, suppressed: true, title: { ko: "카메라 영상 정지", en: "Camera frozen" } });
make({ e: find("Server", 3), ago: 1260, severity: 4, title: { ko: "SSH 반복 실패 뒤 로그인", en: "SSH login after failures" }, position: "cyber", count: 31 });
make({ e: find("EmergencyBell", 5), ago: 4000, severity: 3, shelved: { until: iso(-3000), reason: "공사", by: other } });
}
const counters = () => ({ ingest_per_s: 9980 + Math.random() * 40, p99_ms: 84, connectors: { connected: 6, listening: 3, silent: 1 }, assets: { online: 24118, frozen: 14, silent: 37, maintenance: 6 }, storage_pct: 41, audit: { ok: true, at: iso(60) }, alarm_rate: Array.from({ length: 48 }, (_, i) => (i > 44 ? 4 : (i * 7) % 5 === 0 ? 1 : i % 3 === 0 ? 2 : 0)) });
let seq = 100; const clients = new Set();
const frame = (type, data, s, p) => JSON.stringify({ type, seq: s, prev: p, at: iso(), data });
function cast(type, data) { const p = seq; seq++; for (const c of clients) c.text(frame(type, data, seq, p)); }
function putA(a) { const i = incidents.get(a.incident); if (i) a.procedure = { id: i.procedure.id, done: i.procedure.steps.filter((s) => s.state !== "open").length, total: i.procedure.steps.length, next: i.procedure.steps.find((s) => s.state === "open")?.text ?? null }; cast("alarm", a); return a; }
function putI(i) { cast("incident", i); for (const a of i.alarms) putA(alarms.get(a)); return i; }
const before = new Map();
const world = 2147483647;
const mx = (lon) => Math.round(((lon + 180) / 180 - 1) * world); const my = (lat) => Math.round((1 - Math.log(Math.tan(Math.PI / 4 + (lat * rad) / 2)) / Math.PI - 1) * world);
function objects() {
  const list = entities.filter((e) => e.location);
  const cars = Array.from({ length: 4000 }, (_, i) => { const l = city.roads[i % city.roads.length].line; const r = l.coordinates ?? l; const k = (i * 7) % (r.length - 1); const f = ((i * 13 + Date.now() / 200) % 100) / 100; return [r[k][0] + (r[k + 1][0] - r[k][0]) * f, r[k][1] + (r[k + 1][1] - r[k][1]) * f]; });
  const pts = [...list.map(at), ...cars]; const names = [...list.map((e) => ({ id: e.id, kind: e.type, name: lt(e.name) })), ...cars.map((_, i) => ({ id: `V-${i}`, kind: "Vehicle", name: { ko: `차량 ${i}`, en: `Vehicle ${i}` } }))];
  return { pts, names, states: pts.map((_, i) => (i >= 100 && i < 114 ? 6 : 0)) };
}
const pad = (x) => (x + 3) & ~3;
function binary(type, o, from, to) {
  const c = to - from; const b = Buffer.alloc(24 + 12 * c + 2 * pad(c)); b[0] = type; b[1] = 1; b.writeDoubleLE(Date.now(), 8); b.writeUInt32LE(c, 16);
  for (let i = 0; i < c; i++) { b.writeUInt32LE(from + i, 24 + 4 * i); b.writeInt32LE(mx(o.pts[from + i][0]), 24 + 4 * c + 4 * i); b.writeInt32LE(my(o.pts[from + i][1]), 24 + 8 * c + 4 * i); b[24 + 12 * c + i] = o.states[from + i]; }
  return b;
}
function dictionary(o) { const parts = o.names.map((e) => { const j = Buffer.from(JSON.stringify(e)); const l = Buffer.alloc(2); l.writeUInt16LE(j.length); return Buffer.concat([l, j]); }); const h = Buffer.alloc(24 + 4 * o.names.length); h[0] = 5; h[1] = 1; h.writeUInt32LE(o.names.length, 16); o.names.forEach((_, i) => h.writeUInt32LE(i, 24 + 4 * i)); return Buffer.concat([h, ...parts]); }

const session = () => ({ user: { id: me.id, name: "admin", role: "administrator", display: { ko: "박서연", en: "Park Seo-yeon" } }, tenant: "haneul", csrf: "token", last_login: { at: iso(86400), from: "10.9.0.12", failed_since: 0 }, must_change_password: false });
let signedIn = false;
const body = (req) => new Promise((ok) => { let t = ""; req.on("data", (d) => (t += d)); req.on("end", () => ok(t ? JSON.parse(t) : {})); });
function detail(a) {
  return { alarm: a, explanation: { rule: a.rule, rule_version: a.rule_version, rule_title: a.title, clauses: [{ text: "smoke.level >= 0.35 %/m", satisfied_by: ["e1"] }, { text: "heat.temp >= 57 degC within 60s near 30m", satisfied_by: ["e2"] }], events: [{ id: "e1", at: a.first_at, received_at: iso(5), source: "fire-panels", type: "smoke", fields: { level: 0.41, device: "FD-0331" } }, { id: "e2", at: a.first_at, received_at: iso(4), source: "fire-panels", type: "heat", fields: { temp: 61.5 } }], values: { window_s: 60 }, text: { ko: "연기와 열이 60초 안에 같은 구역에서 감지되었습니다.", en: "Smoke and heat within 60 s in the same zone." } }, cameras: a.place ? picks(a.place) : [], nearest: a.place ? ["FireStation", "PoliceStation", "EmergencyBell"].map((t) => entities.filter((e) => e.type === t).map((e) => ({ e, d: dist_m([a.place.lon, a.place.lat], at(e)) })).sort((x, y) => x.d - y.d)[0]).map(({ e, d }) => ({ entity: e.id, kind: e.type, name: lt(e.name), distance_m: d })) : [], timeline: [{ at: a.first_at, kind: "event", text: { ko: "FD-0331 연기", en: "FD-0331 smoke" } }, { at: a.first_at, kind: "event", text: { ko: "FD-0331 열", en: "FD-0331 heat" } }, { at: a.first_at, kind: "alarm", text: { ko: "경보 생성", en: "Alarm raised" } }], incident: incidents.get(a.incident) ?? null };
}
const connectors = () => ["bells mqtt", "water mqtt", "traffic mqtt", "light mqtt", "112 safety-net", "119 safety-net", "hosts syslog", "weather http-push", "police safety-net", "analytics http-push"].map((x, i) => { const [source, kind] = x.split(" "); return { id: `${kind}-${source}`, kind, source, tenant: "haneul", state: source === "112" ? "silent" : source === "analytics" ? "error" : kind === "syslog" ? "listening" : "connected", last_message_at: iso(source === "112" ? 380 : i * 3), rate_per_min: 1200 / (i + 1), accepted: 120000 / (i + 1), refused: i === 9 ? 14 : 0, duplicate: i * 3, quarantined: i === 9 ? 40 : 0, dropped: i === 6 ? 2 : 0, errors: i === 9 ? [{ at: iso(60), reason: "mapping.bad_value", message: "camera: C-99999 is not a camera of this city" }] : [], silence_after_s: 180, address: kind === "mqtt" ? `mqtt://127.0.0.1:1883/city/${source}/#` : `http://127.0.0.1/${source}`, config_redacted: { password: "***", keep_alive: "30s" } }; });
const api = {
  "GET session": () => (signedIn ? session() : [401, {}]), "POST session": (r, b) => (b.password === "wrong" ? [401, {}] : ((signedIn = true), session())), "DELETE session": () => ((signedIn = false), [204]),
  "GET city": () => ({ id: city.id, name: city.name, center: city.center, zoom: city.zoom, bounds: city.bounds, boundary: city.boundary, districts: city.districts, tiles: city.tiles }),
  "GET alarms": (r, b, p) => (p[1] ? detail(alarms.get(p[1])) : { items: [...alarms.values()] }),
  "POST alarms": (r, b, p) => { const a = alarms.get(p[1]); if (p[2] !== "undo") before.set(a.id, { ...a }); if (p[2] === "acknowledge") { if (a.owner && a.owner.id !== me.id) return [409, { reason: "alarm.already_owned", owner: a.owner, title: "owned" }]; putI(ack(a, me)); } if (p[2] === "close") Object.assign(a, { closed: { disposition: b.disposition, by: me, at: iso() } }); if (p[2] === "shelve") Object.assign(a, { shelved: { until: iso(-b.minutes * 60), reason: b.reason, by: me } }); if (p[2] === "unshelve") a.shelved = null; if (p[2] === "undo") Object.assign(a, before.get(a.id)); return putA({ ...a }) && a; },
  "GET incidents": (r, b, p) => (p[1] ? incidents.get(p[1]) : { items: [...incidents.values()] }),
  "POST incidents": (r, b, p) => {
    if (!p[1]) { const i = { id: id(), state: "in_progress", alarms: [], owner: me, opened_at: iso(), manual: true, procedure: null, notices: [], place: null, drill: false, ...b }; incidents.set(i.id, i); cast("incident", i); return [201, i]; }
    const i = incidents.get(p[1]); if (p[2] === "steps") { const s = i.procedure.steps[p[3] - 1]; if (b.act === "undo") Object.assign(s, { state: "open", done_at: undefined, by: undefined, answer: undefined }); else Object.assign(s, { state: b.act === "impossible" ? "impossible" : "done", done_at: b.at ?? iso(), by: me, answer: b.answer, reason: b.reason }); } if (p[2] === "own") i.owner = me; if (p[2] === "release") i.owner = null; if (p[2] === "close") i.state = "closed"; for (const a of i.alarms) alarms.get(a).owner = i.owner; return putI({ ...i }) && i;
  },
  "POST notices": (r, b) => { const x = { id: id(), attempts: 1, at: iso(), state: "sent", text: { ko: "화재 신고", en: "Fire report" }, ...b }; incidents.get(b.incident).notices.push(x); cast("notice", x); return [201, x]; },
  "GET connectors": () => ({ items: connectors() }),
  "GET quarantine": () => ({ items: [{ id: id(), source: "analytics", connector: "http-push-analytics", received_at: iso(90), reason: "mapping.unknown_entity", message: "camera C-99999 is not in the context", bytes: 214, preview: '{"camera":"C-99999","type":"fallen","confidence":0.71}', state: "held" }] }),
  "GET assets": (r, b, p, q) => { const want = entities.filter((e) => e.location && (!q.get("kind") || e.type === q.get("kind")) && (!q.get("q") || lt(e.name).ko.includes(q.get("q")) || e.id.includes(q.get("q")))); const from = Number(q.get("cursor") ?? 0); const one = (e) => ({ id: e.id, kind: e.type, name: lt(e.name), state: e.id.endsWith("7") ? "silent" : "online", place: place(e), last_seen_at: iso(40), interval_s: 60, parent: e.refSwitch?.object ?? null, children: 0 }); if (p[1]) return { ...one(entities.find((e) => e.id === p[1])), attributes: [{ name: "status", value: "ok", at: iso(40) }] }; const kinds = {}; for (const e of entities) { kinds[e.type] ??= { kind: e.type, total: 0, online: 0, degraded: 0, frozen: 0, silent: 0, faulty: 0, maintenance: 0, not_commissioned: 0 }; kinds[e.type].total++; kinds[e.type][e.id.endsWith("7") ? "silent" : "online"]++; } return { items: want.slice(from, from + 200).map(one), ...(from + 200 < want.length ? { next: String(from + 200) } : {}), total: want.length, kinds: Object.values(kinds) }; },
  "GET search": (r, b, p, q) => ({ items: entities.filter((e) => lt(e.name).ko.includes(q.get("q"))).slice(0, 20).map((e) => ({ kind: e.type === "Camera" ? "camera" : "asset", id: e.id, title: lt(e.name), subtitle: lt(e.address), place: place(e) })) }),
  "POST ingest": (r, b, p) => {
    if (p[1] === "facility") { const e = entities.find((x) => x.id.endsWith(":" + b.assetId)); if (b.kind === "fire.heat") setTimeout(() => putA(make({ e, severity: 1, rule: "fire-confirmed", title: { ko: "화재 감지 — 연기·열 동시", en: "Fire — smoke and heat together" }, source: "facility", sources: 2, count: 2 })), 50); return { rows_in: 1, accepted: 1, refused: 0, duplicate: 0, quarantined: 0 }; }
    if (p[1] === "video-analytics") { const list = Array.isArray(b) ? b : [b]; for (const v of list) putA(make({ e: cams.find((c) => c.id.endsWith(":" + v.cameraId)), severity: v.type === "fallen" ? 2 : 3, rule: v.type, title: { ko: "영상 분석: " + (v.type === "fallen" ? "쓰러짐" : "침입"), en: "Video: " + v.type }, source: "video-analytics", confidence: v.score, first_at: v.occurredAt })); return { rows_in: list.length, accepted: list.length, refused: 0, duplicate: 0, quarantined: 0 }; } const list = []; for (let i = 0; i < (b.n ?? 1); i++) list.push(putA(make({ e: cams[(b.at ?? 400) + (i % 3)], ...b.alarm }))); return list.map((a) => a.id); },
};
const server = createServer(async (req, res) => {
  const url = new URL(req.url, "http://x"); const p = url.pathname.split("/").filter(Boolean);
  if (p[0] === "api") { const h = api[`${req.method} ${p[2]}`]; const out = h ? h(req, await body(req), p.slice(2).map(decodeURIComponent), url.searchParams) : [501, { type: "x/OperationNotSupported", title: "not built", status: 501 }]; const [code, data] = Array.isArray(out) && typeof out[0] === "number" ? out : [200, out]; res.writeHead(code, { "content-type": "application/json" }); return res.end(data === undefined ? undefined : JSON.stringify(data)); }
  if (p[0] === "tiles") { const [z, x, y] = p.slice(2).map(Number); const hex = execFileSync("sqlite3", [join(dir, "city.mbtiles"), `select hex(tile_data) from tiles where zoom_level=${z} and tile_column=${x} and tile_row=${2 ** z - 1 - y}`]).toString().trim(); if (!hex) { res.writeHead(204); return res.end(); } res.writeHead(200, { "content-type": "application/vnd.mapbox-vector-tile", "content-encoding": "gzip" }); return res.end(Buffer.from(hex, "hex")); }
  const file = join(dist, url.pathname === "/" ? "index.html" : url.pathname);
  if (!existsSync(file)) { res.writeHead(404); return res.end(); }
  res.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "content-security-policy": csp }); res.end(readFileSync(file));
});
server.on("upgrade", (req, socket) => {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${createHash("sha1").update(req.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64")}\r\n\r\n`);
  const send = (op, b) => { const h = b.length < 126 ? Buffer.from([0x80 | op, b.length]) : b.length < 65536 ? Buffer.from([0x80 | op, 126, b.length >> 8, b.length & 255]) : Buffer.concat([Buffer.from([0x80 | op, 127]), (() => { const x = Buffer.alloc(8); x.writeBigUInt64BE(BigInt(b.length)); return x; })()]); socket.write(Buffer.concat([h, b])); };
  const client = { text: (t) => send(1, Buffer.from(t)), viewed: false }; clients.add(client);
  client.text(frame("hello", { server_time: iso(), user: session().user, tenant: "haneul", seq, version: "0.1.0-dev", clock: { scale: 1 } }, seq, null));
  let buf = Buffer.alloc(0);
  socket.on("data", (d) => { buf = Buffer.concat([buf, d]); for (;;) { if (buf.length < 6) return; let l = buf[1] & 127; let o = 2; if (l === 126) { l = buf.readUInt16BE(2); o = 4; } if (buf.length < o + 4 + l) return; const k = buf.subarray(o, o + 4); const m = Buffer.from(buf.subarray(o + 4, o + 4 + l).map((x, i) => x ^ k[i & 3])); const op = buf[0] & 15; buf = buf.subarray(o + 4 + l); if (op === 8) { socket.end(); return; } if (op !== 1) continue; const msg = JSON.parse(m.toString()); if (msg.type === "resume") client.text(frame("snapshot", { alarms: [...alarms.values()], incidents: [...incidents.values()], counters: counters() }, seq, null)); if (msg.type === "view" && !client.viewed) { client.viewed = true; const o = objects(); send(2, dictionary(o)); send(2, binary(1, o, 0, o.pts.length)); } } });
  const t = setInterval(() => { client.text(JSON.stringify({ type: "heartbeat", at: iso() })); client.text(frame("counter", counters(), seq, seq)); if (client.viewed) { const o = objects(); send(2, binary(2, o, o.pts.length - 4000, o.pts.length)); } }, 1000);
  const end = () => { clearInterval(t); clients.delete(client); }; socket.on("close", end); socket.on("error", end);
});
server.listen(Number(port), "127.0.0.1", () => console.log(JSON.stringify({ event: "ready", http: `http://127.0.0.1:${server.address().port}` })));
void randomUUID;
