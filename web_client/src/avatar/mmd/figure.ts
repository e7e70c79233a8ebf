import { Vector3 } from 'three';
import { AvatarError, type Figure } from '../avatar';
import type { Body } from './body';
import { placed } from './geometry';
import type { PmxVertices } from './pmx';
import type { MmdSkeleton } from './skeleton';

/** The uppermost part of a model, which belongs to its head. */
const TOP_SHARE = 0.12;
/** A bone that carries so much of the top of the model carries the head. */
const MOST = 0.85;

const place = new Vector3();

/** The bone that carries the top of the model, for one in which none is called head. */
export function headOf(skeleton: MmdSkeleton, vertices: PmxVertices): number {
  const { positions, count } = vertices;
  let [top, bottom] = [-Infinity, Infinity];
  for (let i = 0; i < count; i++) [top, bottom] = [Math.max(top, positions[i * 3 + 1]!), Math.min(bottom, positions[i * 3 + 1]!)];
  const floor = top - (top - bottom) * TOP_SHARE;
  const carried = new Float64Array(skeleton.pmx.length);
  let whole = 0;
  for (let i = 0; i < count; i++) {
    if (positions[i * 3 + 1]! < floor) continue;
    whole += 1;
    for (let k = 0; k < 4; k++) {
      const weight = vertices.weights[i * 4 + k]!;
      for (let bone = vertices.bones[i * 4 + k]!; weight > 0 && bone >= 0; bone = skeleton.pmx[bone]!.parent) carried[bone]! += weight;
    }
  }
  // Of those that carry all of it, the one furthest from the root.
  const depth = (bone: number): number => (bone < 0 ? 0 : 1 + depth(skeleton.pmx[bone]!.parent));
  const able = skeleton.pmx.map((_, i) => i).filter((i) => carried[i]! >= MOST * whole);
  return able.sort((a, b) => depth(b) - depth(a))[0] ?? 0;
}

/**
 * Measures a model at rest.
 *
 * @param lids Mean height of what moves as the eyes close, in the file's units; null when nothing does
 * @throws AvatarError when its points are nowhere
 */
export function measure(skeleton: MmdSkeleton, body: Body, vertices: PmxVertices, scale: number, lids: number | null): Figure {
  const at = (name: string): Vector3 | null => {
    const bone = body.index(name);
    return bone === undefined ? null : placed(skeleton.pmx[bone]!.position, scale);
  };
  const box = headBox(skeleton, body.index('head')!, vertices, scale);
  const height = at('head')!.y || box.top * 0.87;
  const top = Math.min(Math.max(box.top, height * 1.08), height * 1.6);
  const eye = lids !== null ? lids * scale : (at('leftEye')?.y ?? NaN);
  const arm = at('leftUpperArm');
  const hips = at('leftUpperLeg') ?? at('spine');
  const figure: Figure = {
    hips: hips !== null && hips.y < height * 0.8 ? hips.y : height * 0.6,
    head: height,
    eyes: eye > height && eye < top ? eye : height + (top - height) * 0.4,
    top,
    halfShoulders: (arm !== null ? Math.abs(arm.x) : height * 0.1) * 1.45,
    halfHead: Math.min(Math.max(box.half, height * 0.05), height * 0.4),
    front: Math.min(Math.max(box.front, height * 0.05), height * 0.4),
  };
  if (!Object.values(figure).every(Number.isFinite)) throw new AvatarError('is damaged: its shape cannot be read');
  return figure;
}

/** What hangs on the head bone, above the bone itself, metres. */
function headBox(skeleton: MmdSkeleton, head: number, vertices: PmxVertices, scale: number): { top: number; half: number; front: number } {
  const onHead = skeleton.pmx.map((_, i) => {
    let at = i;
    while (at >= 0 && at !== head) at = skeleton.pmx[at]!.parent;
    return at === head;
  });
  const floor = skeleton.pmx[head]!.position[1];
  const box = { top: 0, half: 0, front: 0 };
  for (let i = 0; i < vertices.count; i++) {
    const [x, y, z] = [0, 1, 2].map((k) => vertices.positions[i * 3 + k]!) as [number, number, number];
    let share = 0;
    for (let k = 0; k < 4; k++) if (onHead[vertices.bones[i * 4 + k]!]) share += vertices.weights[i * 4 + k]!;
    if (share < 0.5 || y < floor) continue;
    place.set(Math.abs(x), y, -z).multiplyScalar(scale);
    box.half = Math.max(box.half, place.x);
    box.top = Math.max(box.top, place.y);
    box.front = Math.max(box.front, place.z);
  }
  return box;
}
