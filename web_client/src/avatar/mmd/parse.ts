import { AvatarError } from '../avatar';
import { BoneFlag, type Pmx, type PmxBody, type PmxBone, type PmxIk, type PmxJoint, type PmxMaterial, type PmxMorph, type PmxMorphOffsets, type PmxVertices } from './pmx';
import { Reader } from './reader';

/** Size of an index of each kind, bytes. */
interface Sizes {
  vertex: number;
  texture: number;
  material: number;
  bone: number;
  morph: number;
  body: number;
}

const MAGIC = 'PMX ';
const MOST_BONES = 0xffff;

/**
 * Reads a PMX file, 2.0 or 2.1. Soft bodies, display frames and notes are passed over.
 *
 * @throws AvatarError when it is not one, or is damaged
 */
export function parsePmx(bytes: ArrayBuffer): Pmx {
  const magic = new TextDecoder('latin1').decode(bytes.slice(0, 4));
  if (magic.startsWith('Pmd')) throw new AvatarError('is of the old PMD format: save it as PMX with PMX Editor');
  if (magic !== MAGIC) throw new AvatarError('is not a PMX file');
  const reader = new Reader(bytes);
  reader.skip(4);
  const version = Math.round(reader.float() * 10) / 10;
  if (version !== 2 && version !== 2.1) throw new AvatarError(`is of PMX version ${version}: 2.0 and 2.1 can be shown`);
  const globals = Array.from({ length: reader.uint8() }, () => reader.uint8());
  if (globals.length < 8) throw new AvatarError('is damaged: its header cannot be read');
  const [encoding, furtherUvs, vertex, texture, material, bone, morph, body] = globals as [number, number, number, number, number, number, number, number];
  const sizes: Sizes = { vertex, texture, material, bone, morph, body };
  if (Object.values(sizes).some((size) => ![1, 2, 4].includes(size))) throw new AvatarError('is damaged: its header cannot be read');
  const decoder = new TextDecoder(encoding === 0 ? 'utf-16le' : 'utf-8');
  const text = (): string => reader.text(decoder);
  const [name] = [text(), text(), text(), text()];
  const list = <T>(least: number, one: () => T): T[] => Array.from({ length: reader.count(least) }, one);

  const pmx: Pmx = {
    version,
    name: name!.trim(),
    vertices: readVertices(reader, furtherUvs, sizes),
    indices: Uint32Array.from(list(vertex, () => reader.vertex(vertex))),
    textures: list(4, text),
    materials: list(70, () => readMaterial(reader, text, sizes)),
    bones: list(26, () => readBone(reader, text, sizes)),
    morphs: list(14, () => readMorph(reader, text, sizes)),
    bodies: [],
    joints: [],
  };
  list(13, () => skipFrame(reader, text, sizes));
  pmx.bodies = list(60, () => readBody(reader, text, sizes));
  pmx.joints = list(100, () => readJoint(reader, text, sizes));
  check(pmx);
  return pmx;
}

function readVertices(reader: Reader, furtherUvs: number, sizes: Sizes): PmxVertices {
  const count = reader.count(38);
  const vertices: PmxVertices = {
    count,
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    uvs: new Float32Array(count * 2),
    bones: new Uint16Array(count * 4),
    weights: new Float32Array(count * 4),
    spheres: null,
    edges: new Float32Array(count),
  };
  for (let i = 0; i < count; i++) {
    reader.floatsInto(vertices.positions, i * 3, 3);
    reader.floatsInto(vertices.normals, i * 3, 3);
    reader.floatsInto(vertices.uvs, i * 2, 2);
    reader.skip(furtherUvs * 16);
    readSkin(reader, vertices, i, sizes.bone);
    vertices.edges[i] = reader.float();
  }
  return vertices;
}

/** The ways in which a vertex hangs on bones. Dual-quaternion blending is taken as the linear one. */
const Skin = { One: 0, Two: 1, Four: 2, Spherical: 3, DualQuaternion: 4 } as const;

