import { Quaternion, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { Timeline } from '../src/timeline';
import { expectRotation, makeState } from './fixtures';

const FRAME = 1 / 60;
const turn = (angle: number): Quaternion => new Quaternion().setFromAxisAngle(new Vector3(0, 1, 0), angle);
const weight = (t: number): { blendshapes: Record<string, number> } => ({ blendshapes: { jawOpen: t } });

/** Plays states of `jawOpen = t` through a timeline; what was shown at each display frame. */
function play(stamps: number[], arrivals: number[], until: number): { now: number; shown: number }[] {
  const timeline = new Timeline();
  const shown: { now: number; shown: number }[] = [];
  let next = 0;
  for (let now = 0; now < until; now += FRAME) {
    while (next < stamps.length && arrivals[next]! <= now) {
      timeline.push(makeState(stamps[next]!, weight(stamps[next]!)), arrivals[next]!);
      next += 1;
    }
    shown.push({ now, shown: timeline.sample(now).blendshapes.get('jawOpen') ?? 0 });
  }
  return shown;
}

const steps = (n: number, dt: number, start = 0): number[] => Array.from({ length: n }, (_, i) => start + i * dt);

describe('Timeline', () => {
  it('shows the first state at once and holds it', () => {
    const timeline = new Timeline();
    timeline.push(makeState(5, weight(0.7)), 100);
    expect(timeline.sample(100).blendshapes.get('jawOpen')).toBe(0.7);
    expect(timeline.sample(200).blendshapes.get('jawOpen')).toBe(0.7);
  });

  it('goes evenly from one packet to the next, one interval late', () => {
    const timeline = new Timeline();
    for (const t of steps(31, 1 / 30)) timeline.push(makeState(t, { bones: { head: [...turn(t).toArray()] as [number, number, number, number] } }), t);
    expect(timeline.interval).toBeCloseTo(1 / 30, 3);
    for (const share of [0, 0.25, 0.5, 1]) {
      expectRotation(timeline.sample(1 + share / 30).bone('head'), turn(1 - 1 / 30 + share / 30), 7);
    }
    expectRotation(timeline.sample(3).bone('head'), turn(1), 9);
  });

  it.each([15, 24, 30, 60])('moves smoothly at %i packets a second', (rate) => {
    const stamps = steps(4 * rate, 1 / rate, 10);
    const arrivals = stamps.map((t) => t - 9.98);
    const shown = play(stamps, arrivals, 4).filter(({ now }) => now > 1.5 && now < 3.9);
    for (let i = 1; i < shown.length; i++) {
      const step = shown[i]!.shown - shown[i - 1]!.shown;
      expect(step).toBeGreaterThan(0.5 * FRAME);
      expect(step).toBeLessThan(1.5 * FRAME);
    }
  });

  it('is never more than an interval behind the newest packet, and never ahead of it', () => {
    const stamps = steps(120, 1 / 30);
    for (const { now, shown } of play(stamps, stamps, 4).filter(({ now }) => now > 1 && now < 3.9)) {
      expect(shown).toBeLessThanOrEqual(now + 1e-9);
      expect(shown).toBeGreaterThan(now - 1.05 / 30);
    }
  });

  it('evens out packets that come late and in bunches, without a jump back', () => {
    const stamps = steps(120, 1 / 30);
    // Delays of 0 to 24 ms in a fixed order; arrival keeps the order of sending.
    const arrivals = stamps.map((t, i) => t + 0.008 * ((i * 7) % 4));
    const shown = play(stamps, arrivals, 4).filter(({ now }) => now > 1 && now < 3.9);
    for (let i = 1; i < shown.length; i++) {
      const step = shown[i]!.shown - shown[i - 1]!.shown;
      expect(step).toBeGreaterThanOrEqual(0);
      expect(step).toBeLessThan(4 * FRAME);
    }
  });

  it('holds the last state when packets stop', () => {
    const stamps = steps(30, 1 / 30);
    const shown = play(stamps, stamps, 4);
    expect(shown.at(-1)!.shown).toBeCloseTo(29 / 30, 9);
  });

  it('follows a sender that starts again with a clock of its own', () => {
    const timeline = new Timeline();
    for (const t of steps(30, 1 / 30, 1000)) timeline.push(makeState(t, weight(1)), t - 1000);
    for (const t of steps(3, 1 / 30, 2)) timeline.push(makeState(t, weight(0.25)), t);
    expect(timeline.sample(2.15).blendshapes.get('jawOpen')).toBeCloseTo(0.25, 9);
  });

  it('survives equal timestamps', () => {
    const timeline = new Timeline();
    timeline.push(makeState(1, weight(0)), 1);
    timeline.push(makeState(1, weight(1)), 1);
    expect(timeline.sample(1.2).blendshapes.get('jawOpen')).toBe(1);
    expect(timeline.interval).toBeGreaterThan(0);
  });

  it('eases names that are no longer sent to rest', () => {
    const rest = new Map([['leftUpperArm', turn(-1)]]);
    const timeline = new Timeline(rest);
    timeline.push(makeState(0, { bones: { leftUpperArm: [0, 0, 0, 1], head: [0, 1, 0, 0] }, ...weight(1) }), 0);
    timeline.push(makeState(1 / 30), 1 / 30);
    const pose = timeline.sample(1);
    expectRotation(pose.bone('leftUpperArm'), turn(-1), 9);
    expectRotation(pose.bone('head'), new Quaternion(), 9);
    expect(pose.blendshapes.get('jawOpen')).toBe(0);
  });
});
