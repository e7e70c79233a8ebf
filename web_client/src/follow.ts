import { MathUtils, Quaternion } from 'three';
import type { Pose } from './pose';

/** How much of the head's turn the trunk adds to the share that the wire gives it, and how far it leans after a tilt. */
const YAW_SHARE = 0.16;
const ROLL_SHARE = 0.14;
/** The trunk comes after the head by about this time, seconds. */
const LAG = 0.28;
/** Farthest that it goes, radians. */
const MOST = 0.14;
/** Share of the trunk's lean that the shoulders do not follow: they stay more level than the spine. */
const LEVEL = 0.5;
/** Longest step, seconds: after a gap the trunk goes on from where it was. */
const LONGEST_STEP = 0.1;
const head = new Quaternion();
const turn = new Quaternion();

/**
 * The trunk comes after the head: it turns and leans a little to where the head went, later and slower, and the shoulders
 * stay half level. What the trunk adds is taken back at the neck, so that the head faces exactly where it should.
 */
export class Follow {
  private yaw = 0;
  private roll = 0;

  /**
   * Adds the trunk's own motion to a pose.
   *
   * @param dt Seconds since the last call
   * @param free Whether nobody else moves the trunk, such as a suit: else what was added fades out
   */
  apply(pose: Pose, dt: number, free: boolean): void {
    const share = free ? 1 : 0;
    head.copy(pose.bone('neck')).multiply(pose.bone('head'));
    const yaw = Math.atan2(2 * (head.w * head.y + head.x * head.z), 1 - 2 * (head.x * head.x + head.y * head.y));
    const roll = Math.asin(MathUtils.clamp(2 * (head.w * head.z + head.x * head.y), -1, 1));
    const step = 1 - Math.exp(-Math.min(dt, LONGEST_STEP) / LAG);
    this.yaw += step * (share * bounded(YAW_SHARE * yaw) - this.yaw);
    this.roll += step * (share * bounded(ROLL_SHARE * roll) - this.roll);
    turnTo(this.yaw, this.roll);
    pose.bone('spine').multiply(turn);
    pose.bone('neck').premultiply(this.back(pose, turn.conjugate()));
    turnTo(0, -LEVEL * this.roll);
    pose.bone('leftShoulder').premultiply(turn);
    pose.bone('rightShoulder').premultiply(turn);
  }

  /** The turn that undoes one at the spine, seen from the neck: through the chest's own turns. */
  private back(pose: Pose, undo: Quaternion): Quaternion {
    head.copy(pose.bone('chest')).multiply(pose.bone('upperChest'));
    return undo.multiply(head).premultiply(head.conjugate());
  }
}

function bounded(angle: number): number {
  return MOST * Math.tanh(angle / MOST);
}

function turnTo(yaw: number, roll: number): void {
  const [y, z] = [Math.sin(yaw / 2), Math.sin(roll / 2)];
  turn.set(0, y, z, Math.sqrt(1 - y * y - z * z));
}