function readSkin(reader: Reader, vertices: PmxVertices, i: number, size: number): void {
  const kind = reader.uint8();
  const count = kind === Skin.One ? 1 : kind === Skin.Two || kind === Skin.Spherical ? 2 : 4;
  if (kind > Skin.DualQuaternion) throw new AvatarError('is damaged: its skin cannot be read');
  const bones = Array.from({ length: count }, () => reader.index(size));
  let weights = [1];
  if (count === 2) {
    const first = reader.float();
    weights = [first, 1 - first];
  } else if (count === 4) {
    weights = reader.floats<number[]>(4);
  }
  if (kind === Skin.Spherical) {
    vertices.spheres ??= new Float32Array(vertices.count * 9);
    reader.floatsInto(vertices.spheres, i * 9, 9);
    if (bones.some((bone) => bone < 0)) vertices.spheres.fill(0, i * 9, i * 9 + 9);
  }
  const sum = weights.reduce((total, weight, k) => total + (bones[k]! >= 0 ? weight : 0), 0);
  for (let k = 0; k < count; k++) {
    if (bones[k]! < 0 || weights[k] === 0) continue;
    vertices.bones[i * 4 + k] = bones[k]!;
    vertices.weights[i * 4 + k] = sum > 0 ? weights[k]! / sum : 0;
  }
  if (!(sum > 0)) vertices.weights[i * 4] = 1;
}

function readMaterial(reader: Reader, text: () => string, sizes: Sizes): PmxMaterial {
  const name = text();
  text();
  const diffuse = reader.floats<[number, number, number, number]>(4);
  const specular = reader.floats<[number, number, number]>(3);
  const shininess = reader.float();
  const ambient = reader.floats<[number, number, number]>(3);
  const flags = reader.uint8();
  const edgeColour = reader.floats<[number, number, number, number]>(4);
  const edgeSize = reader.float();
  const texture = reader.index(sizes.texture);
  const sphere = reader.index(sizes.texture);
  const sphereMode = reader.uint8();
  const shared = reader.uint8() === 1;
  const toon = { shared, index: shared ? reader.uint8() : reader.index(sizes.texture) };
  text();
  return { name, diffuse, specular, shininess, ambient, flags, edgeColour, edgeSize, texture, sphere, sphereMode, toon, indexCount: reader.int32() };
}

function readBone(reader: Reader, text: () => string, sizes: Sizes): PmxBone {
  const [name, englishName] = [text(), text()];
  const position = reader.floats<[number, number, number]>(3);
  const parent = reader.index(sizes.bone);
  const layer = reader.int32();
  const flags = reader.uint16();
  const tail = flags & BoneFlag.TailIsBone ? reader.index(sizes.bone) : reader.floats<[number, number, number]>(3);
  const granted = (flags & (BoneFlag.RotationGrant | BoneFlag.MoveGrant)) !== 0;
  const grant = granted ? { bone: reader.index(sizes.bone), ratio: reader.float() } : null;
  if (flags & BoneFlag.FixedAxis) reader.skip(12);
  if (flags & BoneFlag.LocalAxes) reader.skip(24);
  if (flags & BoneFlag.ExternalParent) reader.skip(4);
  const ik = flags & BoneFlag.Ik ? readIk(reader, sizes) : null;
  return { name, englishName, position, parent, layer, flags, tail, grant, ik };
}

function readIk(reader: Reader, sizes: Sizes): PmxIk {
  const effector = reader.index(sizes.bone);
  const loops = reader.int32();
  const step = reader.float();
  const links = Array.from({ length: reader.count(sizes.bone + 1) }, () => {
    const bone = reader.index(sizes.bone);
    const limits = reader.uint8() === 1 ? { lower: reader.floats<[number, number, number]>(3), upper: reader.floats<[number, number, number]>(3) } : null;
    return { bone, limits };
  });
  return { effector, loops, step, links };
}

function readMorph(reader: Reader, text: () => string, sizes: Sizes): PmxMorph {
  const [name, englishName] = [text(), text()];
  reader.skip(1);
  const type = reader.uint8();
  return { name, englishName, ...readOffsets(reader, type, sizes) };
}

/** The kinds of morph, by their number in the file; 4 to 7 are of further texture coordinates. */
const MORPH_TYPES = ['group', 'vertex', 'bone', 'uv', 'uv1', 'uv2', 'uv3', 'uv4', 'material', 'flip', 'impulse'] as const;

