import { describe, expect, it } from 'vitest';
import { Expression } from '../src/avatar/live2d/expressions';
import { IdleMotion } from '../src/avatar/live2d/idle_motion';
import { Curve, Motion } from '../src/avatar/live2d/motion';
import { makeParameters } from './live2d_fixtures';

const curve = (segments: number[], restricted = false): Curve => new Curve('Parameter', 'ParamA', segments, restricted);

describe('a curve', () => {
  it('runs straight from point to point', () => {
    const line = curve([0, 0, 0, 2, 10, 0, 4, 0]);
    expect([-1, 0, 0.5, 2, 3, 4, 9].map((t) => line.at(t))).toEqual([0, 0, 2.5, 10, 5, 0, 0]);
  });

  it('steps at the end of a segment, or at its beginning', () => {
    const stepped = curve([0, 1, 2, 1, 5, 2, 2, 7]);
    expect([0, 0.99, 1, 1.5, 2].map((t) => stepped.at(t))).toEqual([1, 1, 5, 5, 7]);
    const inverse = curve([0, 1, 3, 1, 5, 3, 2, 7]);
    expect([0, 0.01, 0.99, 1.5, 2].map((t) => inverse.at(t))).toEqual([1, 5, 5, 7, 7]);
  });

  it('follows a Bezier curve in time, not in its parameter', () => {
    // Handles pulled to the ends: slow, quick, slow. Point symmetry makes the middle the mean.
    const bezier = curve([0, 0, 1, 0.9, 0, 0.1, 1, 1, 1]);
    expect(bezier.at(0.5)).toBeCloseTo(0.5, 4);
    // At s = 0.25 along it: time 3 s (1-s)^2 0.9 + 3 s^2 (1-s) 0.1 + s^3, value 3 s^2 (1-s) + s^3.
    const s = 0.25;
    const time = 3 * s * (1 - s) ** 2 * 0.9 + 3 * s * s * (1 - s) * 0.1 + s ** 3;
    expect(bezier.at(time)).toBeCloseTo(3 * s * s * (1 - s) + s ** 3, 4);
  });

  it('takes the time itself along a restricted Bezier curve', () => {
    const handles = [0, 0, 1, 1 / 3, 0, 2 / 3, 1, 1, 1];
    for (const time of [0.1, 0.37, 0.8]) expect(curve(handles, true).at(time)).toBeCloseTo(curve(handles).at(time), 4);
  });

  it.each([[[]], [[0]], [[0, 1, 1, 0.1, 0.2]], [[0, 1, 7, 1, 2]], [[0, 1, 0, 1]], [[0, NaN]]])('refuses %j', (segments) => {
    expect(() => curve(segments)).toThrow(RangeError);
  });
});

describe('a motion', () => {
  it('keeps the curves that can be read', () => {
    const motion = new Motion({
      Meta: { Duration: 3, Loop: true, FadeInTime: 0.2 },
      Curves: [
        { Target: 'Parameter', Id: 'ParamA', Segments: [0, 1], FadeInTime: -1 },
        { Target: 'Parameter', Id: 'ParamB', Segments: [0, 1, 1, 2] },
        { Target: 'Elsewhere', Id: 'ParamC', Segments: [0, 1] },
        { Target: 'PartOpacity', Id: 'PartArm', Segments: [0, 1], FadeInTime: 0 },
        null,
      ],
    });
    expect(motion.curves.map(({ id }) => id)).toEqual(['ParamA', 'PartArm']);
    expect(motion.curves.map(({ fadeIn }) => fadeIn)).toEqual([null, 0]);
    expect([motion.duration, motion.loop, motion.fadeIn, motion.fadeOut]).toEqual([3, true, 0.2, 1]);
  });

  it('of nothing is empty', () => {
    expect(new Motion({}).curves).toEqual([]);
  });
});

describe('the idle motion', () => {
  const make = (value: number): { motion: Motion; fadeIn: null; fadeOut: null } => ({
    motion: new Motion({
      Meta: { Duration: 2, FadeInTime: 0.5, FadeOutTime: 0.5 },
      Curves: [
        { Target: 'Parameter', Id: 'ParamA', Segments: [0, value] },
        { Target: 'PartOpacity', Id: `Part${value}`, Segments: [0, 1] },
      ],
    }),
    fadeIn: null,
    fadeOut: null,
  });

  it('is shown as far as nobody is there', () => {
    const parameters = makeParameters({ ParamA: [-10, 2, 10], ParamB: [0, 0, 1] });
    new IdleMotion([make(8)], parameters, {}, 1).apply(parameters, 0.5, 0.01);
    expect([...parameters.values]).toEqual([5, 0]);
  });

  it('moves the parameters of a group together', () => {
    const parameters = makeParameters({ LidA: [0, 1, 1], LidB: [0, 1, 1], Mouth: [0, 0, 1] });
    const motion = new Motion({ Meta: { Duration: 1 }, Curves: [{ Target: 'Model', Id: 'EyeBlink', Segments: [0, 0.25] }] });
    const idle = new IdleMotion([{ motion, fadeIn: null, fadeOut: null }], parameters, { EyeBlink: ['LidA', 'LidB', 'LidC'] }, 1);
    idle.apply(parameters, 1, 0.01);
    expect([...parameters.values]).toEqual([0.25, 0.25, 0]);
  });

  it('goes from one motion to the next without a jump', () => {
    const parameters = makeParameters({ ParamA: [-10, 0, 10] });
    const idle = new IdleMotion([make(-6), make(6)], parameters, {}, 1);
    const shown: number[] = [];
    const parts = new Set<string>();
    for (let i = 0; i < 400; i++) {
      parameters.reset();
      idle.apply(parameters, 1, 0.02);
      shown.push(parameters.values[0]!);
      for (const part of idle.parts.keys()) parts.add(part);
    }
    const steps = shown.slice(1).map((value, i) => Math.abs(value - shown[i]!));
    expect(Math.max(...steps)).toBeLessThan(1);
    expect([Math.min(...shown), Math.max(...shown)]).toEqual([-6, 6]);
    expect(parts).toEqual(new Set(['Part-6', 'Part6']));
  });
});

describe('an expression', () => {
  it('adds, multiplies and overwrites, fading in and out', () => {
    const parameters = makeParameters({ ParamA: [0, 1, 5], ParamB: [0, 2, 5], ParamC: [0, 3, 5] });
    const changes = [
      { Id: 'ParamA', Value: 2, Blend: 'Add' },
      { Id: 'ParamB', Value: 0.5, Blend: 'Multiply' },
      { Id: 'ParamC', Value: 1, Blend: 'Overwrite' },
      { Id: 'ParamNone', Value: 1 },
    ];
    const smile = new Expression('smile', { FadeInTime: 1, FadeOutTime: 0, Parameters: changes }, parameters);
    const shown = (wanted: boolean, dt: number): number[] => {
      parameters.reset();
      smile.apply(parameters, wanted, dt);
      return [...parameters.values];
    };
    expect(shown(true, 0.5)).toEqual([2, 1.5, 2]);
    expect(shown(true, 0.5)).toEqual([3, 1, 1]);
    expect(smile.level).toBe(1);
    expect(shown(false, 0.01)).toEqual([1, 2, 3]);
  });
});
