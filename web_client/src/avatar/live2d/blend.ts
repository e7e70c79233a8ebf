import { DstColorFactor, OneFactor, OneMinusSrcAlphaFactor, OneMinusSrcColorFactor, ZeroFactor } from 'three';

/** The bits of a drawable's constant flags that tell of it, up to Cubism 5.2. */
export const ADDITIVE = 1;
export const MULTIPLICATIVE = 2;

/** How a drawable is laid over what is below, as far as a graphics card mixes by itself. */
export type Blend = 'over' | 'add' | 'multiply' | 'screen';

/**
 * Cubism 5.3's colour blend types by their number, csmColorBlendType in Live2D's Core: each as the nearest of the four. What is
 * not named (overlays, soft and hard light, hue, colour) is laid over plainly.
 */
const NEAREST: readonly (readonly [Blend, readonly number[]])[] = [
  // The old additive one, add, add with glow.
  ['add', [1, 3, 4]],
  // The old multiplicative one, darken, multiply, colour burn, linear burn.
  ['multiply', [2, 5, 6, 7, 8]],
  // Lighten, screen, colour dodge.
  ['screen', [9, 10, 11]],
];

/**
 * @param flags The drawable's constant flags
 * @param mode Its blend mode, of Cores that know Cubism 5.3: the colour's in the lowest byte, the alpha's in the next
 */
export function blendOf(flags: number, mode: number | undefined): Blend {
  if (mode !== undefined) return NEAREST.find(([, types]) => types.includes(mode & 0xff))?.[0] ?? 'over';
  return flags & ADDITIVE ? 'add' : flags & MULTIPLICATIVE ? 'multiply' : 'over';
}

// Light and shade change what is there, and never how much of it there is.
const KEPT = { blendSrcAlpha: ZeroFactor, blendDstAlpha: OneFactor } as const;

/** What a material needs for it; colours come multiplied by their alpha. */
export const FACTORS = {
  over: { blendSrc: OneFactor, blendDst: OneMinusSrcAlphaFactor, blendSrcAlpha: OneFactor, blendDstAlpha: OneMinusSrcAlphaFactor },
  add: { blendSrc: OneFactor, blendDst: OneFactor, ...KEPT },
  multiply: { blendSrc: DstColorFactor, blendDst: OneMinusSrcAlphaFactor, ...KEPT },
  screen: { blendSrc: OneFactor, blendDst: OneMinusSrcColorFactor, ...KEPT },
} as const satisfies Record<Blend, object>;
