import { beforeAll, describe, expect, it } from 'vitest';
import file from '../../tests/golden/live2d.moc3?inline';
import type { CubismCore } from '../src/avatar/live2d/core';
import { measure } from '../src/avatar/live2d/layout';
import { Model } from '../src/avatar/live2d/model';
import { testCore } from './live2d_core';

/** Made by tests/live2d_model.py. */
const MOC = Uint8Array.from(atob(file.split(',')[1]!), (letter) => letter.charCodeAt(0)).buffer;

let core: CubismCore;
beforeAll(async () => {
  core = await testCore();
});

/** Where a mesh's first corner is, to five digits. */
function corner(model: Model, mesh: string): number[] {
  const points = model.drawables.vertexPositions[model.drawables.ids.indexOf(mesh)]!;
  return [points[0]!, points[1]!].map((value) => Math.round(value * 1e5) / 1e5);
}

function turn(model: Model, degrees: number): number[] {
  model.parameters.reset();
  model.parameters.set(model.parameters.index('ParamAngleX'), degrees);
  model.update();
  return corner(model, 'Face');
}

describe('a model in the Core', () => {
  it('says its parameters’ ranges, and moves by them', () => {
    const model = Model.load(core, MOC);
    const { parameters } = model;
    const lid = parameters.index('ParamEyeLOpen');
    expect([parameters.minimum[lid], parameters.defaults[lid], parameters.maximum[lid]]).toEqual([0, 1, Math.fround(1.2)]);
    expect([turn(model, 0), turn(model, 30), turn(model, 99)]).toEqual([[-0.25, -0.03], [-0.2, -0.03], [-0.2, -0.03]]);
    model.dispose();
    model.dispose();
  });

  it('goes on when the Core’s memory moves because another one needs more', () => {
    const first = Model.load(core, MOC);
    const before = first.drawables.vertexPositions[0]!.buffer;
    core.Moc.fromArrayBuffer(new ArrayBuffer(200 << 20)); // no model, but the memory for it was taken
    const second = Model.load(core, MOC);
    expect(first.drawables.vertexPositions[0]!.buffer).not.toBe(before);
    expect(turn(first, 30)).toEqual([-0.2, -0.03]);
    expect(turn(second, -30)).toEqual([-0.3, -0.03]);
    expect(corner(first, 'Face')).toEqual([-0.2, -0.03]);
    first.dispose();
    expect(turn(second, 0)).toEqual([-0.25, -0.03]);
    second.dispose();
  });

  it.each([
    ['nothing', new ArrayBuffer(0), 'is no Live2D model'],
    ['nonsense', new TextEncoder().encode('hello, this is nothing').buffer, 'is no Live2D model'],
    ['a part', MOC.slice(0, 5000), 'cut short or broken'],
    ['a newer format', newer(), 'is of Cubism 5.3, and your Live2D Core reads models up to 5.0'],
  ])('is refused when it is %s', (_, bytes, message) => {
    expect(() => Model.load(core, bytes)).toThrow(message);
  });

  it('is measured by moving it', () => {
    const model = Model.load(core, MOC);
    const { figure, scale, x, y } = measure(model);
    const at = (height: number): number => height * scale + y;
    expect(figure.eyes).toBeCloseTo(at(0.2), 1);
    expect(figure.top).toBeCloseTo(1.6, 1);
    expect(figure.head).toBeLessThan(at(0.075));
    expect(figure.head).toBeGreaterThan(at(-0.1));
    expect(figure.hips).toBeGreaterThanOrEqual(at(-0.53));
    expect(figure.halfHead).toBeGreaterThan(0.2 * scale);
    expect(x).toBeCloseTo(0, 2);
    expect([...model.parameters.values]).toEqual([...model.parameters.defaults]);
    model.dispose();
  });
});

function newer(): ArrayBuffer {
  const bytes = MOC.slice(0);
  new Uint8Array(bytes)[4] = 6;
  return bytes;
}
