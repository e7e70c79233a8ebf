import { Quaternion, Vector3 } from 'three';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Avatar } from '../src/avatar/avatar';
import { REST_POSE } from '../src/avatar/rest_pose';
import { loadVrm } from '../src/avatar/vrm';
import { Pose } from '../src/pose';
import { ARKIT, type Quaternion as WireQuaternion } from '../src/wire';
import { expectRotation, makeState } from './fixtures';
import { makeVrm, PASCAL, type Plan } from './make_vrm';

// three.js' loader asks what browser it runs in.
beforeAll(() => {
  globalThis.self ??= globalThis as typeof self;
});

const ALL_BONES = ['chest', 'upperChest', 'neck', 'leftEye', 'rightEye'];
const DEGREE = Math.PI / 180;
const about = (x: number, y: number, z: number, degrees: number): Quaternion =>
  new Quaternion().setFromAxisAngle(new Vector3(x, y, z).normalize(), degrees * DEGREE);
const wire = (q: Quaternion): WireQuaternion => q.toArray() as WireQuaternion;

async function load(plan: Plan, quality: 'low' | 'high' = 'high'): Promise<Avatar> {
  return loadVrm(makeVrm(plan), 'test', quality);
}

function show(avatar: Avatar, parts: Parameters<typeof makeState>[1]): void {
  const pose = new Pose(REST_POSE);
  pose.read(makeState(0, parts));
  avatar.apply(pose);
  avatar.update(1 / 60);
  avatar.object.updateMatrixWorld(true);
}

function world(avatar: Avatar, bone: string): { forward: Vector3; up: Vector3 } {
  const forward = new Vector3(0, 0, 1);
  const up = new Vector3(0, 1, 0);
  expect(avatar.boneWorld(bone, forward, up)).toBe(true);
  return { forward, up };
}

