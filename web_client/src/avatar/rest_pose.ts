import { Euler, Quaternion } from 'three';

const DEGREE = Math.PI / 180;

/** Local rotations of the left side, degrees about x, y, z; the right side is their mirror image. */
const LEFT: Record<string, readonly [number, number, number]> = {
  // A negative turn about z lowers the left arm, which points along +x in the T-pose.
  leftShoulder: [0, 0, -3],
  leftUpperArm: [4, -4, -71],
  leftLowerArm: [0, -14, -4],
  leftHand: [-4, 0, -3],
  ...fingers('Index', 8, 16, 10),
  ...fingers('Middle', 12, 20, 12),
  ...fingers('Ring', 16, 24, 14),
  ...fingers('Little', 18, 26, 16),
  leftThumbMetacarpal: [0, 10, 0],
  leftThumbProximal: [0, 8, 0],
  leftThumbDistal: [0, 14, 0],
};

function fingers(name: string, proximal: number, intermediate: number, distal: number): Record<string, readonly [number, number, number]> {
  return {
    [`left${name}Proximal`]: [0, 0, -proximal],
    [`left${name}Intermediate`]: [0, 0, -intermediate],
    [`left${name}Distal`]: [0, 0, -distal],
  };
}

/**
 * The bones that hang relaxed while nothing drives them, as local rotations from the T-pose in VRM 1.0 axes:
 * arms down, elbows a touch bent, fingers loosely curled. Bones not named here rest in the T-pose.
 */
export const REST_POSE: ReadonlyMap<string, Quaternion> = restPose();

function restPose(): Map<string, Quaternion> {
  const pose = new Map<string, Quaternion>();
  for (const [name, [x, y, z]] of Object.entries(LEFT)) {
    const left = new Quaternion().setFromEuler(new Euler(x * DEGREE, y * DEGREE, z * DEGREE, 'XYZ'));
    pose.set(name, left);
    pose.set(name.replace('left', 'right'), new Quaternion(left.x, -left.y, -left.z, left.w));
  }
  return pose;
}