function readOffsets(reader: Reader, type: number, sizes: Sizes): PmxMorphOffsets {
  const name = MORPH_TYPES[type];
  if (name === undefined) throw new AvatarError('is damaged: a morph of it is of no known kind');
  const count = reader.count(2);
  const each = <T>(one: () => T): T[] => Array.from({ length: count }, one);
  switch (name) {
    case 'group':
    case 'flip':
      return { type: name, items: each(() => ({ morph: reader.index(sizes.morph), ratio: reader.float() })) };
    case 'vertex':
    case 'uv':
      return { type: name, ...readPlaces(reader, count, name === 'vertex' ? 3 : 2, sizes.vertex) };
    case 'bone':
      return { type: 'bone', items: each(() => ({ bone: reader.index(sizes.bone), move: reader.floats<[number, number, number]>(3), rotation: reader.floats<[number, number, number, number]>(4) })) };
    case 'material':
      return { type: 'material', items: each(() => readMaterialOffset(reader, sizes)) };
    case 'impulse':
      each(() => reader.skip(sizes.body + 25));
      return { type: 'other' };
    default:
      each(() => reader.skip(sizes.vertex + 16));
      return { type: 'other' };
  }
}

function readPlaces(reader: Reader, count: number, width: 2 | 3, size: number): { vertices: Uint32Array; offsets: Float32Array } {
  const vertices = new Uint32Array(count);
  const offsets = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    vertices[i] = reader.vertex(size);
    reader.floatsInto(offsets, i * width, width);
    if (width === 2) reader.skip(8);
  }
  return { vertices, offsets };
}

function readMaterialOffset(reader: Reader, sizes: Sizes) {
  const material = reader.index(sizes.material);
  const multiply = reader.uint8() === 0;
  const diffuse = reader.floats<[number, number, number, number]>(4);
  reader.skip(16); // specular colour and power
  const ambient = reader.floats<[number, number, number]>(3);
  const edgeColour = reader.floats<[number, number, number, number]>(4);
  const edgeSize = reader.float();
  reader.skip(48); // tints of texture, sphere and toon
  return { material, multiply, diffuse, ambient, edgeColour, edgeSize };
}

function skipFrame(reader: Reader, text: () => string, sizes: Sizes): void {
  text();
  text();
  reader.skip(1);
  for (let left = reader.count(2); left > 0; left--) reader.skip(reader.uint8() === 0 ? sizes.bone : sizes.morph);
}

function readBody(reader: Reader, text: () => string, sizes: Sizes): PmxBody {
  text();
  text();
  const bone = reader.index(sizes.bone);
  const group = reader.uint8();
  const mask = reader.uint16();
  const shape = reader.uint8();
  const [size, position, rotation] = [reader.floats<[number, number, number]>(3), reader.floats<[number, number, number]>(3), reader.floats<[number, number, number]>(3)];
  reader.skip(20); // mass, dampings, bounce, friction
  return { bone, group, mask, shape, size, position, rotation, mode: reader.uint8() };
}

function readJoint(reader: Reader, text: () => string, sizes: Sizes): PmxJoint {
  text();
  text();
  reader.skip(1);
  const [a, b] = [reader.index(sizes.body), reader.index(sizes.body)];
  reader.skip(48); // place, rotation, limits of its move
  const [lower, upper] = [reader.floats<[number, number, number]>(3), reader.floats<[number, number, number]>(3)];
  reader.skip(24); // springs
  return { a, b, lower, upper };
}

/** @throws AvatarError when one part names another that is not there, or there is nothing to show */
function check({ vertices, indices, materials, bones, morphs }: Pmx): void {
  if (vertices.count === 0 || indices.length < 3 || materials.length === 0) throw new AvatarError('has no surface to show');
  if (bones.length > MOST_BONES) throw new AvatarError('has more bones than any avatar needs');
  const wrong =
    indices.some((index) => index < 0 || index >= vertices.count) ||
    vertices.bones.some((index) => index >= Math.max(bones.length, 1)) ||
    materials.some(({ indexCount }) => indexCount < 0) ||
    materials.reduce((sum, { indexCount }) => sum + indexCount, 0) > indices.length ||
    bones.some((bone, i) => bone.parent >= bones.length || bone.parent === i) ||
    morphs.some((morph) => 'vertices' in morph && morph.vertices.some((index) => index >= vertices.count));
  if (wrong) throw new AvatarError('is damaged: its parts do not fit together');
}
