import { type BufferGeometry, type Mesh, Quaternion, Texture, Vector3 } from 'three';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import file from '../../tests/golden/live2d.moc3?inline';
import { Live2dAvatar } from '../src/avatar/live2d/avatar';
import type { CubismCore } from '../src/avatar/live2d/core';
import { Expression } from '../src/avatar/live2d/expressions';
import { IdleMotion } from '../src/avatar/live2d/idle_motion';
import { Model } from '../src/avatar/live2d/model';
import { Motion } from '../src/avatar/live2d/motion';
import { PartsPose } from '../src/avatar/live2d/parts_pose';
import { Physics } from '../src/avatar/live2d/physics';
import { readPhysics } from '../src/avatar/live2d/physics_file';
import { Pose } from '../src/pose';
import { testCore } from './live2d_core';

const MOC = Uint8Array.from(atob(file.split(',')[1]!), (letter) => letter.charCodeAt(0)).buffer;
const POSE = { Groups: [[{ Id: 'PartArmA' }, { Id: 'PartArmB' }]] };
const IDLE = {
  Meta: { Duration: 4, FadeInTime: 0.5 },
  Curves: [
    { Target: 'Parameter', Id: 'ParamArmLA', Segments: [0, 8, 0, 4, 8] },
    { Target: 'Parameter', Id: 'ParamEyeLOpen', Segments: [0, 1, 0, 4, 1] },
    { Target: 'PartOpacity', Id: 'PartArmB', Segments: [0, 1, 2, 4, 1] },
    { Target: 'PartOpacity', Id: 'PartBody', Segments: [0, 0.5, 2, 4, 0.5] },
  ],
};
const HAIR = {
  PhysicsSettings: [
    {
      Input: [{ Source: { Id: 'ParamAngleX' }, Weight: 100, Type: 'X' }],
      Output: [{ Destination: { Id: 'ParamHair' }, VertexIndex: 1, Scale: 1.5, Weight: 100, Type: 'Angle' }],
      Vertices: [{ Radius: 0 }, { Radius: 6, Mobility: 0.93, Delay: 0.9, Acceleration: 1.2 }],
    },
  ],
};

let core: CubismCore;
let avatar: Live2dAvatar;
let pose: Pose;

beforeAll(async () => {
  core = await testCore();
});

beforeEach(() => {
  const model = Model.load(core, MOC);
  const { parameters, parts } = model;
  const extras = {
    settings: { moc: '', textures: [], physics: null, pose: null, names: null, expressions: [], idle: [], eyeBlink: [], lipSync: [] },
    physics: new Physics(readPhysics(HAIR), parameters),
    pose: new PartsPose(POSE, parts.ids),
    idle: new IdleMotion([{ motion: new Motion(IDLE), fadeIn: null, fadeOut: null }], parameters, {}, 1),
    expressions: [new Expression('照れ', { FadeInTime: 0.2, FadeOutTime: 0.2, Parameters: [{ Id: 'ParamBlush', Value: 0.75 }] }, parameters)],
    names: new Map([['ParamBlush', '頬の赤み']]),
  };
  const picture = new Texture({ close: () => undefined } as unknown as HTMLImageElement);
  avatar = new Live2dAvatar({ kind: 'live2d', name: 'もも', url: '' }, model, [picture], extras, 'low');
  pose = new Pose();
});

afterEach(() => avatar.dispose());

function show(seconds: number): void {
  for (let i = 0; i < seconds * 60; i++) {
    avatar.apply(pose);
    avatar.update(1 / 60);
  }
}

function value(id: string): number {
  return avatar.parameters().find((one) => one.id === id)!.value;
}

function mesh(name: string): Mesh<BufferGeometry> {
  return avatar.object.getObjectByName(name) as Mesh<BufferGeometry>;
}

