import { Parameters } from '../src/avatar/live2d/parameters';

/** A table of parameters: minimum, default and maximum of each. */
export function makeParameters(ranges: Record<string, readonly [number, number, number]>): Parameters {
  const column = (i: 0 | 1 | 2): Float32Array => Float32Array.from(Object.values(ranges), (range) => range[i]);
  return new Parameters(Object.keys(ranges), column(0), column(2), column(1));
}
