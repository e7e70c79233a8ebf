import { describe, expect, it } from 'vitest';
import { describe as words, Rate } from '../src/status';

describe('Rate', () => {
  it('counts arrivals a second and forgets them after a silence', () => {
    const rate = new Rate();
    expect(rate.at(0)).toBe(0);
    for (let i = 0; i < 100; i++) rate.count(i / 25);
    expect(rate.at(4)).toBeCloseTo(25, 6);
    expect(rate.at(5.1)).toBe(0);
    for (let i = 0; i < 20; i++) rate.count(60 + i / 50);
    expect(rate.at(60.5)).toBeCloseTo(50, 6);
  });

  it('tells nothing of a moment', () => {
    const rate = new Rate();
    rate.count(1);
    rate.count(1);
    expect(rate.at(1)).toBe(0);
    rate.count(1.001);
    expect(rate.at(1.1)).toBe(0);
  });
});

describe('the words of the status', () => {
  const vitals = { connected: true, tracking: 'tracked', fps: 29.97, latencyMs: 41.6 } as const;

  it('tells live, idle and off apart', () => {
    expect(words(vitals)).toEqual({ state: 'live', words: 'tracking', figures: '30 fps · 42 ms' });
    expect(words({ ...vitals, tracking: 'lost' }).state).toBe('idle');
    expect(words({ ...vitals, tracking: null })).toMatchObject({ state: 'idle', figures: '' });
    expect(words({ ...vitals, connected: false })).toMatchObject({ state: 'off', figures: '' });
  });
});
