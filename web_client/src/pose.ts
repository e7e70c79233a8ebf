import { Quaternion, Vector3 } from 'three';
import type { AvatarState } from './wire';

const IDENTITY = new Quaternion();

/**
 * What an avatar is to show at one instant, in the wire's axes and names.
 *
 * A pose is filled in place, frame after frame; names are only ever added, so that nothing is allocated once every name was seen.
 */
export class Pose {
  /** Of the head from its neutral place, metres. */
  readonly position = new Vector3();
  /** Local rotations of VRM bones. */
  readonly bones = new Map<string, Quaternion>();
  /** ARKit weights, 0..1. */
  readonly blendshapes = new Map<string, number>();
  /** VRM preset weights, 0..1. */
  readonly expressions = new Map<string, number>();
  /** How much of it nobody drives, 0..1: avatars with idle motions of their own show so much of them. */
  idle = 0;

  /** @param rest The rotation of each bone that nobody drives; the others rest in the T-pose. */
  constructor(private readonly rest: ReadonlyMap<string, Quaternion> = new Map()) {
    for (const name of rest.keys()) this.bone(name);
  }

  /** The rotation of a bone, to read or to change; at rest when it was never set. */
  bone(name: string): Quaternion {
    let rotation = this.bones.get(name);
    if (rotation === undefined) {
      rotation = (this.rest.get(name) ?? IDENTITY).clone();
      this.bones.set(name, rotation);
    }
    return rotation;
  }

  /** Everything at rest. */
  reset(): void {
    this.position.set(0, 0, 0);
    for (const [name, rotation] of this.bones) rotation.copy(this.rest.get(name) ?? IDENTITY);
    for (const name of this.blendshapes.keys()) this.blendshapes.set(name, 0);
    for (const name of this.expressions.keys()) this.expressions.set(name, 0);
  }

  /** Takes over a state; what it does not name goes to rest. */
  read(state: AvatarState): void {
    this.reset();
    this.position.fromArray(state.head.position);
    for (const name in state.bones) this.bone(name).fromArray(state.bones[name]!).normalize();
    for (const name in state.blendshapes) this.blendshapes.set(name, state.blendshapes[name]!);
    for (const name in state.expressions) this.expressions.set(name, state.expressions[name]!);
  }

  copy(other: Pose): void {
    this.mix(other, other, 1);
  }

  /** Becomes the pose between two others: `a` at share 0, `b` at share 1. It may be one of the two. */
  mix(a: Pose, b: Pose, share: number): void {
    this.position.lerpVectors(a.position, b.position, share);
    for (const name of a.bones.keys()) b.bone(name);
    // What only this pose names, such as a bone that breath was added to, goes to rest: else it would add up.
    for (const name of this.bones.keys()) b.bone(name);
    for (const name of b.bones.keys()) this.bone(name).slerpQuaternions(a.bone(name), b.bone(name), share);
    mixWeights(this.blendshapes, a.blendshapes, b.blendshapes, share);
    mixWeights(this.expressions, a.expressions, b.expressions, share);
  }
}

function mixWeights(target: Map<string, number>, a: Map<string, number>, b: Map<string, number>, share: number): void {
  for (const name of a.keys()) if (!b.has(name)) b.set(name, 0);
  for (const [name, weight] of b) {
    const from = a.get(name) ?? 0;
    target.set(name, from + (weight - from) * share);
  }
}
