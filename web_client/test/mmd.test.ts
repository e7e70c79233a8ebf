import { Quaternion, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { Body } from '../src/avatar/mmd/body';
import { MmdFace } from '../src/avatar/mmd/face';
import { Morphs } from '../src/avatar/mmd/morphs';
import { fold } from '../src/avatar/mmd/names';
import { parsePmx } from '../src/avatar/mmd/parse';
import { BoneFlag, type Pmx } from '../src/avatar/mmd/pmx';
import { MmdSkeleton } from '../src/avatar/mmd/skeleton';
import { Springs } from '../src/avatar/mmd/springs';
import { REST_POSE } from '../src/avatar/rest_pose';
import { Pose } from '../src/pose';
import { ARKIT, type AvatarState, type Quaternion as WireQuaternion } from '../src/wire';
import { expectRotation, makeState } from './fixtures';
import { type BonePlan, makePmx, surfaceOf, usualBones } from './make_mmd';

const DEGREE = Math.PI / 180;
const SCALE = 0.08;
const about = (x: number, y: number, z: number, degrees: number): Quaternion =>
  new Quaternion().setFromAxisAngle(new Vector3(x, y, z).normalize(), degrees * DEGREE);
const wire = (q: Quaternion): WireQuaternion => q.toArray() as WireQuaternion;

function posed(parts: Partial<AvatarState>): Pose {
  const pose = new Pose(REST_POSE);
  pose.read(makeState(0, parts));
  return pose;
}

/** A model's bones, moved as a pose says. */
function stand(pmx: Pmx): { skeleton: MmdSkeleton; body: Body; show(parts: Partial<AvatarState>): void; at(name: string): Vector3 } {
  const skeleton = new MmdSkeleton(pmx, SCALE);
  const body = new Body(skeleton, pmx.vertices);
  return {
    skeleton,
    body,
    show: (parts) => {
      skeleton.reset();
      body.apply(posed(parts));
      skeleton.solve(false);
      for (const root of skeleton.roots) root.updateMatrixWorld(true);
    },
    at: (name) => skeleton.bones[skeleton.find([fold(name)])]!.getWorldPosition(new Vector3()),
  };
}

const faceOf = (pmx: Pmx): { face: MmdFace; morphs: Morphs } => {
  const morphs = new Morphs(pmx, surfaceOf(pmx), [], SCALE);
  return { face: new MmdFace(pmx, morphs, false), morphs };
};

const LEGS: BonePlan[] = [
  ['左足', 'センター', [1, 11, 0]],
  ['左ひざ', '左足', [1, 6, -0.2]],
  ['左足首', '左ひざ', [1, 1, 0]],
  ['左足ＩＫ', '全ての親', [1, 1, 0], {
    flags: BoneFlag.Ik,
    ik: { effector: 8, loops: 40, step: 2, links: [{ bone: 7, limits: { lower: [-Math.PI, 0, 0], upper: [-0.0087, 0, 0] } }, { bone: 6, limits: null }] },
  }],
];

describe('the bones of an MMD model', () => {
  it('keep the feet on the ground while the body moves, and bend the knee forward', () => {
    const model = stand(makePmx(usualBones(...LEGS)));
    model.show({});
    const foot = model.at('左足首');
    model.show({ head: { rotation: [0, 0, 0, 1], position: [0.1, -0.08, 0.05] } });
    expect(model.at('頭').x).toBeGreaterThan(0.04);
    expect(model.at('左足首').distanceTo(foot)).toBeLessThan(0.004);
    expect(model.at('左ひざ').z).toBeGreaterThan(model.at('左足').z + 0.01);
  });

  it('let the legs be driven', () => {
    const model = stand(makePmx(usualBones(...LEGS)));
    model.show({ bones: { leftUpperLeg: wire(about(1, 0, 0, -60)) } });
    expect(model.at('左足首').z).toBeGreaterThan(0.5);
  });

  it('hand on a share of their turn, or take it back', () => {
    const granted = (name: string, ratio: number): BonePlan => [name, '頭', [0, 19, 0], { flags: BoneFlag.RotationGrant, grant: { bone: 4, ratio } }];
    const { skeleton, show } = stand(makePmx(usualBones(granted('half', 0.5), granted('back', -1))));
    show({ bones: { neck: wire(about(0, 1, 0, 40)) } });
    expectRotation(skeleton.bones[6]!.quaternion, about(0, 1, 0, 20));
    expectRotation(skeleton.bones[7]!.quaternion, about(0, 1, 0, -40));
  });

  it('take arms from an A-pose to where the wire wants them', () => {
    const arm: BonePlan[] = [['左腕', '上半身2', [1, 16, 0]], ['左腕捩', '左腕', [2, 15, 0]], ['左ひじ', '左腕捩', [3, 14, 0]], ['左手首', '左ひじ', [5, 12, 0]]];
    const { show, at, body } = stand(makePmx(usualBones(...arm)));
    show({ bones: { leftUpperArm: [0, 0, 0, 1], leftLowerArm: [0, 0, 0, 1] } });
    expect(at('左ひじ').y).toBeCloseTo(at('左腕').y, 5);
    expect(at('左手首').y).toBeCloseTo(at('左腕').y, 5);
    const bent = about(0, 1, 0, -50);
    show({ bones: { leftLowerArm: wire(bent) } });
    expectRotation(body.rotation('leftLowerArm')!, bent);
    expect(at('左手首').y).toBeLessThan(at('左ひじ').y);
  });

  it('pass the turn of a part that is missing on', () => {
    const bones = usualBones().filter(([name]) => name !== '首' && name !== '上半身2').map(([name, parent, ...rest]) => [name, parent === '首' ? '上半身' : parent, ...rest] as BonePlan);
    const { show, skeleton } = stand(makePmx(bones));
    show({ bones: { chest: wire(about(0, 1, 0, 10)), neck: wire(about(0, 1, 0, 15)), head: wire(about(0, 1, 0, 20)) } });
    expectRotation(skeleton.bones.at(-1)!.getWorldQuaternion(new Quaternion()), about(0, 1, 0, 45));
  });

  it('turn the head though no bone has a name that is known', () => {
    const bones: BonePlan[] = [['a', '', [0, 0, 0]], ['頭', 'a', [0, 17, 0]], ['c', '頭', [0, 19, 0]]];
    const pmx = makePmx(bones);
    pmx.bones.forEach((bone, i) => (bone.name = `part ${i}`));
    const { body } = stand(pmx);
    expect(body.index('head')).toBe(1);
  });

  it('refuse to hang on each other in a ring', () => {
    const pmx = makePmx([['a', 'b', [0, 0, 0]], ['b', 'a', [0, 1, 0]]]);
    expect(() => new MmdSkeleton(pmx, SCALE)).toThrow('in a ring');
  });
});

describe('the face of an MMD model', () => {
  it('winks with the eye that a morph closes, whatever the morph is called', () => {
    // Points 2 and 3 are on the model's right.
    for (const [plain, other] of [['ウィンク２', 'ｳｨﾝｸ２右'], ['ウィンク', 'ウィンク右']] as const) {
      const { face, morphs } = faceOf(makePmx(usualBones(), { まばたき: [0, 1, 2, 3], [plain]: [2, 3], [other]: [0, 1] }));
      face.apply(posed({ expressions: { blinkRight: 1 } }));
      expect([morphs.get(1), morphs.get(2), morphs.get(0)]).toEqual([1, 0, 0]);
      face.apply(posed({ expressions: { blinkLeft: 1, blinkRight: 0.75 } }));
      expect([morphs.get(1), morphs.get(2), morphs.get(0)]).toEqual([0, 0.25, 0.75]);
    }
  });

  it('closes smiling eyes when it smiles, and never more than closed', () => {
    const { face, morphs } = faceOf(makePmx(usualBones(), { まばたき: [0, 1], 笑い: [0, 1] }));
    face.apply(posed({ expressions: { blinkLeft: 1, blinkRight: 1, happy: 0.75 } }));
    expect([morphs.get(0), morphs.get(1)]).toEqual([0.25, 0.75]);
  });

  it('is driven by the ARKit shapes alone when it has them', () => {
    const { face, morphs } = faceOf(makePmx(usualBones(), Object.fromEntries([...ARKIT, 'あ'].map((name) => [name, [0]]))));
    expect(face.perfectSync).toBe(true);
    face.apply(posed({ blendshapes: { tongueOut: 0.5 }, expressions: { aa: 1 } }));
    expect(face.weight('tongueOut')).toBe(0.5);
    expect(morphs.get(ARKIT.length)).toBe(0);
  });

  it('moves points as its morphs say, groups among them, and brings them back to the same place', () => {
    const pmx = makePmx(usualBones(), { あ: [0, 4] });
    pmx.morphs.push({ name: 'both', englishName: '', type: 'group', items: [{ morph: 0, ratio: 0.5 }] });
    const surface = surfaceOf(pmx);
    const morphs = new Morphs(pmx, surface, [], SCALE);
    const position = surface.geometry.getAttribute('position');
    const rest = position.array.slice();
    expect(surface.moved).toBe(2);
    morphs.set(0, 0.25);
    morphs.set(1, 1);
    morphs.update();
    expect(position.getY(surface.order[4]!) - 20 * SCALE).toBeCloseTo(0.75 * SCALE, 6);
    for (let i = 0; i < 50; i++) {
      morphs.set(0, i / 77);
      morphs.update();
    }
    morphs.set(0, 0);
    morphs.set(1, 0);
    morphs.update();
    expect(position.array).toEqual(rest);
  });
});

describe('the hair of an MMD model', () => {
  const hair: BonePlan[] = [['髪1', '頭', [2, 19, 0], { tail: [0, -3, 0] }], ['髪2', '髪1', [2, 16, 0], { tail: [0, -3, 0] }]];
  const body = (bone: number) => ({ bone, group: 2, mask: 0, shape: 2, size: [0.2, 1, 0] as [number, number, number], position: [2, 18, 0] as [number, number, number], rotation: [0, 0, 0] as [number, number, number], mode: bone === 5 ? 0 : 1 });
  const joint = (a: number, b: number) => ({ a, b, lower: [-0.5, 0, -0.5] as [number, number, number], upper: [0.5, 0, 0.5] as [number, number, number] });

  it('hangs still at rest, swings when the head tilts, within what its joints allow, and comes to rest', () => {
    const pmx = makePmx(usualBones(...hair));
    pmx.bodies = [body(5), body(6), body(7)];
    pmx.joints = [joint(0, 1), joint(1, 2)];
    const model = stand(pmx);
    const springs = new Springs(pmx, model.skeleton, SCALE);
    expect(springs.count).toBe(2);
    const lock = model.skeleton.bones[6]!;
    const step = (tilt: number): number => {
      model.show({ bones: { head: wire(about(0, 0, 1, tilt)) } });
      springs.update(1 / 60);
      return 2 * Math.acos(Math.min(Math.abs(lock.quaternion.w), 1));
    };
    for (let i = 0; i < 30; i++) expect(step(0)).toBeLessThan(1e-3);
    const angles = Array.from({ length: 240 }, () => step(35));
    expect(Math.max(...angles)).toBeGreaterThan(0.2);
    expect(Math.max(...angles)).toBeLessThan(0.5 + 1e-3);
    expect(Math.abs(angles.at(-1)! - angles.at(-20)!)).toBeLessThan(1e-3);
    const hanging = angles.at(-1)!;
    model.show({ bones: { head: wire(about(0, 0, 1, 35)) } });
    springs.update(0);
    expect(2 * Math.acos(lock.quaternion.w)).toBeCloseTo(hanging, 2);
    // Long hair hangs rather than stands off.
    expect(angles.at(-1)).toBeGreaterThan(0.1);
  });

  it('keeps out of the head the same way however the avatar stood when it came', () => {
    const hang = (first: number): Vector3 => {
      const pmx = makePmx(usualBones(...hair));
      pmx.bodies = [{ ...body(5), group: 0, shape: 0, size: [2.6, 0, 0], position: [0, 15, 0], mask: 0xffff }, { ...body(6), mask: 1 }, { ...body(7), mask: 1 }];
      pmx.joints = [joint(0, 1), joint(1, 2)];
      const model = stand(pmx);
      const springs = new Springs(pmx, model.skeleton, SCALE);
      const step = (tilt: number): void => {
        model.show({ bones: { head: wire(about(0, 0, 1, tilt)) } });
        springs.update(1 / 60);
      };
      for (let i = 0; i < 5; i++) step(first);
      springs.settle();
      for (let i = 0; i < 300; i++) step(0);
      return model.at('髪2');
    };
    const still = hang(0);
    for (const tilt of [-35, 35]) expect(hang(tilt).distanceTo(still)).toBeLessThan(1e-4);
  });
});

describe('a file that is no PMX', () => {
  it.each([['empty', new Uint8Array(0), 'not a PMX'], ['text', new TextEncoder().encode('Dear avatar'), 'not a PMX'], ['old', new TextEncoder().encode('Pmd....'), 'PMD'], ['short', new TextEncoder().encode('PMX '), 'cut short']])('is refused: %s', (_, bytes, said) => {
    expect(() => parsePmx(bytes.buffer as ArrayBuffer)).toThrow(said);
  });
});
