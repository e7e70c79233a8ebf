import type { Quaternion } from 'three';
import { expect } from 'vitest';
import { type AvatarState, WIRE_VERSION } from '../src/wire';

/** A state with only what a test is about. */
export function makeState(t: number, parts: Partial<AvatarState> = {}): AvatarState {
  return {
    v: WIRE_VERSION,
    t,
    person: 0,
    tracking: 'tracked',
    confidence: 1,
    head: { rotation: [0, 0, 0, 1], position: [0, 0, 0] },
    bones: {},
    blendshapes: {},
    expressions: {},
    ...parts,
  };
}

/** Equal rotations: q and -q are the same. */
export function expectRotation(actual: Quaternion, expected: Quaternion, digits = 5): void {
  expect(Math.abs(actual.dot(expected))).toBeCloseTo(1, digits);
}
