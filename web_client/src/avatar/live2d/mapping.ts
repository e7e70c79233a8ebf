import type { Signals } from './signals';

/** A share of a parameter's range: -1 its minimum, 0 its default, 1 its maximum. */
export type Share = (signals: Signals) => number;

/** An ARKit jaw is seldom dropped beyond this: Live2D's mouths are wide open at 1. */
const OPEN_JAW = 0.7;
/** The body follows the head by these parts. */
const BODY_TURN = 0.4;
const BODY_TILT = 0.5;

const eyeOpen =
  (side: 'Left' | 'Right'): Share =>
  (s) => {
    const blink = s.weight(`eyeBlink${side}`);
    // Wide eyes use what the model has beyond its usual opening; a blink closes them from wherever they are.
    return blink > 0 ? (1 - blink) * (1 + s.weight(`eyeWide${side}`)) - 1 : s.weight(`eyeWide${side}`);
  };
const browUp =
  (side: 'Left' | 'Right'): Share =>
  (s) => 0.6 * s.weight('browInnerUp') + 0.6 * s.weight(`browOuterUp${side}`) - s.weight(`browDown${side}`);
/** Down for a scowl, up for sorrow: the brow's inner end against its outer one. */
const browSlant =
  (side: 'Left' | 'Right'): Share =>
  (s) => s.weight('browInnerUp') - s.weight(`browOuterUp${side}`) - s.weight(`browDown${side}`);
const eyeSmile =
  (side: 'Left' | 'Right'): Share =>
  (s) => Math.max(s.weight(`cheekSquint${side}`), s.weight(`eyeSquint${side}`) * s.weight(`mouthSmile${side}`));
export const mouthOpen: Share = (s) => Math.max(s.weight('jawOpen') - s.weight('mouthClose'), 0) / OPEN_JAW;
const mouthForm: Share = (s) =>
  s.both('mouthSmile') + 0.3 * s.both('mouthDimple') - 1.2 * s.both('mouthFrown') - 0.7 * s.weight('mouthPucker') - 0.4 * s.weight('mouthFunnel');

/** Where the head and the eyes go, and the body after them. In every model. */
export const POSTURE: Readonly<Record<string, Share>> = {
  ParamAngleX: (s) => s.yaw,
  ParamAngleY: (s) => s.pitch,
  ParamAngleZ: (s) => s.roll,
  ParamEyeBallX: (s) => s.lookX,
  ParamEyeBallY: (s) => s.lookY,
  ParamBodyAngleX: (s) => BODY_TURN * s.yaw,
  ParamBodyAngleY: (s) => BODY_TURN * s.pitch,
  ParamBodyAngleZ: (s) => BODY_TILT * s.roll + s.lean,
};

/** Live2D's standard parameters of the face, and those that makers of models added to them by custom. */
export const FACE: Readonly<Record<string, Share>> = {
  ParamEyeLOpen: eyeOpen('Left'),
  ParamEyeROpen: eyeOpen('Right'),
  ParamEyeLSmile: eyeSmile('Left'),
  ParamEyeRSmile: eyeSmile('Right'),
  ParamBrowLY: browUp('Left'),
  ParamBrowRY: browUp('Right'),
  ParamBrowLAngle: browSlant('Left'),
  ParamBrowRAngle: browSlant('Right'),
  ParamBrowLForm: browSlant('Left'),
  ParamBrowRForm: browSlant('Right'),
  ParamMouthOpenY: mouthOpen,
  ParamMouthForm: mouthForm,
  ParamMouthX: (s) => s.weight('mouthLeft') - s.weight('mouthRight'),
  ParamMouthPuckerWiden: (s) => s.both('mouthSmile') - s.weight('mouthPucker'),
  ParamMouthPressLipOpen: (s) => s.both('mouthUpperUp') + s.both('mouthLowerDown') - s.both('mouthPress'),
  ParamMouthShrug: (s) => (s.weight('mouthShrugUpper') + s.weight('mouthShrugLower')) / 2,
  ParamEyeLSquint: (s) => s.weight('eyeSquintLeft'),
  ParamEyeRSquint: (s) => s.weight('eyeSquintRight'),
};
