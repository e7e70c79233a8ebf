import { describe, expect, it } from 'vitest';
import { median, Pace } from '../src/pace';

/** Pictures drawn in ten seconds of a display with this rate, its times a little uneven. */
function drawn(limit: number, display: number): number {
  const pace = new Pace();
  pace.limit = limit;
  let count = 0;
  for (let i = 0; i < 10 * display; i++) if (pace.due((i * 1000) / display + (i % 3) * 0.4)) count += 1;
  return count;
}

describe('Pace', () => {
  it.each([
    [0, 60, 600],
    [60, 60, 600],
    [60, 144, 600],
    [30, 60, 300],
    [24, 60, 240],
    [30, 24, 240],
  ])('draws at most %i a second on a display with %i', (limit, display, expected) => {
    expect(Math.abs(drawn(limit, display) - expected)).toBeLessThanOrEqual(0.03 * expected);
  });

  it('does not hurry after a gap', () => {
    const pace = new Pace();
    pace.limit = 30;
    expect(pace.due(0)).toBe(true);
    expect(pace.due(5000)).toBe(true);
    expect(pace.due(5008)).toBe(false);
  });

  it('tells the middle cost of the last pictures', () => {
    const pace = new Pace();
    expect(pace.scriptMs).toBe(0);
    for (const ms of [1, 50, 2]) pace.count(ms);
    expect(pace.scriptMs).toBe(2);
    expect(pace.drawn).toBe(3);
    expect(median(new Float32Array([3, 1, 2]))).toBe(2);
  });
});
