import { expect, test } from 'vitest';
import { DstColorFactor, OneFactor, OneMinusSrcAlphaFactor, OneMinusSrcColorFactor, ZeroFactor } from 'three';
import { type Blend, blendOf, FACTORS } from '../src/avatar/live2d/blend';

test('older Cores tell of light and shade by flags', () => {
  expect([0, 1, 2, 4, 5].map((flags) => blendOf(flags, undefined))).toEqual(['over', 'add', 'multiply', 'over', 'add']);
});

test('of a newer Core its blend modes count, whatever the flags and the alpha part', () => {
  const blends = Array.from({ length: 18 }, (_, mode) => blendOf(1, mode | 0x200));
  const expected: Blend[] = [
    'over', 'add', 'multiply', 'add', 'add', 'multiply', 'multiply', 'multiply', 'multiply', 'screen', 'screen', 'screen',
    'over', 'over', 'over', 'over', 'over', 'over',
  ];
  expect(blends).toEqual(expected);
});

/** What a graphics card makes of a colour (multiplied by its alpha) over an opaque one. */
function mixed(blend: Blend, colour: number, alpha: number, ground: number): number {
  const { blendSrc, blendDst } = FACTORS[blend];
  const source = colour * alpha;
  const factors = new Map<number, number>([
    [ZeroFactor, 0], [OneFactor, 1], [DstColorFactor, ground], [OneMinusSrcAlphaFactor, 1 - alpha], [OneMinusSrcColorFactor, 1 - source],
  ]);
  return source * factors.get(blendSrc)! + ground * factors.get(blendDst)!;
}

test('each mixes as painters know it', () => {
  const [colour, ground, alpha] = [0.6, 0.5, 0.5];
  const half = (full: number): number => ground + (full - ground) * alpha;
  expect(mixed('over', colour, alpha, ground)).toBeCloseTo(half(colour));
  expect(mixed('add', colour, alpha, ground)).toBeCloseTo(half(ground + colour));
  expect(mixed('multiply', colour, alpha, ground)).toBeCloseTo(half(ground * colour));
  expect(mixed('screen', colour, alpha, ground)).toBeCloseTo(half(1 - (1 - ground) * (1 - colour)));
});
