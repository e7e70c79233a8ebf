import { Euler, Quaternion } from 'three';
import { describe, expect, it } from 'vitest';
import { Driver } from '../src/avatar/live2d/driver';
import { PartsPose } from '../src/avatar/live2d/parts_pose';
import { Signals } from '../src/avatar/live2d/signals';
import { Pose } from '../src/pose';
import { ARKIT } from '../src/wire';
import { makeParameters } from './live2d_fixtures';

const DEGREE = Math.PI / 180;
type Ranges = Record<string, readonly [number, number, number]>;
type Groups = { eyeBlink: string[]; lipSync: string[] };
const GROUPS: Groups = { eyeBlink: [], lipSync: [] };
const STANDARD = {
  ParamAngleX: [-30, 0, 30],
  ParamAngleY: [-30, 0, 30],
  ParamAngleZ: [-30, 0, 30],
  ParamEyeLOpen: [0, 1, 1.2],
  ParamEyeROpen: [0, 1, 1.2],
  ParamEyeBallX: [-1, 0, 1],
  ParamEyeBallY: [-1, 0, 1],
  ParamBrowLY: [-1, 0, 1],
  ParamBrowLForm: [-1, 0, 1],
  ParamMouthForm: [-2, 1, 1],
  ParamMouthOpenY: [0, 0, 1],
  ParamBodyAngleX: [-10, 0, 10],
  ParamCheek: [0, 0.5, 1],
  ParamArmLA: [-10, -3, 10],
} as const;

/** pitch up, yaw to the performer's left, roll of the crown to the performer's right; degrees. */
function turned(pitch: number, yaw: number, roll: number): Quaternion {
  return new Quaternion().setFromEuler(new Euler(-pitch * DEGREE, yaw * DEGREE, roll * DEGREE, 'YXZ'));
}

interface Shown {
  bones?: Record<string, Quaternion>;
  weights?: Record<string, number>;
}

function drive(ranges: Ranges, { bones = {}, weights = {} }: Shown, groups: Groups = GROUPS): Record<string, number> {
  const parameters = makeParameters(ranges);
  const pose = new Pose();
  for (const [name, rotation] of Object.entries(bones)) pose.bone(name).copy(rotation);
  for (const [name, weight] of Object.entries(weights)) pose.blendshapes.set(name, weight);
  const signals = new Signals();
  signals.read(pose);
  new Driver(parameters, groups).apply(signals);
  return Object.fromEntries(parameters.ids.map((id, i) => [id, Math.round(parameters.values[i]! * 1e4) / 1e4]));
}

const DEFAULTS = Object.fromEntries(Object.entries(STANDARD).map(([id, [, rest]]) => [id, rest]));

describe('the standard parameters', () => {
  it('are at their defaults at rest', () => {
    expect(drive(STANDARD, {})).toEqual(DEFAULTS);
  });

  it('turn by degrees: to the viewer’s right for the performer’s left, up, and tilt clockwise for the viewer', () => {
    const head = drive(STANDARD, { bones: { neck: turned(0, 10, 0), head: turned(0, 5, 0) } });
    expect([head['ParamAngleX'], head['ParamAngleY'], head['ParamAngleZ']]).toEqual([15, 0, 0]);
    expect(head['ParamBodyAngleX']).toBeCloseTo(2, 5);
    expect(drive(STANDARD, { bones: { head: turned(12, 0, 0) } })['ParamAngleY']).toBeCloseTo(12, 3);
    expect(drive(STANDARD, { bones: { head: turned(0, 0, -12) } })['ParamAngleZ']).toBeCloseTo(12, 3);
    expect(drive(STANDARD, { bones: { head: turned(0, 0, 80) } })['ParamAngleZ']).toBe(-30);
  });

  it('tell a tilt from a turn when both are there', () => {
    const head = drive(STANDARD, { bones: { head: turned(10, 20, -15) } });
    expect(head['ParamAngleX']).toBeCloseTo(20, 3);
    expect(head['ParamAngleY']).toBeCloseTo(10, 3);
    expect(head['ParamAngleZ']).toBeCloseTo(15, 3);
  });

  it('use the range that the model declares', () => {
    const wide = { ...STANDARD, ParamAngleX: [-60, 0, 45] } as const;
    expect(drive(wide, { bones: { head: turned(0, 15, 0) } })['ParamAngleX']).toBeCloseTo(22.5, 3);
    expect(drive(wide, { bones: { head: turned(0, -15, 0) } })['ParamAngleX']).toBeCloseTo(-30, 3);
    expect(drive(STANDARD, { weights: { eyeWideLeft: 1 } })['ParamEyeLOpen']).toBeCloseTo(1.2, 3);
    // Neutral is the model's default, also where that is an end of the range.
    expect(drive(STANDARD, { weights: { mouthSmileLeft: 1, mouthSmileRight: 1 } })['ParamMouthForm']).toBe(1);
    expect(drive(STANDARD, { weights: { mouthFrownLeft: 1, mouthFrownRight: 1 } })['ParamMouthForm']).toBe(-2);
  });

  it('wink on their own side, and shut the lids whatever else is said of them', () => {
    const wink = drive(STANDARD, { weights: { eyeBlinkRight: 1, eyeWideRight: 1 } });
    expect([wink['ParamEyeLOpen'], wink['ParamEyeROpen']]).toEqual([1, 0]);
    expect(drive(STANDARD, { weights: { eyeBlinkLeft: 0.5 } })['ParamEyeLOpen']).toBe(0.5);
  });

  it('look, raise the brows and open the mouth', () => {
    const left = turned(6, 15, 0);
    const looking = drive(STANDARD, { bones: { leftEye: left, rightEye: left } });
    expect([looking['ParamEyeBallX'], looking['ParamEyeBallY']]).toEqual([0.5, 0.2]);
    expect(drive(STANDARD, { weights: { browInnerUp: 1, browOuterUpLeft: 1 } })['ParamBrowLY']).toBe(1);
    expect(drive(STANDARD, { weights: { browDownLeft: 1 } })['ParamBrowLForm']).toBe(-1);
    expect(drive(STANDARD, { weights: { jawOpen: 0.35 } })['ParamMouthOpenY']).toBeCloseTo(0.5, 4);
    expect(drive(STANDARD, { weights: { jawOpen: 0.5, mouthClose: 0.5 } })['ParamMouthOpenY']).toBe(0);
  });

  it('are found by the names of Cubism 2', () => {
    expect(drive({ PARAM_ANGLE_X: [-30, 0, 30] }, { bones: { head: turned(0, 15, 0) } })).toEqual({ PARAM_ANGLE_X: 15 });
  });

  it('are moved by the model’s groups, whatever they are called', () => {
    const ranges = { Oeil_L: [0, 1, 1], Oeil_R: [0, 1, 1], Bouche: [0, 0, 1], lid1: [0, 1, 1], lid2: [0, 1, 1] } as const;
    const weights = { eyeBlinkRight: 1, jawOpen: 0.7 };
    const shown = drive(ranges, { weights }, { eyeBlink: ['Oeil_R', 'Oeil_L'], lipSync: ['Bouche'] });
    expect(shown).toMatchObject({ Oeil_L: 1, Oeil_R: 0, Bouche: 1 });
    expect(drive(ranges, { weights }, { eyeBlink: ['lid1', 'lid2'], lipSync: [] })).toMatchObject({ lid1: 1, lid2: 0 });
    expect(drive(ranges, { weights }, { eyeBlink: ['lid1'], lipSync: [] })).toMatchObject({ lid1: 0.5 });
  });
});

