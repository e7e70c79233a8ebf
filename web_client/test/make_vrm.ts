import { ARKIT } from '../src/wire';

/** What kind of small avatar to make. It stands 1.5 m tall, one box-less triangle for a body. */
export interface Plan {
  version: '0' | '1';
  /** Human bones that it has beyond those that VRM requires. */
  bones?: readonly string[];
  /** Its shapes: as VRM expressions, or as morph targets that no expression knows. */
  shapes?: { names: readonly string[]; expressions: boolean };
  /** Names of presets, in the spelling of the version, each bound to a morph target of its own. */
  presets?: readonly string[];
  /** What the first preset holds back while it is shown. VRM 1.0 only. */
  overrides?: Partial<Record<'overrideBlink' | 'overrideLookAt' | 'overrideMouth', 'none' | 'block' | 'blend'>>;
  /** Leave the skeleton's description out. */
  noHumanoid?: boolean;
  lookAt?: 'bone' | 'expression';
  /** Most that the eyes turn, degrees. */
  eyeRange?: number;
}

interface Joint {
  parent: string | null;
  /** Metres from the parent, VRM 1.0 axes. */
  at: readonly [number, number, number];
}

const JOINTS: Record<string, Joint> = {
  hips: { parent: null, at: [0, 0.8, 0] },
  spine: { parent: 'hips', at: [0, 0.1, 0] },
  chest: { parent: 'spine', at: [0, 0.1, 0] },
  upperChest: { parent: 'chest', at: [0, 0.1, 0] },
  neck: { parent: 'upperChest', at: [0, 0.15, 0] },
  head: { parent: 'neck', at: [0, 0.08, 0] },
  ...sides('Eye', 'head', [0.03, 0.07, 0.06]),
  ...sides('UpperArm', 'upperChest', [0.15, 0.1, 0]),
  ...sides('LowerArm', 'UpperArm', [0.25, 0, 0]),
  ...sides('Hand', 'LowerArm', [0.22, 0, 0]),
  ...sides('UpperLeg', 'hips', [0.08, -0.05, 0]),
  ...sides('LowerLeg', 'UpperLeg', [0, -0.35, 0]),
  ...sides('Foot', 'LowerLeg', [0, -0.35, 0]),
};
const OPTIONAL = ['chest', 'upperChest', 'neck', 'leftEye', 'rightEye'];

function sides(part: string, parent: string, [x, y, z]: readonly [number, number, number]): Record<string, Joint> {
  const of = (side: string): string => (/^[A-Z]/.test(parent) ? side + parent : parent);
  return { [`left${part}`]: { parent: of('left'), at: [x, y, z] }, [`right${part}`]: { parent: of('right'), at: [-x, y, z] } };
}

/** A complete .vrm file. */
export function makeVrm(plan: Plan): ArrayBuffer {
  const names = Object.keys(JOINTS).filter((name) => !OPTIONAL.includes(name) || plan.bones?.includes(name));
  const node = (name: string): number => names.indexOf(name) + 1;
  const facing = plan.version === '0' ? -1 : 1;
  const nodes = names.map((name) => ({
    name,
    // VRM 0.x avatars look along -Z: half a turn about y.
    translation: offset(name, names).map((value, axis) => (axis === 1 ? value : value * facing)),
    children: names.filter((other) => parentOf(other, names) === name).map(node),
  }));
  const targets = [...(plan.shapes?.names ?? []), ...(plan.presets ?? [])];
  const gltf = {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0, node('hips')] }],
    nodes: [{ name: 'body', mesh: 0 }, ...nodes],
    meshes: [{ primitives: [primitive(targets.length)], extras: { targetNames: targets } }],
    accessors: [{ bufferView: 0, componentType: 5126, count: 3, type: 'VEC3', min: [0, 0, 0], max: [1, 1, 0] }],
    bufferViews: [{ buffer: 0, byteOffset: 0, byteLength: 36 }],
    buffers: [{ byteLength: 36 }],
    extensionsUsed: [plan.version === '0' ? 'VRM' : 'VRMC_vrm'],
    extensions: plan.version === '0' ? { VRM: vrm0(plan, names, targets) } : { VRMC_vrm: vrm1(plan, names, targets) },
  };
  return pack(gltf, new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0]));
}