describe.each(['0', '1'] as const)('a VRM %s avatar', (version) => {
  it('fades its maker’s own expressions in and out, and offers no others', async () => {
    const presets = [version === '0' ? 'joy' : 'happy', version === '0' ? 'a' : 'aa'];
    const avatar = await load({ version, shapes: { names: ['Hearts', 'Tears'], expressions: true }, presets });
    expect(avatar.expressions, 'the presets are driven').toEqual(['Hearts', 'Tears']);
    avatar.express!(new Map([['Hearts', 1], ['none of its own', 1]]));
    const after = (seconds: number): (number | null)[] => {
      avatar.update(seconds);
      show(avatar, {});
      return [avatar.weight('Hearts'), avatar.weight('Tears')];
    };
    expect(after(0.5 - 1 / 60)[0]).toBeCloseTo(0.5, 1);
    expect(after(1)).toEqual([1, 0]);
    avatar.express!(new Map([['Tears', null]]));
    expect(after(2)).toEqual([0, 1]);
    const synced = await load({ version, shapes: { names: [...ARKIT, 'Hearts'], expressions: true }, presets });
    expect([...synced.expressions!].sort(), 'nothing drives the mood of an avatar with ARKit’s shapes').toEqual(['Hearts', 'happy']);
  });

  it('turns its own head to its left, nods down and tilts, as the wire says', async () => {
    const avatar = await load({ version, bones: ALL_BONES });
    show(avatar, { bones: { head: wire(about(0, 1, 0, 30)) } });
    expect(world(avatar, 'head').forward.x).toBeCloseTo(Math.sin(30 * DEGREE), 5);
    show(avatar, { bones: { head: wire(about(1, 0, 0, 20)) } });
    expect(world(avatar, 'head').forward.y).toBeCloseTo(-Math.sin(20 * DEGREE), 5);
    show(avatar, { bones: { head: wire(about(0, 0, 1, 20)) } });
    expect(world(avatar, 'head').up.x).toBeCloseTo(-Math.sin(20 * DEGREE), 5);
  });

  it('gives back the rotation of the wire', async () => {
    const avatar = await load({ version, bones: ALL_BONES });
    const head = about(1, 2, 3, 25);
    show(avatar, { bones: { head: wire(head) } });
    expectRotation(avatar.bone('head')!, head);
    expect(avatar.bone('leftToes')).toBeNull();
  });

  it('lowers both arms at rest, and takes them from the wire when it brings them', async () => {
    const avatar = await load({ version });
    show(avatar, {});
    for (const side of ['left', 'right'] as const) {
      const outward = new Vector3(side === 'left' ? 1 : -1, 0, 0);
      expect(avatar.boneWorld(`${side}UpperArm`, outward, new Vector3())).toBe(true);
      expect(outward.y).toBeLessThan(-0.9);
    }
    const raised = about(0, 0, 1, 40);
    show(avatar, { bones: { leftUpperArm: wire(raised) } });
    expectRotation(avatar.bone('leftUpperArm')!, raised);
  });

  it.each([[[]], [['neck']], [['chest', 'neck']], [ALL_BONES]])('faces where the performer does with the bones %j', async (bones) => {
    const avatar = await load({ version, bones });
    const chain = ['spine', 'chest', 'upperChest', 'neck', 'head'].map((name, i) => [name, about(i, 1, 0.5, 9)] as const);
    show(avatar, { bones: Object.fromEntries(chain.map(([name, q]) => [name, wire(q)])) });
    const whole = chain.reduce((product, [, q]) => product.multiply(q), new Quaternion());
    const { forward, up } = world(avatar, 'head');
    expect(forward.distanceTo(new Vector3(0, 0, 1).applyQuaternion(whole))).toBeLessThan(1e-5);
    expect(up.distanceTo(new Vector3(0, 1, 0).applyQuaternion(whole))).toBeLessThan(1e-5);
  });

  it('turns its eye bones, no further than its maker allows', async () => {
    const avatar = await load({ version, bones: ALL_BONES, eyeRange: 12, presets: [version === '0' ? 'lookleft' : 'lookLeft'] });
    show(avatar, { bones: { leftEye: wire(about(0, 1, 0, 8)) }, expressions: { lookLeft: 1 } });
    expect(world(avatar, 'leftEye').forward.x).toBeCloseTo(Math.sin(8 * DEGREE), 5);
    show(avatar, { bones: { leftEye: wire(about(0, 1, 0, 25)), rightEye: wire(about(1, 0, 0, 25)) } });
    expect(world(avatar, 'leftEye').forward.x).toBeCloseTo(Math.sin(12 * DEGREE), 5);
    expect(world(avatar, 'rightEye').forward.y).toBeCloseTo(-Math.sin(12 * DEGREE), 5);
    expect(avatar.weight('lookLeft')).toBe(0);
  });

  it('moves with the performer and keeps its feet where they are', async () => {
    const avatar = await load({ version });
    const place = (bone: string): Vector3 => {
      const node = avatar.object.getObjectByName(bone)!;
      return node.getWorldPosition(new Vector3());
    };
    show(avatar, {});
    const [head, foot] = [place('head'), place('leftFoot')];
    show(avatar, { head: { rotation: [0, 0, 0, 1], position: [0.1, -0.05, 0.08] } });
    const moved = place('head').sub(head);
    expect(moved.x).toBeGreaterThan(0.03);
    expect(moved.y).toBeLessThan(-0.01);
    expect(moved.z).toBeGreaterThan(0.03);
    expect(place('leftFoot').distanceTo(foot)).toBeLessThan(0.012);
    show(avatar, { head: { rotation: [0, 0, 0, 1], position: [5, 5, -5] } });
    expect(place('head').distanceTo(head)).toBeLessThan(0.3);
    expect(world(avatar, 'head').forward.z).toBeCloseTo(1, 5);
  });

  it('is driven by its ARKit shapes alone when it has them', async () => {
    const names = version === '0' ? PASCAL : ARKIT;
    const blink = version === '0' ? 'blink_l' : 'blinkLeft';
    const avatar = await load({ version, shapes: { names, expressions: true }, presets: [blink], lookAt: 'expression' });
    expect(avatar.info.perfectSync).toBe(true);
    show(avatar, { blendshapes: { jawOpen: 0.6, eyeBlinkLeft: 0.9 }, expressions: { blinkLeft: 1 } });
    expect(avatar.weight('jawOpen')).toBeCloseTo(0.6, 6);
    expect(avatar.weight('eyeBlinkLeft')).toBeCloseTo(0.9, 6);
    expect(avatar.weight('blinkLeft')).toBe(0);
    show(avatar, {});
    expect(avatar.weight('jawOpen')).toBe(0);
  });

  it('is driven by bare morph targets when no expression knows the shapes', async () => {
    const avatar = await load({ version, shapes: { names: ARKIT, expressions: false }, presets: [version === '0' ? 'a' : 'aa'] });
    expect(avatar.info.perfectSync).toBe(true);
    show(avatar, { blendshapes: { tongueOut: 0.4 }, expressions: { aa: 1 } });
    const mesh = avatar.object.getObjectByProperty('type', 'Mesh') as { morphTargetInfluences?: number[] } | undefined;
    expect(mesh?.morphTargetInfluences?.[ARKIT.indexOf('tongueOut')]).toBeCloseTo(0.4, 6);
    expect(mesh?.morphTargetInfluences?.[ARKIT.length]).toBe(0);
    expect(avatar.weight('tongueOut')).toBeCloseTo(0.4, 6);
  });

  it('is driven by its presets when it has no ARKit shapes', async () => {
    const presets = version === '0' ? ['a', 'joy', 'blink', 'blink_l', 'blink_r'] : ['aa', 'happy', 'blink', 'blinkLeft', 'blinkRight'];
    const avatar = await load({ version, presets });
    expect(avatar.info.perfectSync).toBe(false);
    show(avatar, { expressions: { aa: 0.5, happy: 0.25, blink: 1, blinkLeft: 0.75, ou: 1 } });
    const weights = ['aa', 'happy', 'blink', 'blinkLeft', 'blinkRight', 'ou'].map((name) => avatar.weight(name));
    expect(weights).toEqual([0.5, 0.25, 0, 0.75, 0, null]);
  });

  it('blinks with both eyes when it cannot blink with one', async () => {
    const avatar = await load({ version, presets: version === '0' ? ['blink', 'blink_l'] : ['blink', 'blinkLeft'] });
    show(avatar, { expressions: { blink: 0.8, blinkLeft: 1 } });
    expect([avatar.weight('blink'), avatar.weight('blinkLeft')]).toEqual([0.8, 0]);
  });

  it('looks about by expression when it has no eye bones', async () => {
    const avatar = await load({ version, presets: version === '0' ? ['lookleft'] : ['lookLeft'], lookAt: 'expression' });
    show(avatar, { expressions: { lookLeft: 0.5 } });
    expect(avatar.weight('lookLeft')).toBe(0.5);
  });

  it('is measured standing on the floor', async () => {
    const { figure } = await load({ version, bones: ALL_BONES });
    expect(figure.hips).toBeCloseTo(0.8, 5);
    expect(figure.head).toBeCloseTo(1.33, 5);
    expect(figure.eyes).toBeCloseTo(1.4, 5);
    expect(figure.top).toBeGreaterThan(figure.eyes);
  });

  it('turns its head when it has none of the names that are looked for', async () => {
    const avatar = await load({ version, shapes: { names: ['まばたき', 'Fcl_MTH_A', 'x'], expressions: true } });
    expect(avatar.info.perfectSync).toBe(false);
    show(avatar, { bones: { head: wire(about(0, 1, 0, 30)) }, blendshapes: { jawOpen: 1 }, expressions: { aa: 1 } });
    expect(world(avatar, 'head').forward.x).toBeCloseTo(Math.sin(30 * DEGREE), 5);
    expect(avatar.weight('x')).toBe(0);
  });

  it('is refused without a skeleton', async () => {
    await expect(load({ version, noHumanoid: true })).rejects.toThrow('skeleton');
  });
});

