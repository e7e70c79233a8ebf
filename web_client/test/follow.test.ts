import { Euler, Quaternion } from 'three';
import { describe, expect, it } from 'vitest';
import { Follow } from '../src/follow';
import { Pose } from '../src/pose';
import { expectRotation } from './fixtures';

const TRUNK = ['spine', 'chest', 'upperChest', 'neck', 'head'] as const;
const FRAME = 1 / 60;

function turned(x: number, y: number, z: number): Pose {
  const pose = new Pose();
  TRUNK.forEach((name, i) => pose.bone(name).setFromEuler(new Euler(x * i, y * i, z * i)));
  return pose;
}

function whole(pose: Pose): Quaternion {
  return TRUNK.reduce((product, name) => product.multiply(pose.bone(name)), new Quaternion());
}

/** The spine's own turn after some seconds of a pose. */
function spineAfter(follow: Follow, seconds: number, pose: () => Pose, free = true): Quaternion {
  let shown = pose();
  for (let t = 0; t < seconds; t += FRAME) {
    shown = pose();
    follow.apply(shown, FRAME, free);
  }
  return shown.bone('spine').clone().premultiply(pose().bone('spine').clone().invert());
}

describe('Follow', () => {
  it('leaves the head where it faces, whatever the trunk does', () => {
    const follow = new Follow();
    for (const [x, y, z] of [[0.1, 0.1, 0.05], [-0.1, 0.05, -0.1], [0.02, -0.12, 0.1]] as const) {
      for (let i = 0; i < 30; i++) {
        const pose = turned(x, y, z);
        follow.apply(pose, FRAME, true);
        expectRotation(whole(pose), whole(turned(x, y, z)), 9);
      }
    }
  });

  it('turns and leans the same way as the head, later', () => {
    const follow = new Follow();
    const pose = (): Pose => turned(0, 0.08, 0.03);
    const soon = spineAfter(follow, 0.1, pose);
    const late = spineAfter(follow, 3, pose);
    expect(soon.y).toBeGreaterThan(0);
    expect(late.y).toBeGreaterThan(2 * soon.y);
    expect(late.z).toBeGreaterThan(0);
    expect(2 * late.y).toBeLessThan(0.14);
  });

  it('lets a suit move the trunk alone', () => {
    const follow = new Follow();
    spineAfter(follow, 2, () => turned(0, 0.1, 0));
    expect(Math.abs(spineAfter(follow, 5, () => turned(0, 0.1, 0), false).y)).toBeLessThan(1e-6);
  });
});
