import { makeSurface } from '../src/avatar/mmd/geometry';
import type { Pmx, PmxBone, PmxMorph, Triple } from '../src/avatar/mmd/pmx';

/** A bone of a test's model: its name, the one it hangs on, its place in the file's axes and units, and what else it has. */
export type BonePlan = readonly [name: string, parent: string, position: Triple, more?: Partial<PmxBone>];

const USUAL: readonly BonePlan[] = [
  ['全ての親', '', [0, 0, 0]],
  ['センター', '全ての親', [0, 8, 0]],
  ['上半身', 'センター', [0, 12, 0]],
  ['上半身2', '上半身', [0, 14, 0]],
  ['首', '上半身2', [0, 16.5, 0]],
  ['頭', '首', [0, 17.5, 0]],
];

/** The trunk that every model has, and further bones. */
export function usualBones(...more: BonePlan[]): BonePlan[] {
  return [...USUAL, ...more];
}

/**
 * A model with as little as a test needs: six points, two on each side of the head and two in its middle.
 *
 * @param morphs By name, the points that each moves, all of them up by one unit
 */
export function makePmx(bones: readonly BonePlan[], morphs: Readonly<Record<string, readonly number[]>> = {}): Pmx {
  const number = (name: string): number => bones.findIndex(([own]) => own === name);
  const places: Triple[] = [[1, 18, -1], [1, 19, -1], [-1, 18, -1], [-1, 19, -1], [0, 20, 0], [0, 0, 0]];
  const count = places.length;
  return {
    version: 2,
    name: 'a test',
    vertices: {
      count,
      positions: Float32Array.from(places.flat()),
      normals: Float32Array.from(places.flatMap(() => [0, 0, -1])),
      uvs: new Float32Array(count * 2),
      bones: Uint16Array.from(places.flatMap(([, y]) => [y > 1 ? Math.max(number('頭'), 0) : 0, 0, 0, 0])),
      weights: Float32Array.from(places.flatMap(() => [1, 0, 0, 0])),
      spheres: null,
      edges: new Float32Array(count).fill(1),
    },
    indices: Uint32Array.of(0, 1, 2, 3, 4, 5),
    textures: [],
    materials: [],
    bones: bones.map(([name, parent, position, more]) => ({
      name, englishName: '', position, parent: number(parent), layer: 0, flags: 0, tail: [0, 0, 0], grant: null, ik: null, ...more,
    })),
    morphs: Object.entries(morphs).map(([name, points]) => makeMorph(name, points)),
    bodies: [],
    joints: [],
  };
}

function makeMorph(name: string, points: readonly number[]): PmxMorph {
  const offsets = Float32Array.from(points.flatMap(() => [0, 1, 0]));
  return { name, englishName: '', type: 'vertex', vertices: Uint32Array.from(points), offsets };
}

export function surfaceOf(pmx: Pmx): ReturnType<typeof makeSurface> {
  return makeSurface(pmx, 0.08);
}
