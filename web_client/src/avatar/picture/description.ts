import { AvatarError } from '../avatar';
import { PARTS, type Named, type Part, type Side } from './names';

/** From the upper left corner of the picture, points. */
export type Place = readonly [number, number];

/** One picture as `picture.json` names it; what it leaves out is read from the file's name. */
export interface DescribedLayer {
  file: string;
  part?: Part;
  state?: string;
  side?: Side;
  /** How far it is moved from its place. */
  offset?: Place;
  /** How near it is: 0 moves with the body, 1 as far as the face. */
  depth?: number;
}

/** What `picture.json`, which no set needs, says. */
export interface Description {
  name?: string;
  /** From the back to the front; when there, others are left out. */
  layers?: DescribedLayer[];
  /** About which points head and body turn. */
  pivots: { head?: Place; body?: Place };
  /** How strongly it moves, 1 is usual and 0 not at all. */
  bounce: number;
  tilt: number;
  shift: number;
}

export const DESCRIPTION = 'picture.json';
const PLAIN: Description = { pivots: {}, bounce: 1, tilt: 1, shift: 1 };

/** @throws AvatarError that says what is wrong in it */
export function readDescription(text: string | null): Description {
  if (text === null) return PLAIN;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong('is no JSON');
  }
  if (!isRecord(json)) throw wrong('is no JSON object');
  const pivots = isRecord(json['pivots']) ? json['pivots'] : {};
  const { name } = json;
  const layers = json['layers'];
  if (layers !== undefined && !Array.isArray(layers)) throw wrong('has layers that are no list');
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(layers === undefined ? {} : { layers: layers.map(readLayer) }),
    pivots: { ...place('head', pivots), ...place('body', pivots) },
    bounce: factor(json, 'bounce'),
    tilt: factor(json, 'tilt'),
    shift: factor(json, 'shift'),
  };
}

function readLayer(value: unknown): DescribedLayer {
  if (!isRecord(value) || typeof value['file'] !== 'string') throw wrong('has a layer without a file');
  const { file, part, state, side, depth } = value;
  if (part !== undefined && !(PARTS as readonly unknown[]).includes(part)) throw wrong(`has a layer of the part ${String(part)}, which is none of ${PARTS.join(', ')}`);
  if (side !== undefined && side !== 'left' && side !== 'right') throw wrong('has a layer of a side that is neither left nor right');
  return {
    file,
    ...(part === undefined ? {} : { part: part as Part }),
    ...(typeof state === 'string' ? { state } : {}),
    ...(side === undefined ? {} : { side: side as Side }),
    ...(isNumber(depth) ? { depth } : {}),
    ...place('offset', value),
  };
}

/** What is said of a picture, over what its name says. */
export function described(named: Named, layer: DescribedLayer | undefined): Named {
  if (layer === undefined) return named;
  const part = layer.part ?? named.part;
  return { ...named, part, state: layer.state ?? named.state, side: layer.side ?? named.side };
}

function place<K extends string>(key: K, from: Record<string, unknown>): { [key in K]?: Place } {
  const value = from[key];
  if (value === undefined) return {};
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isNumber)) throw wrong(`has a ${key} that is not two numbers`);
  return { [key]: value as unknown as Place } as { [key in K]?: Place };
}

function factor(json: Record<string, unknown>, key: string): number {
  const value = json[key] ?? 1;
  if (!isNumber(value) || value < 0 || value > 5) throw wrong(`has a ${key} that is no number from 0 to 5`);
  return value;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function wrong(what: string): AvatarError {
  return new AvatarError(`cannot be shown: its ${DESCRIPTION} ${what}`);
}
