import { type VRM, VRMLookAtBoneApplier } from '@pixiv/three-vrm';
import { Euler, MathUtils, type Quaternion, Vector3 } from 'three';

interface Limits {
  inner: number;
  outer: number;
  up: number;
  down: number;
}

/** For avatars whose maker gave no range, degrees. */
const USUAL: Limits = { inner: 20, outer: 20, up: 15, down: 15 };

const forward = new Vector3();
const euler = new Euler(0, 0, 0, 'YXZ');

/** The eye bones of one avatar: gaze is taken as it comes, but no further than its maker lets the eyes turn. */
export class Eyes {
  /** Whether there are eye bones, and the maker meant them to turn. */
  readonly byBone: boolean;
  private readonly limits: Limits;

  constructor(vrm: VRM) {
    const applier = vrm.lookAt?.applier;
    const bones = vrm.humanoid.getNormalizedBoneNode('leftEye') && vrm.humanoid.getNormalizedBoneNode('rightEye');
    this.byBone = Boolean(bones) && (applier === undefined || applier instanceof VRMLookAtBoneApplier);
    this.limits = applier instanceof VRMLookAtBoneApplier ? rangeOf(applier) : USUAL;
    // The wire turns the eyes; three-vrm's own gaze would turn them back.
    if (vrm.lookAt) vrm.lookAt.applier = { applyYawPitch: () => undefined, lookAt: () => undefined };
  }

  /** Holds a rotation, VRM 1.0 axes, within what the eye of that side can turn; in place. */
  limit(side: 'left' | 'right', rotation: Quaternion): void {
    forward.set(0, 0, 1).applyQuaternion(rotation);
    const yaw = MathUtils.RAD2DEG * Math.atan2(forward.x, forward.z);
    const pitch = MathUtils.RAD2DEG * Math.asin(MathUtils.clamp(forward.y, -1, 1));
    const { inner, outer, up, down } = this.limits;
    const [toLeft, toRight] = side === 'left' ? [outer, inner] : [inner, outer];
    if (yaw <= toLeft && yaw >= -toRight && pitch <= up && pitch >= -down) return;
    const heldYaw = MathUtils.DEG2RAD * MathUtils.clamp(yaw, -toRight, toLeft);
    const heldPitch = MathUtils.DEG2RAD * MathUtils.clamp(pitch, -down, up);
    rotation.setFromEuler(euler.set(-heldPitch, heldYaw, 0));
  }
}

function rangeOf(applier: VRMLookAtBoneApplier): Limits {
  return {
    inner: applier.rangeMapHorizontalInner.outputScale || USUAL.inner,
    outer: applier.rangeMapHorizontalOuter.outputScale || USUAL.outer,
    up: applier.rangeMapVerticalUp.outputScale || USUAL.up,
    down: applier.rangeMapVerticalDown.outputScale || USUAL.down,
  };
}
