/** Repeatable randomness: the same seed and place give the same number, so that idle motion can be tested and rendered again. */

/** A number 0..1 for a whole-numbered place. Mixes the bits by multiplications and shifts, as integer hashes do. */
export function random(seed: number, place: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(place | 0, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** 0 at 0, 1 at 1, level at both; clamped outside. */
export function smoothstep(x: number): number {
  const k = Math.min(Math.max(x, 0), 1);
  return k * k * (3 - 2 * k);
}

/** A smooth curve -1..1 through one random value a unit of `x`. */
export function wander(seed: number, x: number): number {
  const place = Math.floor(x);
  const a = random(seed, place);
  const b = random(seed, place + 1);
  return 2 * (a + (b - a) * smoothstep(x - place)) - 1;
}
