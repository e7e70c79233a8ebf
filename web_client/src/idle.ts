import { Euler, Quaternion } from 'three';
import { random, smoothstep, wander } from './noise';
import type { Pose } from './pose';

const DEGREE = Math.PI / 180;

/** One blink a slot on average, seconds; people at rest blink every three to five. */
const BLINK_SLOT = 4;
const BLINK_CLOSE = 0.07;
const BLINK_HOLD = 0.04;
const BLINK_OPEN = 0.16;
const BLINK_LENGTH = BLINK_CLOSE + BLINK_HOLD + BLINK_OPEN;

/** Time in which one gaze jump falls, and how long the jump takes, seconds. */
const GAZE_SLOT = 1.7;
const SACCADE = 0.06;
/** Widest idle gaze, radians to each side. */
const GAZE_YAW = 7 * DEGREE;
const GAZE_PITCH = 3.5 * DEGREE;
/** The gaze that counts as a full look weight, radians: where ARKit's eye shapes end. */
const FULL_LOOK = 30 * DEGREE;

const DRIFT_PERIOD = 3.7;
const DRIFT_YAW = 6 * DEGREE;
const DRIFT_PITCH = 3 * DEGREE;
const DRIFT_ROLL = 2.5 * DEGREE;

const BREATH_PERIOD = 4.2;
const SWAY_PERIOD = 5.3;
/** Metres. */
const SWAY = 0.012;

export interface Gaze {
  /** Radians to the avatar's left. */
  yaw: number;
  /** Radians up. */
  pitch: number;
}

/** How far the lids are closed by idle blinking, 0..1. */
export function blinkAt(seed: number, t: number): number {
  const slot = Math.floor(t / BLINK_SLOT);
  let closed = blinkOnce(t - blinkStart(seed, slot));
  // Every fifth blink or so is a double one.
  if (random(seed + 1, slot) < 0.2) closed = Math.max(closed, blinkOnce(t - blinkStart(seed, slot) - BLINK_LENGTH - 0.08));
  return closed;
}

function blinkStart(seed: number, slot: number): number {
  return (slot + random(seed, slot) * 0.8) * BLINK_SLOT;
}

function blinkOnce(t: number): number {
  if (t <= 0 || t >= BLINK_LENGTH) return 0;
  if (t < BLINK_CLOSE) return smoothstep(t / BLINK_CLOSE);
  return 1 - smoothstep((t - BLINK_CLOSE - BLINK_HOLD) / BLINK_OPEN);
}

/** Where the idle eyes look: still, then a quick jump, mostly near the middle. */
export function gazeAt(seed: number, t: number, target: Gaze): Gaze {
  const slot = Math.floor(t / GAZE_SLOT);
  const jump = (slot + random(seed + 2, slot) * 0.7) * GAZE_SLOT;
  const share = smoothstep((t - jump) / SACCADE);
  target.yaw = GAZE_YAW * between(seed + 3, slot, share);
  target.pitch = GAZE_PITCH * between(seed + 4, slot, share);
  return target;
}

function between(seed: number, slot: number, share: number): number {
  const a = 2 * random(seed, slot - 1) - 1;
  const b = 2 * random(seed, slot) - 1;
  // Cubed: most looks are small.
  return a ** 3 + (b ** 3 - a ** 3) * share;
}

/** -1 breathed out .. 1 breathed in; in is a little quicker than out. */
export function breathAt(t: number): number {
  const phase = (2 * Math.PI * t) / BREATH_PERIOD;
  return Math.sin(phase - 0.3 * Math.cos(phase));
}

const euler = new Euler(0, 0, 0, 'YXZ');
const turn = new Quaternion();
const gaze: Gaze = { yaw: 0, pitch: 0 };

function rotation(pitch: number, yaw: number, roll: number): Quaternion {
  return turn.setFromEuler(euler.set(-pitch, yaw, roll));
}

