import { Quaternion, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { REST_POSE } from '../src/avatar/rest_pose';

const DEGREE = Math.PI / 180;

/** Direction, in the scene, of a left or right bone that points along x in the T-pose, below all its parents. */
function direction(side: 'left' | 'right', ...chain: string[]): Vector3 {
  const turn = new Quaternion();
  for (const part of chain) turn.multiply(REST_POSE.get(`${side}${part}`)!);
  return new Vector3(side === 'left' ? 1 : -1, 0, 0).applyQuaternion(turn);
}

describe.each(['left', 'right'] as const)('the %s arm at rest', (side) => {
  const outward = side === 'left' ? 1 : -1;

  it('hangs down at 68 to 78 degrees, a little away from the body', () => {
    const arm = direction(side, 'Shoulder', 'UpperArm');
    expect(Math.asin(-arm.y) / DEGREE).toBeGreaterThan(68);
    expect(Math.asin(-arm.y) / DEGREE).toBeLessThan(78);
    expect(arm.x * outward).toBeGreaterThan(0);
  });

  it('has its elbow a touch bent, forward', () => {
    const upper = direction(side, 'Shoulder', 'UpperArm');
    const lower = direction(side, 'Shoulder', 'UpperArm', 'LowerArm');
    expect(upper.angleTo(lower) / DEGREE).toBeGreaterThan(5);
    expect(upper.angleTo(lower) / DEGREE).toBeLessThan(25);
    expect(lower.z).toBeGreaterThan(upper.z);
  });

  it.each(['Index', 'Middle', 'Ring', 'Little'])('curls the %s finger inward', (finger) => {
    const parts = ['Proximal', 'Intermediate', 'Distal'].map((part) => `${finger}${part}`);
    const hand = direction(side, 'Shoulder', 'UpperArm', 'LowerArm', 'Hand');
    const tip = direction(side, 'Shoulder', 'UpperArm', 'LowerArm', 'Hand', ...parts);
    expect(hand.angleTo(tip) / DEGREE).toBeGreaterThan(20);
    expect(tip.x * outward).toBeLessThan(hand.x * outward);
  });
});

it('is symmetric', () => {
  for (const [name, left] of REST_POSE) {
    if (!name.startsWith('left')) continue;
    const right = REST_POSE.get(name.replace('left', 'right'))!;
    expect(right.toArray()).toEqual([left.x, -left.y, -left.z, left.w]);
  }
});
