import { MathUtils, Quaternion, Vector3 } from 'three';
import type { Pose } from '../../pose';

/** From the hips up to the head, in the order in which they hang on each other: together they are the head's turn. */
const TRUNK: readonly string[] = ['hips', 'spine', 'chest', 'upperChest', 'neck', 'head'];
/** A turn of the head that is the end of Live2D's scale, and a look: Live2D's head angles are degrees from -30 to 30. */
export const FULL_TURN = 30 * MathUtils.DEG2RAD;
export const FULL_LOOK = 30 * MathUtils.DEG2RAD;
/** A shift of the head that leans the body to the end of its scale, metres. */
const FULL_LEAN = 0.25;

const head = new Quaternion();
const eyes = new Quaternion();
const forward = new Vector3();
const up = new Vector3();

/** What a pose says in Live2D's terms: shares from -1 to 1, or weights from 0 to 1; right is the viewer's right. */
export class Signals {
  /** The head turned to the viewer's right, up, and its crown tilted to the viewer's right. Beyond 1 past Live2D's scale. */
  yaw = 0;
  pitch = 0;
  roll = 0;
  /** The eyes, to the viewer's right and up. */
  lookX = 0;
  lookY = 0;
  /** The head moved aside from its place, and nearer. */
  lean = 0;
  near = 0;
  private weights: ReadonlyMap<string, number> = new Map();

  read(pose: Pose): void {
    head.identity();
    for (const name of TRUNK) {
      const rotation = pose.bones.get(name);
      if (rotation) head.multiply(rotation);
    }
    forward.set(0, 0, 1).applyQuaternion(head);
    up.set(0, 1, 0).applyQuaternion(head);
    this.yaw = Math.atan2(forward.x, forward.z) / FULL_TURN;
    this.pitch = Math.asin(MathUtils.clamp(forward.y, -1, 1)) / FULL_TURN;
    this.roll = rollOf(forward, up) / FULL_TURN;
    this.look(pose);
    this.lean = pose.position.x / FULL_LEAN;
    this.near = pose.position.z / FULL_LEAN;
    this.weights = pose.blendshapes;
  }

  /** An ARKit weight, 0..1. */
  weight(name: string): number {
    return this.weights.get(name) ?? 0;
  }

  /** The mean of the left and the right of a shape. */
  both(name: string): number {
    return (this.weight(`${name}Left`) + this.weight(`${name}Right`)) / 2;
  }

  /** Both eyes look one way in Live2D: the mean of the two. */
  private look(pose: Pose): void {
    [this.lookX, this.lookY] = [0, 0];
    for (const name of ['leftEye', 'rightEye'] as const) {
      const rotation = pose.bones.get(name);
      if (!rotation) continue;
      forward.set(0, 0, 1).applyQuaternion(eyes.copy(rotation));
      this.lookX += Math.atan2(forward.x, forward.z) / FULL_LOOK / 2;
      this.lookY += Math.asin(MathUtils.clamp(forward.y, -1, 1)) / FULL_LOOK / 2;
    }
  }
}

/** How far the crown is tilted to +x round the way that the face looks, radians. */
function rollOf(face: Vector3, crown: Vector3): number {
  // Where level ears would be: +x turned along with the face.
  const level = Math.hypot(face.x, face.z) || 1;
  const side = (crown.x * face.z - crown.z * face.x) / level;
  const height = crown.y * level - (face.y * (crown.x * face.x + crown.z * face.z)) / level;
  return Math.atan2(side, height);
}
