import { type BufferAttribute, type BufferGeometry, Quaternion, type Vector3 } from 'three';
import type { MmdMaterial } from './material';
import { placed, type Surface } from './geometry';
import type { Pmx, PmxMaterialOffset, PmxMorph } from './pmx';

/** How deep groups of groups are followed: the format has none, broken files have rings of them. */
const DEEPEST = 4;

interface Places {
  morph: number;
  /** Places of the first component in the attribute's array. */
  at: Uint32Array;
  offsets: Float32Array;
}

interface BoneOffset {
  morph: number;
  bone: number;
  move: Vector3;
  rotation: Quaternion;
}

const turn = new Quaternion();
const NO_TURN = new Quaternion();

/**
 * The morphs of one model, worked out on the processor: each touches few vertices, whereas a graphics card would keep all
 * vertices once for each morph, and add all of them up for every picture.
 */
export class Morphs {
  readonly names: readonly string[];
  private readonly wanted: Float32Array;
  private readonly effective: Float32Array;
  private readonly shown: Float32Array;
  private readonly shapes: Channel;
  private readonly coordinates: Channel;
  private readonly boneOffsets: BoneOffset[] = [];
  private readonly materialOffsets: { morph: number; offset: PmxMaterialOffset }[] = [];

  constructor(
    private readonly pmx: Pmx,
    surface: Surface,
    private readonly materials: readonly MmdMaterial[],
    scale: number,
  ) {
    this.names = pmx.morphs.map(({ name }) => name);
    this.wanted = new Float32Array(pmx.morphs.length);
    this.effective = new Float32Array(pmx.morphs.length);
    this.shown = new Float32Array(pmx.morphs.length);
    this.shapes = new Channel(surface.geometry, 'position', surface.moved);
    this.coordinates = new Channel(surface.geometry, 'uv', surface.moved);
    pmx.morphs.forEach((morph, i) => this.add(morph, i, surface, scale));
  }

  /** Sets the weight of one morph, 0..1, for the next {@link update}. */
  set(morph: number, weight: number): void {
    this.wanted[morph] = weight;
  }

  /** The weight that a morph was given, without those of groups that hold it. */
  get(morph: number): number {
    return this.wanted[morph] ?? 0;
  }

  /** Brings surface and materials to the weights, when they have changed. */
  update(): void {
    this.effective.fill(0);
    for (let i = 0; i < this.wanted.length; i++) if (this.wanted[i] !== 0) this.spread(i, this.wanted[i]!, 0);
    const changed = (morph: number): boolean => this.effective[morph] !== this.shown[morph];
    this.shapes.update(this.effective, changed);
    this.coordinates.update(this.effective, changed);
    if (this.materialOffsets.some(({ morph }) => changed(morph))) this.updateMaterials();
    this.shown.set(this.effective);
  }

  /** Adds what bone morphs say to rotations and moves, by bone. After {@link update}. */
  addToBones(rotations: readonly Quaternion[], moves: readonly Vector3[]): void {
    for (const { morph, bone, move, rotation } of this.boneOffsets) {
      const weight = this.effective[morph]!;
      if (weight === 0) continue;
      moves[bone]?.addScaledVector(move, weight);
      rotations[bone]?.multiply(turn.slerpQuaternions(NO_TURN, rotation, weight));
    }
  }

  private add(morph: PmxMorph, i: number, surface: Surface, scale: number): void {
    if (morph.type === 'vertex') {
      const offsets = morph.offsets.map((value, k) => (k % 3 === 2 ? -value : value) * scale);
      this.shapes.add({ morph: i, at: morph.vertices.map((vertex) => surface.order[vertex]! * 3), offsets });
    } else if (morph.type === 'uv') {
      this.coordinates.add({ morph: i, at: morph.vertices.map((vertex) => surface.order[vertex]! * 2), offsets: morph.offsets });
    } else if (morph.type === 'bone') {
      for (const { bone, move, rotation } of morph.items) {
        const [x, y, z, w] = rotation;
        this.boneOffsets.push({ morph: i, bone, move: placed(move, scale), rotation: new Quaternion(-x, -y, z, w).normalize() });
      }
    } else if (morph.type === 'material') {
      for (const offset of morph.items) this.materialOffsets.push({ morph: i, offset });
    }
  }

  /** Gives a weight to a morph, or to those that a group holds. A flip shows one of its own at a time. */
  private spread(morph: number, weight: number, depth: number): void {
    const found = this.pmx.morphs[morph];
    if (found === undefined || depth > DEEPEST) return;
    if (found.type === 'group') {
      for (const item of found.items) this.spread(item.morph, weight * item.ratio, depth + 1);
    } else if (found.type === 'flip') {
      const item = found.items[Math.min(Math.floor(weight * (found.items.length + 1)) - 1, found.items.length - 1)];
      if (item) this.spread(item.morph, item.ratio, depth + 1);
    } else {
      this.effective[morph] = this.effective[morph]! + weight;
    }
  }

  private updateMaterials(): void {
    for (const material of this.materials) material.reset();
    for (const { morph, offset } of this.materialOffsets) {
      const weight = this.effective[morph]!;
      if (weight === 0) continue;
      const meant = offset.material < 0 ? this.materials : this.materials.slice(offset.material, offset.material + 1);
      for (const material of meant) material.change(offset, weight);
    }
    for (const material of this.materials) material.show();
  }
}

/** Places or texture coordinates: those at rest, and what is added to them. */
class Channel {
  private readonly attribute: BufferAttribute;
  private readonly rest: Float32Array;
  private readonly morphs: Places[] = [];

  /** @param moved How many of the first vertices are ever moved */
  constructor(geometry: BufferGeometry, name: 'position' | 'uv', moved: number) {
    this.attribute = geometry.getAttribute(name) as BufferAttribute;
    this.rest = (this.attribute.array as Float32Array).slice(0, moved * this.attribute.itemSize);
  }

  add(places: Places): void {
    this.morphs.push(places);
  }

  update(weights: Float32Array, changed: (morph: number) => boolean): void {
    if (!this.morphs.some(({ morph }) => changed(morph))) return;
    const array = this.attribute.array as Float32Array;
    const width = this.attribute.itemSize;
    // Begun from rest each time: sums of differences would drift.
    array.set(this.rest);
    for (const { morph, at, offsets } of this.morphs) {
      const weight = weights[morph]!;
      if (weight === 0) continue;
      for (let i = 0; i < at.length; i++) {
        const place = at[i]!;
        for (let k = 0; k < width; k++) array[place + k] = array[place + k]! + weight * offsets[i * width + k]!;
      }
    }
    this.attribute.addUpdateRange(0, this.rest.length);
    this.attribute.needsUpdate = true;
  }
}

