import type { Object3D, Quaternion, Vector3, WebGLRenderer } from 'three';
import type { Pose } from '../pose';
import type { Wanted } from './fading';
import type { Kind } from './kinds';

/** Why an avatar cannot be shown: one sentence for the user. */
export class AvatarError extends Error {
  override readonly name: string = 'AvatarError';
}

/** The `name` of the error of an avatar that lacks nothing but Live2D's Core. */
export const CORE_MISSING = 'CoreMissing';

/** Where the camera finds the parts of an avatar at rest; metres in the scene, avatar on the floor at the origin. */
export interface Figure {
  hips: number;
  /** Height of the joint between neck and head. */
  head: number;
  eyes: number;
  /** Whether nobody knows where the eyes are. */
  eyesGuessed?: boolean;
  /** The highest point of head and hair. */
  top: number;
  /** From the middle to the outside of a shoulder. */
  halfShoulders: number;
  /** From the middle to the outside of the head with its hair. */
  halfHead: number;
  /** How far the foremost point of the head, nose or fringe, is before the origin. */
  front: number;
}

export interface AvatarInfo {
  kind: Kind;
  /** As its maker called it; '' when it has no name. */
  name: string;
  /** Its address on the server, or `file:` and the file's name. */
  url: string;
  /** VRM version of the file: '0' or '1'. VRM only. */
  metaVersion?: string;
  /** Whether the face is driven by the 52 ARKit weights. Not of picture avatars. */
  perfectSync?: boolean;
}

/** One of the numbers that move a Live2D model. */
export interface AvatarParameter {
  /** Its name in the model. */
  id: string;
  /** What its maker called it for people. */
  name: string;
  minimum: number;
  maximum: number;
  default: number;
  value: number;
}

/** One avatar on the stage, of whatever kind. */
export interface Avatar {
  readonly info: AvatarInfo;
  readonly object: Object3D;
  readonly figure: Figure;

  /** Takes over a pose: names it does not have are passed by. */
  apply(pose: Pose): void;
  /** Moves hair and cloth on by `dt` seconds and brings the picture up to date. */
  update(dt: number): void;
  /** Draws what the picture needs beforehand, such as masks, into textures. The renderer is left as it was found. */
  beforeDraw?(renderer: WebGLRenderer): void;
  /** Lets hair and cloth come to rest at once, after a jump in time. */
  settle(): void;
  /** The local rotation a bone has now, VRM 1.0 axes; null when there is no such bone. */
  bone(name: string): Quaternion | null;
  /** Turns `forward` and `up`, given in rest pose, to where the avatar's own bone has taken them; false when there is no such bone. */
  boneWorld(name: string, forward: Vector3, up: Vector3): boolean;
  /** Sets where the feet are now, in the scene; false, or no such function, for an avatar without feet. */
  feet?(left: Vector3, right: Vector3): boolean;
  /** Shows or hides the lines round the avatar, when it has any. */
  showOutline?(shown: boolean): void;
  /** The weight of an expression or ARKit shape now, 0..1; null when there is none of that name. */
  weight(name: string): number | null;
  /** All parameters as they are now; Live2D only. */
  parameters?(): AvatarParameter[];
  /** The names of the expressions that its maker gave it, beside those that are driven; not of picture avatars. */
  readonly expressions?: readonly string[];
  /** Fades these of its expressions in, and all others out; names it does not have are passed by. */
  express?(wanted: Wanted): void;
  /** Frees everything on the graphics card. */
  dispose(): void;
}
