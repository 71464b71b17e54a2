// SPDX-License-Identifier: Apache-2.0
// One draw call for all objects: a WebGL2 layer that shares MapLibre's matrix. Plain uniforms only, because MapLibre 6
// does not rebind its uniform buffers after a custom layer.
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import { rgb, severities } from "@/shared/ui/severity";
import type { ObjectSet } from "./object-set";

const vertexSource = `#version 300 es
uniform mat4 u_matrix;
uniform float u_size;
in vec2 a_position;
in float a_state;
out float v_state;
void main() {
  v_state = a_state;
  bool abnormal = a_state > 0.5 && a_state < 4.5;
  gl_Position = u_matrix * vec4(a_position, 0.0, 1.0);
  gl_Position.z = abnormal ? -0.01 * gl_Position.w : 0.0;
  gl_PointSize = u_size * (abnormal ? 1.8 : 1.0);
}`;

const fragmentSource = `#version 300 es
precision mediump float;
uniform vec3 u_colours[8];
uniform vec4 u_edge;
uniform float u_calm;
in float v_state;
out vec4 o_colour;
void main() {
  float d = length(gl_PointCoord - 0.5) * 2.0;
  if (d > 1.0) discard;
  int state = int(v_state + 0.5);
  vec3 colour = u_colours[state];
  float alpha = (1.0 - smoothstep(0.82, 1.0, d)) * (state == 0 ? u_calm : 1.0);
  bool hollow = state == 5 || state == 6;
  if (hollow && d < 0.5) alpha *= 0.25;
  vec3 mixed = mix(colour, u_edge.rgb, u_edge.a * smoothstep(0.55, 0.75, d));
  o_colour = vec4(mixed * alpha, alpha);
}`;

/** Colours by state: 0 normal, 1..4 severity, 5 silent, 6 frozen, 7 maintenance. */
export function stateColours(normal: string, quiet: string): Float32Array {
  const colours = [normal, severities[1].colour, severities[2].colour, severities[3].colour, severities[4].colour, quiet, severities[4].colour, quiet];
  return Float32Array.from(colours.flatMap(rgb));
}

export class PointLayer implements CustomLayerInterface {
  readonly id = "objects";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  colours = stateColours("#93a1ae", "#5b6772");
  edge = new Float32Array([0, 0, 0, 0]);
  visible = true;
  readonly #objects: ObjectSet;
  #map: MapLibre | null = null;
  #program: WebGLProgram | null = null;
  #array: WebGLVertexArrayObject | null = null;
  #positionBuffer: WebGLBuffer | null = null;
  #stateBuffer: WebGLBuffer | null = null;
  #room = 0;
  #dirty = true;

  constructor(objects: ObjectSet) {
    this.#objects = objects;
  }

  changed(): void {
    this.#dirty = true;
    this.#map?.triggerRepaint();
  }

  onAdd(map: MapLibre, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.#map = map;
    this.#program = link(gl);
    this.#array = gl.createVertexArray();
    this.#positionBuffer = gl.createBuffer();
    this.#stateBuffer = gl.createBuffer();
    this.#room = 0;
    this.#dirty = true;
  }

  onRemove(_map: MapLibre, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    gl.deleteProgram(this.#program);
    gl.deleteVertexArray(this.#array);
    gl.deleteBuffer(this.#positionBuffer);
    gl.deleteBuffer(this.#stateBuffer);
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext;
    if (!this.visible || this.#objects.count === 0 || this.#program === null) return;
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#array);
    if (this.#dirty) this.#upload(gl, this.#program);
    const matrix = fromOrigin(input.defaultProjectionData.mainMatrix, this.#objects.originX, this.#objects.originY);
    gl.uniformMatrix4fv(gl.getUniformLocation(this.#program, "u_matrix"), false, matrix);
    gl.uniform1f(gl.getUniformLocation(this.#program, "u_size"), pointSize(this.#map?.getZoom() ?? 14) * devicePixelRatio);
    gl.uniform3fv(gl.getUniformLocation(this.#program, "u_colours"), this.colours);
    gl.uniform1f(gl.getUniformLocation(this.#program, "u_calm"), calm(this.#map?.getZoom() ?? 14));
    gl.uniform4fv(gl.getUniformLocation(this.#program, "u_edge"), this.edge);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.POINTS, 0, this.#objects.count);
    gl.bindVertexArray(null);
  }

  #upload(gl: WebGL2RenderingContext, program: WebGLProgram): void {
    const { position, state, count } = this.#objects;
    if (this.#room < state.length) {
      this.#room = state.length;
      allocate(gl, this.#positionBuffer, position.byteLength, gl.getAttribLocation(program, "a_position"), 2, gl.FLOAT);
      allocate(gl, this.#stateBuffer, state.byteLength, gl.getAttribLocation(program, "a_state"), 1, gl.UNSIGNED_BYTE);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#positionBuffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, position.subarray(0, 2 * count));
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#stateBuffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, state.subarray(0, count));
    this.#dirty = false;
  }
}

function allocate(gl: WebGL2RenderingContext, buffer: WebGLBuffer | null, bytes: number, at: number, size: number, type: number): void {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, bytes, gl.DYNAMIC_DRAW);
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, size, type, false, 0, 0);
}

function link(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, vertexSource], [gl.FRAGMENT_SHADER, fragmentSource]] as const) {
    const shader = gl.createShader(type);
    if (shader === null) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
  console.error("map.point_layer", gl.getProgramInfoLog(program));
  return null;
}

/** Radius grows slowly with the zoom, so that a district is a texture and a street shows single objects. */
export function pointSize(zoom: number): number {
  return Math.min(9, Math.max(3, 3 + (zoom - 13) * 1.6));
}

/** What is normal steps back where it is dense: seen from afar a city of points must not outshine one alarm. */
export function calm(zoom: number): number {
  return Math.min(0.95, Math.max(0.4, 0.4 + (zoom - 13) * 0.22));
}

/** The map's matrix times a shift to the origin, multiplied in double precision. */
export function fromOrigin(matrix: ArrayLike<number>, x: number, y: number): Float32Array {
  const m = Float64Array.from(matrix);
  const out = Float64Array.from(m);
  for (let row = 0; row < 4; row++) {
    out[12 + row] = (m[row] ?? 0) * x + (m[4 + row] ?? 0) * y + (m[12 + row] ?? 0);
  }
  return Float32Array.from(out);
}
