import { describe, expect, it } from 'vitest';
import { Pendulum } from '../src/avatar/live2d/pendulum';
import { normalized, Physics } from '../src/avatar/live2d/physics';
import { readPhysics } from '../src/avatar/live2d/physics_file';
import type { Parameters } from '../src/avatar/live2d/parameters';
import { makeParameters } from './live2d_fixtures';

const DEGREE = Math.PI / 180;
const vertex = (radius: number, mobility = 0.95): object => ({
  Position: { X: 0, Y: radius },
  Mobility: mobility,
  Delay: 0.9,
  Acceleration: 1.5,
  Radius: radius,
});
const input = (id: string, type: string, weight = 100, reflect = false): object => ({
  Source: { Target: 'Parameter', Id: id },
  Weight: weight,
  Type: type,
  Reflect: reflect,
});
const output = (id: string, scale: number, index = 1, type = 'Angle', weight = 100): object => ({
  Destination: { Target: 'Parameter', Id: id },
  VertexIndex: index,
  Scale: scale,
  Weight: weight,
  Type: type,
  Reflect: false,
});
const range = { Minimum: -10, Default: 0, Maximum: 10 };
const chain = (inputs: object[], outputs: object[], vertices = [vertex(0, 1), vertex(3)]): object => ({
  Input: inputs,
  Output: outputs,
  Vertices: vertices,
  Normalization: { Position: range, Angle: range },
});
const file = (...chains: object[]): Record<string, unknown> => ({
  Meta: { EffectiveForces: { Gravity: { X: 0, Y: -1 }, Wind: { X: 0, Y: 0 } } },
  PhysicsSettings: chains,
});
const ranges = { ParamAngleX: [-30, 0, 30], ParamAngleZ: [-30, 0, 30], Hair: [-1, 0, 1], Tip: [-1, 0, 1] } as const;

/** The values of one parameter, frame after frame, while others are held. */
function run(physics: Physics, parameters: Parameters, held: Record<string, number>, read: string, frames: number, dt = 1 / 60): number[] {
  return Array.from({ length: frames }, () => {
    parameters.reset();
    for (const [id, value] of Object.entries(held)) parameters.set(parameters.index(id), value);
    physics.update(parameters, dt);
    return parameters.values[parameters.index(read)]!;
  });
}

describe('a pendulum', () => {
  const make = (): Pendulum => new Pendulum(readPhysics(file(chain([], [output('Hair', 1)], [vertex(0, 1), vertex(3), vertex(2)]))).chains[0]!.vertices);

  it('hangs straight, and stays so', () => {
    const pendulum = make();
    for (let i = 0; i < 100; i++) pendulum.step(0, 0, 0, 0, 0, 1 / 60);
    expect([...pendulum.x]).toEqual([0, 0, 0]);
    expect([...pendulum.y].map((y) => Math.round(y * 1e9) / 1e9)).toEqual([0, 3, 5]);
  });

  it('keeps its lengths, trails behind its anchor, swings past, and comes to rest below it', () => {
    const pendulum = make();
    pendulum.step(4, 0, 0, 0, 0, 1 / 60);
    expect(pendulum.x[2]! - 4).toBeLessThan(-1);
    const tips: number[] = [];
    for (let i = 0; i < 900; i++) {
      pendulum.step(4, 0, 0, 0, 0, 1 / 60);
      tips.push(pendulum.x[2]! - 4);
      expect(Math.hypot(pendulum.x[1]! - 4, pendulum.y[1]!)).toBeCloseTo(3, 4);
    }
    expect(Math.max(...tips)).toBeGreaterThan(0.2);
    expect(Math.abs(tips.at(-1)!)).toBeLessThan(0.05);
  });

  it('comes to rest along a tilted gravity', () => {
    const pendulum = make();
    for (let i = 0; i < 2000; i++) pendulum.step(0, 0, 20 * DEGREE, 0, 0, 1 / 60);
    expect(Math.atan2(pendulum.x[1]!, pendulum.y[1]!) / DEGREE).toBeCloseTo(20, 0);
    const settled = make();
    settled.rest(0, 0, 20 * DEGREE);
    expect(Math.atan2(settled.x[2]!, settled.y[2]!) / DEGREE).toBeCloseTo(20, 6);
  });

  it('stays whole when its anchor is thrown about', () => {
    const pendulum = make();
    for (let i = 0; i < 500; i++) pendulum.step(i % 2 ? 1e4 : -1e4, i % 3 ? 1e4 : 0, i, 1e3, -1e3, 1);
    expect([...pendulum.x, ...pendulum.y].every(Number.isFinite)).toBe(true);
  });
});

