import { BufferAttribute, BufferGeometry, DynamicDrawUsage, Vector3 } from 'three';
import type { Pmx, PmxMorph, PmxVertices, Triple } from './pmx';

/** A person of 158 cm is 20 units tall in MMD. */
const METRES = 0.08;
/** Models far from a person's size, in metres, are brought to the usual one. */
const SMALLEST = 0.3;
const TALLEST = 5;
const USUAL = 1.6;

/** Metres in one unit of the file. */
export function scaleOf(pmx: Pmx): number {
  let top = 0;
  const { positions, count } = pmx.vertices;
  for (let i = 0; i < count; i++) top = Math.max(top, positions[i * 3 + 1]!);
  const height = top * METRES;
  return height >= SMALLEST && height <= TALLEST ? METRES : height > 0 ? (METRES * USUAL) / height : METRES;
}

/** From the file's axes and units to the scene's: metres, right-handed, facing +Z. The avatar's left stays at +X. */
export function placed(triple: Triple, scale: number): Vector3 {
  return new Vector3(triple[0] * scale, triple[1] * scale, -triple[2] * scale);
}

/** The surface, and where in it the vertices of the file are. */
export interface Surface {
  geometry: BufferGeometry;
  /** How many vertices, the first ones, are moved by morphs. */
  moved: number;
  /** By the vertex's number in the file, its number in the geometry. */
  order: Uint32Array;
}

/**
 * Makes the surface: one group for each material. Vertices that morphs move come first, so that no others are sent to the
 * graphics card again.
 */
export function makeSurface(pmx: Pmx, scale: number): Surface {
  const { order, moved } = orderVertices(pmx.vertices.count, pmx.morphs);
  const { positions, normals, uvs, bones, weights, edges } = pmx.vertices;
  const geometry = new BufferGeometry();
  const add = (name: string, array: Float32Array | Uint16Array, width: number): BufferAttribute => {
    const target = array instanceof Float32Array ? new Float32Array(array.length) : new Uint16Array(array.length);
    for (let i = 0; i < order.length; i++) for (let k = 0; k < width; k++) target[order[i]! * width + k] = array[i * width + k]!;
    const attribute = new BufferAttribute(target, width);
    geometry.setAttribute(name, attribute);
    return attribute;
  };
  const position = add('position', positions, 3);
  for (let i = 0; i < position.count; i++) position.setXYZ(i, position.getX(i) * scale, position.getY(i) * scale, -position.getZ(i) * scale);
  const normal = add('normal', normals, 3);
  for (let i = 0; i < normal.count; i++) normal.setZ(i, -normal.getZ(i));
  const uv = add('uv', uvs, 2);
  position.setUsage(DynamicDrawUsage);
  uv.setUsage(DynamicDrawUsage);
  add('skinIndex', bones, 4);
  add('skinWeight', weights, 4);
  add('edge', edges, 1);
  addSpheres(geometry, pmx.vertices, order, scale);
  geometry.setIndex(new BufferAttribute(turned(pmx.indices, order), 1));
  let start = 0;
  pmx.materials.forEach(({ indexCount }, material) => {
    geometry.addGroup(start, indexCount, material);
    start += indexCount;
  });
  return { geometry, moved, order };
}

/**
 * What hangs spherically (SDEF): its centre, and the point that each of its two bones carries. The file's own points are
 * halved towards the centre and freed of their weighted mean, as MMD does it.
 */
function addSpheres(geometry: BufferGeometry, { count, spheres, weights }: PmxVertices, order: Uint32Array, scale: number): void {
  if (spheres === null) return;
  const [centre, first, second] = [4, 3, 3].map((width) => new BufferAttribute(new Float32Array(count * width), width)) as [BufferAttribute, BufferAttribute, BufferAttribute];
  const point = (at: number): Vector3 => placed([spheres[at]!, spheres[at + 1]!, spheres[at + 2]!], scale);
  const mean = new Vector3();
  for (let i = 0; i < count; i++) {
    const at = order[i]!;
    const [middle, one, other] = [point(i * 9), point(i * 9 + 3), point(i * 9 + 6)] as const;
    const spherical = spheres.subarray(i * 9, i * 9 + 9).some((value) => value !== 0);
    centre.setXYZW(at, middle.x, middle.y, middle.z, spherical ? 1 : 0);
    mean.copy(one).lerp(other, weights[i * 4 + 1]!);
    one.sub(mean).multiplyScalar(0.5).add(middle);
    other.sub(mean).multiplyScalar(0.5).add(middle);
    first.setXYZ(at, one.x, one.y, one.z);
    second.setXYZ(at, other.x, other.y, other.z);
  }
  geometry.setAttribute('sphereCentre', centre);
  geometry.setAttribute('sphereFirst', first);
  geometry.setAttribute('sphereSecond', second);
}

/** The mirrored axis turns every triangle inside out: two of its corners are swapped. */
function turned(indices: Uint32Array, order: Uint32Array): Uint32Array {
  const target = new Uint32Array(indices.length);
  for (let i = 0; i + 2 < indices.length; i += 3) {
    target[i] = order[indices[i]!]!;
    target[i + 1] = order[indices[i + 2]!]!;
    target[i + 2] = order[indices[i + 1]!]!;
  }
  return target;
}

function orderVertices(count: number, morphs: readonly PmxMorph[]): { order: Uint32Array; moved: number } {
  const touched = new Uint8Array(count);
  for (const morph of morphs) if ('vertices' in morph) for (const vertex of morph.vertices) touched[vertex] = 1;
  const order = new Uint32Array(count);
  let next = 0;
  for (const wanted of [1, 0]) for (let i = 0; i < count; i++) if (touched[i] === wanted) order[i] = next++;
  return { order, moved: touched.reduce((sum, one) => sum + one, 0) };
}