/** What the avatar does while nobody drives it: looks about, blinks, moves its head a little. Replaces the pose's head and face. */
export function idlePose(seed: number, t: number, pose: Pose): void {
  pose.reset();
  const yaw = DRIFT_YAW * wander(seed + 5, t / DRIFT_PERIOD);
  const pitch = DRIFT_PITCH * wander(seed + 6, t / DRIFT_PERIOD);
  const roll = DRIFT_ROLL * wander(seed + 7, t / DRIFT_PERIOD);
  pose.bone('neck').copy(rotation(pitch * 0.4, yaw * 0.4, roll * 0.4));
  pose.bone('head').copy(rotation(pitch * 0.6, yaw * 0.6, roll * 0.6));
  setGaze(pose, gazeAt(seed, t, gaze));
  setBlink(pose, blinkAt(seed, t));
}

function setGaze(pose: Pose, { yaw, pitch }: Gaze): void {
  pose.bone('leftEye').copy(rotation(pitch, yaw, 0));
  pose.bone('rightEye').copy(turn);
  const left = Math.max(yaw, 0) / FULL_LOOK;
  const right = Math.max(-yaw, 0) / FULL_LOOK;
  const up = Math.max(pitch, 0) / FULL_LOOK;
  const down = Math.max(-pitch, 0) / FULL_LOOK;
  const { blendshapes, expressions } = pose;
  expressions.set('lookLeft', left);
  expressions.set('lookRight', right);
  expressions.set('lookUp', up);
  expressions.set('lookDown', down);
  blendshapes.set('eyeLookOutLeft', left);
  blendshapes.set('eyeLookInRight', left);
  blendshapes.set('eyeLookInLeft', right);
  blendshapes.set('eyeLookOutRight', right);
  blendshapes.set('eyeLookUpLeft', up);
  blendshapes.set('eyeLookUpRight', up);
  blendshapes.set('eyeLookDownLeft', down);
  blendshapes.set('eyeLookDownRight', down);
}

function setBlink(pose: Pose, closed: number): void {
  for (const name of ['blink', 'blinkLeft', 'blinkRight'] as const) pose.expressions.set(name, closed);
  for (const name of ['eyeBlinkLeft', 'eyeBlinkRight'] as const) pose.blendshapes.set(name, closed);
}

/**
 * The life that never stops, tracked or not: breathing, and weight going from one leg to the other. Added to the pose.
 *
 * What bends the trunk is taken back at the neck, so that the head still faces exactly where the performer's does.
 */
export function addBreath(seed: number, t: number, pose: Pose): void {
  const breath = breathAt(t);
  const lift = 0.9 * DEGREE * breath;
  pose.bone('chest').multiply(rotation(lift, 0, 0));
  pose.bone('neck').premultiply(rotation(-lift, 0, 0));
  pose.bone('leftShoulder').multiply(rotation(0, 0, 1.1 * DEGREE * breath));
  pose.bone('rightShoulder').multiply(rotation(0, 0, -1.1 * DEGREE * breath));
  pose.position.x += SWAY * wander(seed + 8, t / SWAY_PERIOD);
  pose.position.z += (SWAY / 2) * wander(seed + 9, t / SWAY_PERIOD);
}

/** Seconds without a packet after which nobody is thought to be there. */
const SILENCE = 1;
const FADE_IN = 1.2;
const FADE_OUT = 0.5;
/** Longest step of a fade, seconds: states that came while the page was held up are only taken after the picture. */
const LONGEST_STEP = 0.1;

/** How much of the idle pose is shown: fades in when the performer is gone and out when they are back. */
export class Presence {
  private level = 1;

  /** The share of the idle pose, 0..1. */
  get share(): number {
    return smoothstep(this.level);
  }

  /**
   * @param lost Whether the last state says that nobody is tracked
   * @param silence Seconds since the last state; Infinity when there was none
   * @param dt Seconds since the last call
   */
  update(lost: boolean, silence: number, dt: number): void {
    const passed = Math.min(dt, LONGEST_STEP);
    const step = lost || silence > SILENCE ? passed / FADE_IN : -passed / FADE_OUT;
    this.level = Math.min(Math.max(this.level + step, 0), 1);
  }
}
