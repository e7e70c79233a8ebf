import type { VRM, VRMHumanBoneName } from '@pixiv/three-vrm';
import { Euler, Quaternion, Vector3 } from 'three';
import { swayOf } from './sway';

type Side = 'left' | 'right';
const SIDES: readonly Side[] = ['left', 'right'];
const euler = new Euler();
const offset = new Vector3();

/**
 * Moves the hips with the performer's head while the feet stay where they are: the legs lean, and bend when the body sinks.
 */
export class Stance {
  private readonly rest: Vector3;
  /** Length of a leg from hip to ankle, metres. */
  private readonly leg: number;
  readonly rotations = new Map<VRMHumanBoneName, Quaternion>();

  /** @param head Height of the head bone, metres */
  constructor(
    private readonly vrm: VRM,
    private readonly head: number,
  ) {
    this.rest = vrm.humanoid.getNormalizedBoneNode('hips')!.position.clone();
    const hip = vrm.humanoid.getRawBoneNode('leftUpperLeg')?.getWorldPosition(new Vector3());
    const ankle = vrm.humanoid.getRawBoneNode('leftFoot')?.getWorldPosition(new Vector3());
    this.leg = hip && ankle ? Math.max(hip.distanceTo(ankle), 1e-3) : 0;
    for (const side of SIDES) {
      for (const part of ['UpperLeg', 'LowerLeg', 'Foot'] as const) this.rotations.set(`${side}${part}`, new Quaternion());
    }
  }

  /**
   * Sets the hips and works out the legs' rotations, VRM 1.0 axes.
   *
   * @param position The performer's head from its neutral place, metres
   * @param facing 1, or -1 for an avatar whose normalized bones look along -Z (VRM 0.x)
   */
  apply(position: Vector3, facing: 1 | -1): void {
    swayOf(position, this.head, offset);
    const hips = this.vrm.humanoid.getNormalizedBoneNode('hips')!;
    hips.position.set(this.rest.x + offset.x * facing, this.rest.y + offset.y, this.rest.z + offset.z * facing);
    if (this.leg > 0) this.bendLegs();
  }

  private bendLegs(): void {
    const drop = Math.max(this.leg + offset.y, this.leg * 0.5);
    const aside = Math.atan2(offset.x, drop);
    const ahead = Math.atan2(offset.z, drop);
    // The knee makes up for a leg that is now too long, as if thigh and shin were of one length.
    const knee = Math.acos(Math.min(Math.hypot(drop, offset.x, offset.z) / this.leg, 1));
    for (const side of SIDES) {
      this.turn(`${side}UpperLeg`, ahead - knee, -aside);
      this.turn(`${side}LowerLeg`, 2 * knee, 0);
      this.turn(`${side}Foot`, -ahead - knee, aside);
    }
  }

  private turn(name: VRMHumanBoneName, pitch: number, roll: number): void {
    this.rotations.get(name)!.setFromEuler(euler.set(pitch, 0, roll));
  }
}
