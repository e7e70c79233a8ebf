import { Quaternion } from 'three';
import { describe, expect, it } from 'vitest';
import { addBreath, blinkAt, breathAt, gazeAt, idlePose, Presence } from '../src/idle';
import { Pose } from '../src/pose';
import { expectRotation } from './fixtures';

const SEED = 7;
const FRAME = 1 / 60;
const MINUTE = Array.from({ length: 3600 }, (_, i) => i * FRAME);

function idle(seed: number, t: number): Pose {
  const pose = new Pose();
  idlePose(seed, t, pose);
  return pose;
}

describe('idle motion', () => {
  it('is the same for the same seed and time, and another for another seed', () => {
    for (const t of [0, 1.5, 33.3]) {
      expect(idle(SEED, t).bone('head').toArray()).toEqual(idle(SEED, t).bone('head').toArray());
    }
    expect(idle(SEED, 20).bone('head').toArray()).not.toEqual(idle(SEED + 1, 20).bone('head').toArray());
  });

  it('blinks a few times a minute, all the way, and has open eyes otherwise', () => {
    const lids = MINUTE.map((t) => blinkAt(SEED, t));
    const blinks = lids.filter((closed, i) => closed > 0.9 && (lids[i - 1] ?? 0) <= 0.9).length;
    expect(blinks).toBeGreaterThanOrEqual(10);
    expect(blinks).toBeLessThanOrEqual(25);
    expect(lids.filter((closed) => closed === 0).length).toBeGreaterThan(0.9 * lids.length);
    expect(Math.min(...lids)).toBe(0);
    expect(Math.max(...lids)).toBeLessThanOrEqual(1);
  });

  it('closes both lids in both vocabularies', () => {
    const t = MINUTE.find((time) => blinkAt(SEED, time) > 0.9)!;
    const { blendshapes, expressions } = idle(SEED, t);
    for (const name of ['eyeBlinkLeft', 'eyeBlinkRight']) expect(blendshapes.get(name)).toBeGreaterThan(0.9);
    for (const name of ['blink', 'blinkLeft', 'blinkRight']) expect(expressions.get(name)).toBeGreaterThan(0.9);
  });

  it('looks left with bones, look presets and ARKit shapes alike', () => {
    const t = MINUTE.find((time) => gazeAt(SEED, time, { yaw: 0, pitch: 0 }).yaw > 0.03)!;
    const { bones, blendshapes, expressions } = idle(SEED, t);
    expect(bones.get('leftEye')!.y).toBeGreaterThan(0);
    expect(expressions.get('lookLeft')).toBeGreaterThan(0);
    expect(expressions.get('lookRight')).toBe(0);
    expect(blendshapes.get('eyeLookOutLeft')).toBe(blendshapes.get('eyeLookInRight'));
    expect(blendshapes.get('eyeLookInLeft')).toBe(0);
  });

  it('never jerks the head', () => {
    let previous = idle(SEED, 0).bone('head').clone();
    for (const t of MINUTE.slice(1)) {
      const head = idle(SEED, t).bone('head').clone();
      expect(head.angleTo(previous)).toBeLessThan(0.01);
      previous = head;
    }
  });
});

describe('breathing', () => {
  it('goes in and out', () => {
    const values = MINUTE.map(breathAt);
    expect(Math.max(...values)).toBeGreaterThan(0.95);
    expect(Math.min(...values)).toBeLessThan(-0.95);
  });

  it('moves the chest and not where the head faces', () => {
    const head = new Quaternion(0.1, 0.2, 0.05, 0.97).normalize();
    let moved = 0;
    for (const t of MINUTE.slice(0, 600)) {
      const pose = new Pose();
      pose.bone('head').copy(head);
      addBreath(SEED, t, pose);
      const chain = new Quaternion();
      for (const name of ['spine', 'chest', 'upperChest', 'neck', 'head']) chain.multiply(pose.bone(name));
      expectRotation(chain, head, 9);
      moved = Math.max(moved, pose.bone('chest').angleTo(new Quaternion()));
    }
    expect(moved).toBeGreaterThan(0.01);
  });
});

describe('Presence', () => {
  it('starts idle, goes when a face comes, and comes when it is lost or silent', () => {
    const presence = new Presence();
    expect(presence.share).toBe(1);
    const run = (lost: boolean, silence: number, seconds: number): void => {
      for (let t = 0; t < seconds; t += FRAME) presence.update(lost, silence, FRAME);
    };
    run(false, 0, 1);
    expect(presence.share).toBe(0);
    run(true, 0, 3);
    expect(presence.share).toBe(1);
    run(false, 0.02, 1);
    expect(presence.share).toBe(0);
    run(false, 1.5, 3);
    expect(presence.share).toBe(1);
    run(false, Infinity, 1);
    expect(presence.share).toBe(1);
  });

  it('never pops, not even after a pause of the page', () => {
    const presence = new Presence();
    let previous = presence.share;
    for (const [lost, dt] of [[false, FRAME], [false, 10], [true, 10], [false, FRAME], [true, 10]] as const) {
      presence.update(lost, 0, dt);
      expect(Math.abs(presence.share - previous)).toBeLessThan(0.35);
      previous = presence.share;
    }
  });
});
