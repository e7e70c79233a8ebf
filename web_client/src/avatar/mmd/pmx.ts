/**
 * What a PMX file says, in its own terms: left-handed axes, the model looking along -Z, lengths in MMD's units, angles in
 * radians. Indices are -1 for none.
 */
export interface Pmx {
  /** 2.0 or 2.1. */
  version: number;
  name: string;
  vertices: PmxVertices;
  /** Three to a triangle. */
  indices: Uint32Array;
  /** Paths as their maker wrote them. */
  textures: string[];
  materials: PmxMaterial[];
  bones: PmxBone[];
  morphs: PmxMorph[];
  bodies: PmxBody[];
  joints: PmxJoint[];
}

export type Triple = [number, number, number];
export type Colour = [number, number, number, number];

export interface PmxVertices {
  count: number;
  /** (count, 3) */
  positions: Float32Array;
  /** (count, 3) */
  normals: Float32Array;
  /** (count, 2), from the upper left corner */
  uvs: Float32Array;
  /** (count, 4) indices of bones; 0 where the weight is 0 */
  bones: Uint16Array;
  /** (count, 4), of sum 1 */
  weights: Float32Array;
  /**
   * (count, 9) of what hangs spherically on its first two bones: a centre, and a point for each bone; all 0 for the rest. Null
   * when nothing does.
   */
  spheres: Float32Array | null;
  /** (count) how wide the outline is here, against the material's */
  edges: Float32Array;
}

/** Bits of {@link PmxMaterial.flags}. */
export const MaterialFlag = { BothSides: 1, Edge: 0x10 } as const;
export const SphereMode = { None: 0, Multiply: 1, Add: 2, SubTexture: 3 } as const;

export interface PmxMaterial {
  name: string;
  diffuse: Colour;
  specular: Triple;
  shininess: number;
  ambient: Triple;
  flags: number;
  edgeColour: Colour;
  edgeSize: number;
  texture: number;
  sphere: number;
  sphereMode: number;
  /** One of the ten ramps that come with MMD, else an index of `textures`. */
  toon: { shared: boolean; index: number };
  /** How many of `indices` are of it; they follow each other. */
  indexCount: number;
}

/** Bits of {@link PmxBone.flags}. */
export const BoneFlag = { TailIsBone: 1, Ik: 0x20, RotationGrant: 0x100, MoveGrant: 0x200, FixedAxis: 0x400, LocalAxes: 0x800, AfterPhysics: 0x1000, ExternalParent: 0x2000 } as const;

export interface PmxBone {
  name: string;
  englishName: string;
  position: Triple;
  parent: number;
  /** Bones of a lower layer are worked out first. */
  layer: number;
  flags: number;
  /** Where it points: another bone, or so far from its own place. */
  tail: number | Triple;
  /** Takes over a share of another bone's movement. */
  grant: { bone: number; ratio: number } | null;
  ik: PmxIk | null;
}

export interface PmxIk {
  /** The bone that is to come where this one is. */
  effector: number;
  loops: number;
  /** The most that a link turns in one loop. */
  step: number;
  /** From the effector upwards. */
  links: { bone: number; limits: { lower: Triple; upper: Triple } | null }[];
}

export type PmxMorph = { name: string; englishName: string } & PmxMorphOffsets;

export type PmxMorphOffsets =
  | { type: 'group' | 'flip'; items: { morph: number; ratio: number }[] }
  /** `offsets` (count, 3) of a place, (count, 2) of a texture coordinate. */
  | { type: 'vertex' | 'uv'; vertices: Uint32Array; offsets: Float32Array }
  | { type: 'bone'; items: { bone: number; move: Triple; rotation: Colour }[] }
  | { type: 'material'; items: PmxMaterialOffset[] }
  /** What a bust does not need: further texture coordinates, impulses. */
  | { type: 'other' };

export interface PmxMaterialOffset {
  /** -1 for all. */
  material: number;
  multiply: boolean;
  diffuse: Colour;
  ambient: Triple;
  edgeColour: Colour;
  edgeSize: number;
}

export const BodyShape = { Sphere: 0, Box: 1, Capsule: 2 } as const;
/** Who moves a body: its bone, or physics. */
export const BodyMode = { Bone: 0, Physics: 1, PhysicsAtBone: 2 } as const;

export interface PmxBody {
  bone: number;
  group: number;
  /** A bit for each group that it collides with. */
  mask: number;
  shape: number;
  /** Radius and height of a capsule, radius of a sphere. */
  size: Triple;
  position: Triple;
  rotation: Triple;
  mode: number;
}

export interface PmxJoint {
  a: number;
  b: number;
  /** How far it may turn about each axis. */
  lower: Triple;
  upper: Triple;
}
