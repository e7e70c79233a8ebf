import { Euler, Quaternion } from 'three';
import { RELAXED } from '../wire';

const DEGREE = Math.PI / 180;

/**
 * The bones that hang relaxed while nothing drives them, as local rotations from the T-pose in VRM 1.0 axes:
 * arms down, elbows a touch bent, fingers loosely curled. Bones not named here rest in the T-pose.
 */
export const REST_POSE: ReadonlyMap<string, Quaternion> = restPose();

function restPose(): Map<string, Quaternion> {
  const pose = new Map<string, Quaternion>();
  for (const [name, [x, y, z]] of Object.entries(RELAXED)) {
    const left = new Quaternion().setFromEuler(new Euler(x * DEGREE, y * DEGREE, z * DEGREE, 'XYZ'));
    pose.set(name, left);
    pose.set(name.replace('left', 'right'), new Quaternion(left.x, -left.y, -left.z, left.w));
  }
  return pose;
}
