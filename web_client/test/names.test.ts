import { describe, expect, it } from 'vitest';
import { arkitName, isPerfectSync, matchArkit } from '../src/avatar/names';
import { ARKIT, PRESETS } from '../src/wire';

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const sided = (name: string): string => name.replace(/Left$/, '_L').replace(/Right$/, '_R');

describe('arkitName', () => {
  it.each([
    ['as Apple writes them', (name: string) => name],
    ['in Pascal case', pascal],
    ['in snake case', snake],
    ['in capitals', (name: string) => name.toUpperCase()],
    ['with _L and _R', sided],
    ['with a mesh before them', (name: string) => `blendShape1.${name}`],
    ['with a prefix', (name: string) => `ARKit_${sided(name)}`],
  ])('knows all 52 %s', (_, spell) => {
    expect(ARKIT.map((name) => arkitName(spell(name)))).toEqual([...ARKIT]);
  });

  it('takes the two halves of a shape without sides as that shape', () => {
    expect(arkitName('browInnerUpLeft')).toBe('browInnerUp');
    expect(arkitName('cheekPuff_R')).toBe('cheekPuff');
  });

  it.each([...PRESETS, '', 'A', 'Blink_L', 'jaw', 'mouth', 'eyeBlink', 'Fcl_EYE_Close', 'LookLeft'])('leaves %s alone', (name) => {
    expect(arkitName(name)).toBeNull();
  });
});

describe('isPerfectSync', () => {
  it('wants nearly all shapes', () => {
    expect(isPerfectSync(matchArkit(ARKIT))).toBe(true);
    expect(isPerfectSync(matchArkit(ARKIT.filter((name) => name !== 'tongueOut')))).toBe(true);
    expect(isPerfectSync(matchArkit(ARKIT.slice(0, 30)))).toBe(false);
    expect(isPerfectSync(matchArkit(PRESETS))).toBe(false);
  });

  it('wants a mouth and eyelids', () => {
    expect(isPerfectSync(matchArkit(ARKIT.filter((name) => name !== 'jawOpen')))).toBe(false);
    expect(isPerfectSync(matchArkit(ARKIT.filter((name) => name !== 'eyeBlinkLeft')))).toBe(false);
  });

  it('keeps every spelling of one shape', () => {
    expect(matchArkit(['cheekPuffLeft', 'cheekPuffRight', 'other']).get('cheekPuff')).toEqual(['cheekPuffLeft', 'cheekPuffRight']);
  });
});