describe('Perfect Sync', () => {
  const all = Object.fromEntries(ARKIT.map((name) => [`Param${name.charAt(0).toUpperCase()}${name.slice(1)}`, [0, 0, 1] as const]));

  it('moves the face by ARKit’s shapes alone', () => {
    const shown = drive({ ...STANDARD, ...all }, { weights: { jawOpen: 0.6, tongueOut: 0.3, eyeBlinkLeft: 1 }, bones: { head: turned(0, 15, 0) } });
    expect(shown).toMatchObject({ ParamJawOpen: 0.6, ParamTongueOut: 0.3, ParamEyeBlinkLeft: 1, ParamMouthOpenY: 0, ParamEyeLOpen: 1 });
    expect(shown['ParamAngleX']).toBeCloseTo(15, 3);
  });

  it('takes single shapes along with the standard parameters', () => {
    const ranges = { ...STANDARD, ParamCheekPuff: [-1, 0, 2], TongueOut: [0, 0, 1] } as const;
    const shown = drive(ranges, { weights: { cheekPuff: 0.5, tongueOut: 1, jawOpen: 0.7 } });
    expect(shown).toMatchObject({ ParamCheekPuff: 1, TongueOut: 1, ParamMouthOpenY: 1 });
  });
});

describe('a pose of parts', () => {
  const ids = ['PartArmA', 'PartArmB', 'PartHandB', 'PartBody'];
  const file = { FadeInTime: 0.5, Groups: [[{ Id: 'PartArmA' }, { Id: 'PartArmB', Link: ['PartHandB'] }, { Id: 'PartNone' }]] };

  it('shows one of a group at once', () => {
    const opacities = new Float32Array(4).fill(1);
    new PartsPose(file, ids).update(opacities, Infinity);
    expect([...opacities]).toEqual([1, 0, 0, 1]);
  });

  it('fades to the part that a motion shows, with what is linked to it, and never lets one look through both', () => {
    const opacities = new Float32Array(4).fill(1);
    const pose = new PartsPose(file, ids);
    pose.update(opacities, Infinity);
    pose.choose(new Map([['PartArmB', 1]]));
    for (let i = 0; i < 10; i++) {
      pose.update(opacities, 0.05);
      const through = (1 - opacities[0]!) * (1 - opacities[1]!);
      expect(through).toBeLessThan(0.26);
    }
    expect([...opacities]).toEqual([0, 1, 1, 1]);
    pose.choose(new Map());
    pose.update(opacities, 1);
    expect([...opacities]).toEqual([1, 0, 0, 1]);
  });

  it('of nothing does nothing', () => {
    const opacities = new Float32Array([1, 0.5, 1, 1]);
    new PartsPose({ Groups: [[], null, [{ Id: 'PartNone' }]] }, ids).update(opacities, 1);
    expect([...opacities]).toEqual([1, 0.5, 1, 1]);
  });
});