function parentOf(name: string, names: readonly string[]): string | null {
  let parent = JOINTS[name]!.parent;
  while (parent !== null && !names.includes(parent)) parent = JOINTS[parent]!.parent;
  return parent;
}

function offset(name: string, names: readonly string[]): number[] {
  const sum = [...JOINTS[name]!.at];
  for (let parent = JOINTS[name]!.parent; parent !== null && !names.includes(parent); parent = JOINTS[parent]!.parent) {
    JOINTS[parent]!.at.forEach((value, axis) => (sum[axis]! += value));
  }
  return sum;
}

function primitive(targets: number): object {
  const bare = { attributes: { POSITION: 0 } };
  return targets > 0 ? { ...bare, targets: Array.from({ length: targets }, () => ({ POSITION: 0 })) } : bare;
}

function vrm1(plan: Plan, names: readonly string[], targets: readonly string[]): object {
  const bind = (name: string): object => ({ morphTargetBinds: [{ node: 0, index: targets.indexOf(name), weight: 1 }] });
  const range = { inputMaxValue: 90, outputScale: plan.eyeRange ?? 90 };
  const custom = plan.shapes?.expressions ? plan.shapes.names : [];
  return {
    specVersion: '1.0',
    meta: { name: 'Test', version: '1', authors: ['the tests'], licenseUrl: 'https://vrm.dev/licenses/1.0/' },
    ...(plan.noHumanoid ? {} : { humanoid: { humanBones: Object.fromEntries(names.map((name, i) => [name, { node: i + 1 }])) } }),
    expressions: {
      preset: Object.fromEntries((plan.presets ?? []).map((name, i) => [name, { ...bind(name), ...(i === 0 ? plan.overrides : {}) }])),
      custom: Object.fromEntries(custom.map((name) => [name, bind(name)])),
    },
    lookAt: {
      type: plan.lookAt ?? 'bone',
      offsetFromHeadBone: [0, 0.06, 0],
      rangeMapHorizontalInner: range,
      rangeMapHorizontalOuter: range,
      rangeMapVerticalDown: range,
      rangeMapVerticalUp: range,
    },
  };
}

function vrm0(plan: Plan, names: readonly string[], targets: readonly string[]): object {
  const group = (name: string, presetName: string): object => ({
    name,
    presetName,
    binds: [{ mesh: 0, index: targets.indexOf(name), weight: 100 }],
    materialValues: [],
    isBinary: false,
  });
  const range = { xRange: 90, yRange: plan.eyeRange ?? 90, curve: [0, 0, 0, 1, 1, 1, 1, 0] };
  const custom = plan.shapes?.expressions ? plan.shapes.names : [];
  return {
    specVersion: '0.0',
    meta: { title: 'Test', version: '1' },
    ...(plan.noHumanoid ? {} : { humanoid: { humanBones: names.map((bone, i) => ({ bone, node: i + 1 })) } }),
    blendShapeMaster: {
      blendShapeGroups: [...(plan.presets ?? []).map((n) => group(n, n)), ...custom.map((n) => group(n, 'unknown'))],
    },
    firstPerson: {
      firstPersonBone: names.indexOf('head') + 1,
      firstPersonBoneOffset: { x: 0, y: 0.06, z: 0 },
      meshAnnotations: [],
      lookAtTypeName: plan.lookAt === 'expression' ? 'BlendShape' : 'Bone',
      lookAtHorizontalInner: range,
      lookAtHorizontalOuter: range,
      lookAtVerticalDown: range,
      lookAtVerticalUp: range,
    },
    secondaryAnimation: { boneGroups: [], colliderGroups: [] },
    materialProperties: [],
  };
}

/** Header, JSON chunk and binary chunk of a .glb file. */
export function pack(gltf: object, data: Float32Array): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(gltf).padEnd(Math.ceil(JSON.stringify(gltf).length / 4) * 4));
  const bytes = new Uint8Array(12 + 8 + json.length + 8 + data.byteLength);
  const view = new DataView(bytes.buffer);
  const words = [0x46546c67, 2, bytes.length, json.length, 0x4e4f534a];
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  bytes.set(json, 20);
  view.setUint32(20 + json.length, data.byteLength, true);
  view.setUint32(24 + json.length, 0x004e4942, true);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 28 + json.length);
  return bytes.buffer;
}

/** All 52 in the spelling of VRM 0.x models. */
export const PASCAL = ARKIT.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
