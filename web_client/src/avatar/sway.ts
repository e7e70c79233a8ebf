import type { Vector3 } from 'three';

/** Share of the performer's movement that the body follows. */
const SHARE = 0.6;
/** How far the hips may go from their place on an avatar whose head is 1.5 m up: to the sides, and to front and back, metres. */
const REACH_SIDE = 0.16;
const REACH_DEPTH = 0.14;
const REACH_DOWN = 0.06;
const REACH_UP = 0.025;
const USUAL_HEAD = 1.5;

/**
 * How far the hips go with the performer's head, metres.
 *
 * @param position The performer's head from its neutral place, metres
 * @param head Height of the avatar's head bone, metres
 * @param target Is set and given back
 */
export function swayOf(position: Vector3, head: number, target: Vector3): Vector3 {
  target.set(
    bounded(position.x, REACH_SIDE, REACH_SIDE),
    bounded(position.y, REACH_DOWN, REACH_UP),
    bounded(position.z, REACH_DEPTH, REACH_DEPTH),
  );
  return target.multiplyScalar(head / USUAL_HEAD);
}

/** Follows a movement less and less towards its limit, which it never passes. */
function bounded(value: number, below: number, above: number): number {
  const limit = value < 0 ? below : above;
  return limit * Math.tanh((SHARE * value) / limit);
}
