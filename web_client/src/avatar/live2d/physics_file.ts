import { list, number, object, text } from './settings';

/** What a value does in the world of the pendulums: pushes their anchor, or tilts it; on the way out, is read from a vertex. */
export type Kind = 'X' | 'Y' | 'Angle';

export interface Input {
  id: string;
  /** Share of the whole, 0..1. */
  weight: number;
  kind: Kind;
  reflect: boolean;
}

export interface Output {
  id: string;
  vertex: number;
  scale: number;
  /** Share of what is shown that is this output's, 0..1. */
  weight: number;
  kind: Kind;
  reflect: boolean;
}

export interface Vertex {
  /** How much of its speed it keeps. */
  mobility: number;
  /** How fast it is, against time itself. */
  delay: number;
  acceleration: number;
  /** How far it hangs from the one before. */
  radius: number;
}

/** The range that a parameter's own range is brought to. */
export interface Range {
  minimum: number;
  default: number;
  maximum: number;
}

/** One chain of vertices, the first of which is its anchor. */
export interface Chain {
  inputs: Input[];
  outputs: Output[];
  vertices: Vertex[];
  position: Range;
  angle: Range;
}

export interface PhysicsFile {
  chains: Chain[];
  /** Steps a second that it was made for. */
  fps: number;
  gravity: { x: number; y: number };
  wind: { x: number; y: number };
}

const USUAL_FPS = 60;

/** Reads a .physics3.json; a chain that cannot move anything is left out. */
export function readPhysics(json: Record<string, unknown>): PhysicsFile {
  const meta = object(json['Meta']);
  const forces = object(meta['EffectiveForces']);
  const fps = number(meta['Fps'], USUAL_FPS);
  return {
    chains: list(json['PhysicsSettings']).map(readChain).filter(({ vertices, outputs }) => vertices.length > 1 && outputs.length > 0),
    fps: fps >= 1 ? fps : USUAL_FPS,
    gravity: point(forces['Gravity'], -1),
    wind: point(forces['Wind'], 0),
  };
}

function readChain(setting: unknown): Chain {
  const { Input: inputs, Output: outputs, Vertices: vertices, Normalization: normalization } = object(setting);
  const read = list(vertices).map(readVertex);
  return {
    inputs: list(inputs).map(readInput),
    outputs: list(outputs).map(readOutput).filter(({ vertex }) => vertex >= 1 && vertex < read.length),
    vertices: read,
    position: range(object(normalization)['Position']),
    angle: range(object(normalization)['Angle']),
  };
}

function readVertex(vertex: unknown): Vertex {
  const { Mobility: mobility, Delay: delay, Acceleration: acceleration, Radius: radius } = object(vertex);
  return {
    mobility: number(mobility, 1),
    delay: number(delay, 1),
    acceleration: number(acceleration, 1),
    radius: number(radius, 0),
  };
}

function readInput(input: unknown): Input {
  const { Source: source, Weight: weight, Type: type, Reflect: reflect } = object(input);
  return { id: text(object(source)['Id']), weight: number(weight, 100) / 100, kind: kind(type), reflect: reflect === true };
}

function readOutput(output: unknown): Output {
  const { Destination: destination, VertexIndex: vertex, Scale: scale, Weight: weight, Type: type, Reflect: reflect } = object(output);
  return {
    id: text(object(destination)['Id']),
    vertex: number(vertex, 1),
    scale: number(scale, 1),
    weight: number(weight, 100) / 100,
    kind: kind(type),
    reflect: reflect === true,
  };
}

function kind(value: unknown): Kind {
  return value === 'X' || value === 'Y' ? value : 'Angle';
}

function range(value: unknown): Range {
  const { Minimum: minimum, Default: middle, Maximum: maximum } = object(value);
  return { minimum: number(minimum, -10), default: number(middle, 0), maximum: number(maximum, 10) };
}

function point(value: unknown, y: number): { x: number; y: number } {
  return { x: number(object(value)['X'], 0), y: number(object(value)['Y'], y) };
}
