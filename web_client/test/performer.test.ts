import { expect, test } from 'vitest';
import { Quaternion } from 'three';
import { REST_POSE } from '../src/avatar/rest_pose';
import { Performer } from '../src/performer';
import { makeState } from './fixtures';

const FPS = 60;
const SECONDS = 12;
/** Breath, idle drift and what follows the head, radians: no bone of the trunk goes further by itself. */
const TRUNK = 0.16;
const TRUNK_BONES = ['spine', 'chest', 'leftShoulder', 'rightShoulder'];

/** The furthest that each of the trunk's bones goes from its rest over some seconds, radians. */
function furthest(performer: Performer): number[] {
  const most = TRUNK_BONES.map(() => 0);
  for (let i = 0; i < FPS * SECONDS; i++) {
    const pose = performer.sample(i / FPS);
    TRUNK_BONES.forEach((name, k) => {
      const rest = REST_POSE.get(name) ?? new Quaternion();
      most[k] = Math.max(most[k]!, rest.angleTo(pose.bone(name)));
    });
  }
  return most;
}

test('who has not come yet stands upright, however many pictures are drawn', () => {
  for (const angle of furthest(new Performer(1, REST_POSE))) expect(angle).toBeLessThan(TRUNK);
});

test('a source that says nothing of the trunk leaves it upright', () => {
  const performer = new Performer(1, REST_POSE);
  performer.push(makeState(0, { bones: { head: [0, 0, 0, 1] } }), 0);
  for (const angle of furthest(performer)) expect(angle).toBeLessThan(TRUNK);
});
