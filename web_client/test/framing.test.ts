import { describe, expect, it } from 'vitest';
import type { Figure } from '../src/avatar/avatar';
import { frame as frameAll, type Framing, liftsOf, placesOf } from '../src/framing';
import { CAMERAS } from '../src/look';

const FOV = 22;
const frame = (camera: (typeof CAMERAS)[number], figure: Figure, fov: number, aspect: number): Framing => frameAll(camera, [{ figure, x: 0, y: 0 }], fov, aspect);
const ADULT: Figure = { hips: 0.9, head: 1.4, eyes: 1.48, top: 1.65, halfShoulders: 0.17, halfHead: 0.14, front: 0.12 };
const SMALL = Object.fromEntries(Object.entries(ADULT).map(([key, value]) => [key, value / 3])) as unknown as Figure;
const WIDE = 16 / 9;

/** Lowest and highest point and half the width that are seen at the avatar's front, metres. */
function seen(camera: (typeof CAMERAS)[number], figure: Figure, aspect: number): { bottom: number; top: number; side: number } {
  const { height, distance } = frame(camera, figure, FOV, aspect);
  const half = (distance - figure.front) * Math.tan((FOV * Math.PI) / 360);
  return { bottom: height - half, top: height + half, side: half * aspect };
}

describe('frame', () => {
  it.each([WIDE, 4 / 3, 1, 9 / 16])('shows what each preset is named for at aspect %f', (aspect) => {
    const full = seen('full', ADULT, aspect);
    expect(full.bottom).toBeLessThan(0);
    expect(full.top).toBeGreaterThan(ADULT.top);
    const bust = seen('bust', ADULT, aspect);
    expect(bust.bottom).toBeLessThan(ADULT.head - 0.1);
    expect(bust.top).toBeGreaterThan(ADULT.top);
    expect(bust.side).toBeGreaterThan(ADULT.halfShoulders);
    const face = seen('face', ADULT, aspect);
    expect(face.bottom).toBeLessThan(ADULT.head);
    expect(face.top).toBeGreaterThan(ADULT.eyes + 0.1);
  });

  it('comes closer from full to bust to face', () => {
    const distances = (['full', 'bust', 'face'] as const).map((name) => frame(name, ADULT, FOV, WIDE).distance);
    expect(distances[0]).toBeGreaterThan(distances[1]!);
    expect(distances[1]).toBeGreaterThan(distances[2]!);
  });

  it.each(CAMERAS)('shows a small avatar as large as a tall one (%s)', (name) => {
    const tall = frame(name, ADULT, FOV, WIDE);
    const small = frame(name, SMALL, FOV, WIDE);
    expect(small.distance * 3).toBeCloseTo(tall.distance, 9);
    expect(small.height * 3).toBeCloseTo(tall.height, 9);
  });

  it('shows the whole head where nobody knows the eyes', () => {
    const box: Figure = { ...ADULT, eyes: 1.43, eyesGuessed: true, halfHead: 0.5 };
    const face = seen('face', box, WIDE);
    expect(face.top).toBeGreaterThan(box.top);
    expect(face.side).toBeGreaterThan(box.halfHead);
  });

  it('lifts a small one to where the others are seen, but not off the floor that is seen', () => {
    expect(liftsOf('full', [ADULT, SMALL])).toEqual([0, 0]);
    const [tall, small] = liftsOf('bust', [ADULT, SMALL, null]) as [number, number];
    expect(tall).toBe(0);
    expect(small + SMALL.head).toBeGreaterThan(0.9 * ADULT.head);
    const alone = frame('bust', ADULT, FOV, WIDE);
    const both = frameAll('bust', [{ figure: ADULT, x: 0, y: tall }, { figure: SMALL, x: 0, y: small }], FOV, WIDE);
    expect(both.distance).toBeLessThan(1.2 * alone.distance);
    expect(liftsOf('face', [SMALL])).toEqual([0]);
    const narrow = frameAll('bust', [{ figure: ADULT, x: -1, y: tall }, { figure: SMALL, x: 1, y: small }], FOV, 1);
    expect(narrow.height - narrow.distance * Math.tan((FOV * Math.PI) / 360)).toBeGreaterThanOrEqual(small - 1e-9);
  });

  it('shows all who stand side by side, from the left', () => {
    const places = placesOf([ADULT, SMALL, ADULT], null);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[2]! - places[1]!).toBeGreaterThan(ADULT.halfShoulders + SMALL.halfShoulders);
    expect(places[0]).toBeCloseTo(-places[2]!, 9);
    const { distance } = frameAll('bust', [ADULT, SMALL, ADULT].map((figure, i) => ({ figure, x: places[i]!, y: 0 })), FOV, WIDE);
    const side = (distance - ADULT.front) * Math.tan((FOV * Math.PI) / 360) * WIDE;
    expect(side).toBeGreaterThan(places[2]! + ADULT.halfShoulders);
    expect(placesOf([ADULT, null], [0.5])[0]).toBe(0.5);
  });
});
