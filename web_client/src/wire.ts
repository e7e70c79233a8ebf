// Written by `python -m vtuber.wire` from vtuber/wire.py: change it there, not here.

export const WIRE_VERSION = 1;
export const EVENT = 'avatar';

export const TRACKING = [
  'tracked',
  'coasting',
  'lost',
  'reacquired',
] as const;
export type Tracking = (typeof TRACKING)[number];

export const ARKIT = [
  'eyeBlinkLeft',
  'eyeLookDownLeft',
  'eyeLookInLeft',
  'eyeLookOutLeft',
  'eyeLookUpLeft',
  'eyeSquintLeft',
  'eyeWideLeft',
  'eyeBlinkRight',
  'eyeLookDownRight',
  'eyeLookInRight',
  'eyeLookOutRight',
  'eyeLookUpRight',
  'eyeSquintRight',
  'eyeWideRight',
  'jawForward',
  'jawLeft',
  'jawRight',
  'jawOpen',
  'mouthClose',
  'mouthFunnel',
  'mouthPucker',
  'mouthLeft',
  'mouthRight',
  'mouthSmileLeft',
  'mouthSmileRight',
  'mouthFrownLeft',
  'mouthFrownRight',
  'mouthDimpleLeft',
  'mouthDimpleRight',
  'mouthStretchLeft',
  'mouthStretchRight',
  'mouthRollLower',
  'mouthRollUpper',
  'mouthShrugLower',
  'mouthShrugUpper',
  'mouthPressLeft',
  'mouthPressRight',
  'mouthLowerDownLeft',
  'mouthLowerDownRight',
  'mouthUpperUpLeft',
  'mouthUpperUpRight',
  'browDownLeft',
  'browDownRight',
  'browInnerUp',
  'browOuterUpLeft',
  'browOuterUpRight',
  'cheekPuff',
  'cheekSquintLeft',
  'cheekSquintRight',
  'noseSneerLeft',
  'noseSneerRight',
  'tongueOut',
] as const;
export type ArkitName = (typeof ARKIT)[number];

export const PRESETS = [
  'happy',
  'angry',
  'sad',
  'relaxed',
  'surprised',
  'neutral',
  'aa',
  'ih',
  'ou',
  'ee',
  'oh',
  'blink',
  'blinkLeft',
  'blinkRight',
  'lookUp',
  'lookDown',
  'lookLeft',
  'lookRight',
] as const;
export type PresetName = (typeof PRESETS)[number];

export const BONES = [
  'spine',
  'chest',
  'upperChest',
  'neck',
  'head',
  'leftEye',
  'rightEye',
] as const;
export type BoneName = (typeof BONES)[number];

/** Bones at rest, degrees about x, y, z from the T-pose; the right side is the mirror image. */
export const RELAXED: Record<string, readonly [number, number, number]> = {
  leftShoulder: [0, 0, -3],
  leftUpperArm: [4, -4, -71],
  leftLowerArm: [0, -14, -4],
  leftHand: [-4, 0, -3],
  leftIndexProximal: [0, 0, -8],
  leftIndexIntermediate: [0, 0, -16],
  leftIndexDistal: [0, 0, -10],
  leftMiddleProximal: [0, 0, -12],
  leftMiddleIntermediate: [0, 0, -20],
  leftMiddleDistal: [0, 0, -12],
  leftRingProximal: [0, 0, -16],
  leftRingIntermediate: [0, 0, -24],
  leftRingDistal: [0, 0, -14],
  leftLittleProximal: [0, 0, -18],
  leftLittleIntermediate: [0, 0, -26],
  leftLittleDistal: [0, 0, -16],
  leftThumbMetacarpal: [0, 10, 0],
  leftThumbProximal: [0, 8, 0],
  leftThumbDistal: [0, 14, 0],
};

/** Unit quaternion x, y, z, w; right-handed, +Y up, facing +Z. */
export type Quaternion = [number, number, number, number];
/** Metres. */
export type Vector = [number, number, number];

/** One performer at one moment. Left and right are the performer's own. */
export interface AvatarState {
  v: number;
  /** Capture time, seconds, on the sender's monotonic clock. */
  t: number;
  person: number;
  tracking: Tracking;
  confidence: number;
  head: { rotation: Quaternion; position: Vector };
  bones: Record<string, Quaternion>;
  blendshapes: Record<string, number>;
  expressions: Record<string, number>;
  /** Seconds from capture to sending, added by the server. */
  age?: number;
}
