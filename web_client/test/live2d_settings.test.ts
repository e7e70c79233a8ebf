import { Object3D, Quaternion, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { type AvatarFiles, makeFiles } from '../src/avatar/files';
import { Placement } from '../src/avatar/live2d/placement';
import { readSettings } from '../src/avatar/live2d/settings';
import { Signals } from '../src/avatar/live2d/signals';
import { Pose } from '../src/pose';

const MAIN = 'もも/もも.model3.json';

function filesWith(settings: unknown, others: readonly string[] = ['もも/もも.moc3', 'もも/画像/0.png']): AvatarFiles {
  const encoded = (content: string) => async (): Promise<ArrayBuffer> => new TextEncoder().encode(content).buffer;
  const content = typeof settings === 'string' ? settings : JSON.stringify(settings);
  return makeFiles('もも.zip', [{ path: MAIN, read: encoded(content) }, ...others.map((path) => ({ path, read: encoded('') }))]);
}

const REFERENCES = { Moc: 'もも.moc3', Textures: ['./画像/0.png'] };

describe('a model3.json', () => {
  it('names its files by their paths among the avatar’s', async () => {
    const motions = { idle: [{ File: '動き/a.motion3.json', FadeInTime: 0.3 }, {}], Tap: [{ File: 'b.motion3.json' }] };
    const references = {
      ...REFERENCES,
      Physics: 'a.physics3.json',
      Pose: '../shared/a.pose3.json',
      Expressions: [{ Name: '笑顔', File: 'a.exp3.json' }, { File: 'b.exp3.json' }, null],
      Motions: motions,
    };
    const groups = [
      { Target: 'Parameter', Name: 'EyeBlink', Ids: ['ParamEyeLOpen', 3, 'ParamEyeROpen'] },
      { Target: 'Part', Name: 'LipSync', Ids: ['PartMouth'] },
    ];
    expect(await readSettings(filesWith({ FileReferences: references, Groups: groups }), MAIN)).toEqual({
      moc: 'もも/もも.moc3',
      textures: ['もも/画像/0.png'],
      physics: 'もも/a.physics3.json',
      pose: 'shared/a.pose3.json',
      names: null,
      expressions: [
        { name: '笑顔', path: 'もも/a.exp3.json' },
        { name: 'expression 2', path: 'もも/b.exp3.json' },
      ],
      idle: [{ path: 'もも/動き/a.motion3.json', fadeIn: 0.3, fadeOut: null }],
      eyeBlink: ['ParamEyeLOpen', 'ParamEyeROpen'],
      lipSync: [],
    });
  });

  it('may begin with a byte order mark', async () => {
    const settings = await readSettings(filesWith(`\uFEFF${JSON.stringify({ FileReferences: REFERENCES })}`), MAIN);
    expect(settings.moc).toBe('もも/もも.moc3');
  });

  it.each([
    ['no JSON', '{', [], 'cannot be read'],
    ['a list', '[]', [], 'names no .moc3 file'],
    ['no references', {}, [], 'names no .moc3 file'],
    ['a moc that is no name', { FileReferences: { Moc: 5 } }, [], 'names no .moc3 file'],
    ['a moc that is missing', { FileReferences: REFERENCES }, [], 'lacks its model, もも/もも.moc3'],
    ['a texture that is missing', { FileReferences: REFERENCES }, ['もも/もも.moc3'], 'lacks its texture もも/画像/0.png'],
  ])('is refused with %s', async (_, settings, others, message) => {
    await expect(readSettings(filesWith(settings, others), MAIN)).rejects.toThrow(message);
  });
});

describe('a model that cannot turn its head', () => {
  const figure = { hips: 0.6, head: 1.2, eyes: 1.35, top: 1.6, halfShoulders: 0.2, halfHead: 0.2, front: 0 };
  const layout = { scale: 2, x: 0.1, y: 0.4, figure };

  function place(bone: Quaternion, turns: boolean, tilts: boolean): Object3D {
    const pose = new Pose();
    pose.bone('head').copy(bone);
    const signals = new Signals();
    signals.read(pose);
    const object = new Object3D();
    new Placement(object, layout, turns, tilts).apply(pose, signals);
    object.updateMatrixWorld(true);
    return object;
  }

  const neck = new Vector3((0 - layout.x) / 2, (figure.head - layout.y) / 2, 0);
  const turned = (x: number, y: number, z: number): Quaternion => new Quaternion().setFromAxisAngle(new Vector3(x, y, z), 0.4);

  it('is turned as a whole, about its neck', () => {
    const left = place(turned(0, 1, 0), false, false);
    expect(new Vector3(0, 0, 1).applyQuaternion(left.quaternion).x).toBeGreaterThan(0.1);
    expect(left.localToWorld(neck.clone()).x).toBeGreaterThan(0.01);
    const tilted = place(turned(0, 0, 1), false, false);
    expect(new Vector3(0, 1, 0).applyQuaternion(tilted.quaternion).x).toBeLessThan(-0.1);
    expect(tilted.localToWorld(neck.clone()).distanceTo(new Vector3(0, figure.head, 0))).toBeLessThan(1e-6);
  });

  it('stays as it is when its parameters do that', () => {
    for (const bone of [turned(0, 1, 0), turned(1, 0, 0), turned(0, 0, 1)]) {
      expect(place(bone, true, true).quaternion.angleTo(new Quaternion())).toBeLessThan(1e-6);
    }
  });
});