describe('physics', () => {
  it('brings a parameter to the range of the file: its middle to the default, its ends to the ends', () => {
    const parameters = makeParameters({ A: [0, 0, 10] });
    const shifted = { minimum: -4, default: 2, maximum: 10 };
    const at = (value: number): number => {
      parameters.set(0, value);
      return normalized(parameters, 0, shifted);
    };
    expect([0, 2.5, 5, 7.5, 10].map(at)).toEqual([-4, -1, 2, 6, 10]);
  });

  it('swings the hair when the head turns, first the one way, then the other, and comes to rest', () => {
    const parameters = makeParameters(ranges);
    const physics = new Physics(readPhysics(file(chain([input('ParamAngleX', 'X')], [output('Hair', 1)]))), parameters);
    expect(run(physics, parameters, {}, 'Hair', 10)).toEqual(Array(10).fill(0));
    const swung = run(physics, parameters, { ParamAngleX: 30 }, 'Hair', 600);
    const [low, high] = [Math.min(...swung), Math.max(...swung)];
    expect(Math.max(-low, high)).toBeGreaterThan(0.5);
    expect(Math.min(-low, high)).toBeGreaterThan(0.05);
    expect(Math.abs(swung.at(-1)!)).toBeLessThan(0.01);
    // The other way about when the head turns back.
    const back = run(physics, parameters, {}, 'Hair', 20);
    expect(Math.sign(back[5]!)).toBe(-Math.sign(swung[5]!));
  });

  it('tilts with the head, against its sign unless reflected', () => {
    const settled = (reflect: boolean): number => {
      const parameters = makeParameters(ranges);
      const physics = new Physics(readPhysics(file(chain([input('ParamAngleZ', 'Angle', 100, reflect)], [output('Hair', 1)]))), parameters);
      parameters.set(parameters.index('ParamAngleZ'), 30);
      physics.settle(parameters);
      return parameters.values[parameters.index('Hair')]!;
    };
    expect(settled(false)).toBeCloseTo(10 * DEGREE, 5);
    expect(settled(true)).toBeCloseTo(-10 * DEGREE, 5);
  });

  it('is the same at any rate of pictures', () => {
    const at = (dt: number, frames: number): number => {
      const parameters = makeParameters(ranges);
      const physics = new Physics(readPhysics(file(chain([input('ParamAngleX', 'X')], [output('Hair', 1)]))), parameters);
      return run(physics, parameters, { ParamAngleX: 20 }, 'Hair', frames, dt).at(-1)!;
    };
    expect(at(1 / 30, 10)).toBeCloseTo(at(1 / 120, 40), 3);
    expect(Math.abs(at(1 / 120, 40))).toBeGreaterThan(0.01);
  });

  it('lets one chain hang on what another moves', () => {
    const parameters = makeParameters(ranges);
    const second = chain([input('Hair', 'X')], [output('Tip', 1)]);
    const physics = new Physics(readPhysics(file(chain([input('ParamAngleX', 'X')], [output('Hair', 1)]), second)), parameters);
    expect(Math.max(...run(physics, parameters, { ParamAngleX: 30 }, 'Tip', 60).map(Math.abs))).toBeGreaterThan(0.05);
  });

  it('leaves what others set to the share that is theirs', () => {
    const parameters = makeParameters(ranges);
    const physics = new Physics(readPhysics(file(chain([], [output('Hair', 1, 1, 'Angle', 25)]))), parameters);
    expect(run(physics, parameters, { Hair: 0.8 }, 'Hair', 20).at(-1)).toBeCloseTo(0.6, 6);
  });

  it('leaves out what means nothing', () => {
    const parameters = makeParameters(ranges);
    const broken = { PhysicsSettings: [null, {}, chain([input('None', 'X')], [output('None', 1)]), chain([], [output('Hair', 1, 9)]), { Output: 3 }] };
    const physics = new Physics(readPhysics(broken), parameters);
    expect(run(physics, parameters, { ParamAngleX: 30 }, 'Hair', 5)).toEqual([0, 0, 0, 0, 0]);
  });
});