describe('a Live2D avatar', () => {
  it('leaves what nobody drives at its default, and shows one pair of arms', () => {
    pose.bone('head').setFromAxisAngle(new Vector3(0, 1, 0), 0.3);
    pose.blendshapes.set('jawOpen', 0.7);
    show(0.1);
    expect([value('ParamArmLA'), value('ParamBlush'), value('ParamMouthOpenY')]).toEqual([-3, 0.25, 1]);
    expect([mesh('ArmA').visible, mesh('ArmB').visible]).toEqual([true, false]);
    expect(avatar.parameters().find(({ id }) => id === 'ParamBlush')).toMatchObject({ name: '頬の赤み', minimum: 0, maximum: 1, default: 0.25 });
  });

  it('tells where its head and its eyes look', () => {
    pose.bone('head').setFromAxisAngle(new Vector3(0, 1, 0), 0.3);
    pose.bone('leftEye').setFromAxisAngle(new Vector3(0, 1, 0), 0.2);
    pose.bone('rightEye').setFromAxisAngle(new Vector3(0, 1, 0), 0.2);
    show(0.1);
    const forward = new Vector3(0, 0, 1);
    expect(avatar.boneWorld('head', forward, new Vector3(0, 1, 0))).toBe(true);
    expect(Math.atan2(forward.x, forward.z)).toBeCloseTo(0.3, 4);
    expect(avatar.bone('leftEye')!.angleTo(new Quaternion())).toBeCloseTo(0.2, 4);
    expect([avatar.bone('hips'), avatar.weight('eyeBlinkLeft'), avatar.weight('mouthLeft')]).toEqual([null, 0, null]);
  });

  it('swings its hair when it turns, and rests in the end', () => {
    show(0.2);
    pose.bone('head').setFromAxisAngle(new Vector3(0, 1, 0), 0.5);
    const swung = Array.from({ length: 40 }, () => {
      show(1 / 60);
      return value('ParamHair');
    });
    expect(Math.max(...swung.map(Math.abs))).toBeGreaterThan(0.2);
    show(6);
    expect(Math.abs(value('ParamHair'))).toBeLessThan(0.01);
    pose.bone('head').identity();
    show(0.1);
    expect(Math.abs(value('ParamHair'))).toBeGreaterThan(0.02);
    avatar.settle();
    expect(value('ParamHair')).toBeCloseTo(0, 5);
  });

  it('plays its own motion while nobody is there, and blinks all the same', () => {
    pose.idle = 1;
    show(1.5);
    expect(value('ParamArmLA')).toBeCloseTo(8, 4);
    expect([mesh('ArmA').visible, mesh('ArmB').visible, value('ParamEyeLOpen')]).toEqual([false, true, 1]);
    pose.blendshapes.set('eyeBlinkLeft', 1);
    show(0.1);
    expect(value('ParamEyeLOpen')).toBe(0);
    pose.blendshapes.set('eyeBlinkLeft', 0);
    pose.idle = 0;
    show(1);
    expect([value('ParamArmLA'), mesh('ArmA').visible, mesh('ArmB').visible]).toEqual([-3, true, false]);
  });

  it('shows and ends its maker’s expressions', () => {
    avatar.express(new Map([['照れ', null]]));
    show(0.5);
    expect([value('ParamBlush'), avatar.weight('照れ'), avatar.expressions]).toEqual([1, 1, ['照れ']]);
    avatar.express(new Map());
    show(0.5);
    expect([value('ParamBlush'), avatar.weight('照れ')]).toEqual([0.25, 0]);
  });

  it('frees what it holds', () => {
    const freed: string[] = [];
    avatar.object.traverse((object) => {
      const { geometry, material } = object as Mesh;
      geometry?.addEventListener('dispose', () => freed.push(`geometry of ${object.name}`));
      if (material && !Array.isArray(material)) material.addEventListener('dispose', () => freed.push(`material of ${object.name}`));
    });
    avatar.dispose();
    expect(freed).toHaveLength(2 * 18);
  });
});