/** Weights as they reach the morph targets. */
function influences(avatar: Avatar): number[] {
  return (avatar.object.getObjectByProperty('type', 'Mesh') as unknown as { morphTargetInfluences: number[] }).morphTargetInfluences;
}

describe("an expression's overrides", () => {
  const presets = ['happy', 'blinkLeft', 'blinkRight', 'aa', 'lookLeft'];

  it.each([
    ['block', 0],
    ['blend', 0.75],
    ['none', 1],
  ] as const)('hold blinks and mouth by presets: %s', async (kind, share) => {
    const avatar = await load({ version: '1', presets, overrides: { overrideBlink: kind, overrideMouth: kind } });
    show(avatar, { expressions: { happy: 0.25, blinkLeft: 1, aa: 0.8 } });
    expect(influences(avatar)).toEqual([0.25, share, 0, expect.closeTo(0.8 * share, 6), 0]);
    show(avatar, { expressions: { blinkLeft: 1 } });
    expect(influences(avatar)).toEqual([0, 1, 0, 0, 0]);
  });

  it.each([
    ['block', 0],
    ['blend', 0.5],
    ['none', 1],
  ] as const)('hold the gaze of eye bones: %s', async (kind, share) => {
    const avatar = await load({ version: '1', presets, bones: ALL_BONES, overrides: { overrideLookAt: kind } });
    show(avatar, { expressions: { happy: 0.5 }, bones: { leftEye: wire(about(0, 1, 0, 10)) } });
    expect(world(avatar, 'leftEye').forward.x).toBeCloseTo(Math.sin(10 * share * DEGREE), 5);
  });
});
