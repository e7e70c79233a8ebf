/** What the program tells of itself: vtuber/studio.py. */

import type { CameraStanding, FaceStanding } from './calibration/told';

export type Value = string | number | boolean | null;
export type Values = Record<string, Value>;

export interface Setting {
  name: string;
  type: 'bool' | 'int' | 'float' | 'text';
  default: Value;
  /** What the part's own documentation says of it. */
  text: string;
  choices: string[];
  /** The usual bounds of a number, when it has some. */
  least: number | null;
  most: number | null;
}

export interface Part {
  name: string;
  text: string;
  /** A package that it needs is not installed. */
  missing: boolean;
  settings: Setting[];
}

export type Kind = 'source' | 'tracker' | 'filter' | 'output';
/** The parts of each kind, and what else has settings. */
export type Parts = Record<Kind | 'pipeline' | 'tuning', Part[]>;

export interface Expression {
  name: string;
  key: string;
  hold: boolean;
  fade: number;
  preset: string;
  shapes: Record<string, number>;
  over: string[];
  /** One of the expressions that the avatar's maker gave it. */
  avatar: string;
}

export interface AvatarFile {
  name: string;
  title: string;
  author: string;
  licence: string;
  /** Bytes. */
  size: number;
  /** Whether it lies in the user's own folder, and may be removed. */
  own: boolean;
  /** When the file was last written, for the address of its thumbnail. */
  stamp: number;
  thumbnail: boolean;
}

/** All that is chosen and set. */
export interface Truth {
  version: string;
  run: { source: string; sources: string[]; tracker: string; filter: string; profile: string };
  described: string;
  settings: Record<string, Values>;
  shapes: Record<string, { gain: number; offset: number }>;
  /** What is another for the avatar on stage alone. */
  own: { shapes: Record<string, { gain: number; offset: number }>; head: number | null; body: number | null; mirror: boolean | null; camera: string; view: string };
  outputs: { text: string; on: boolean }[];
  expressions: Expression[];
  shown: string[];
  away: boolean;
  profiles: string[];
  /** Keys of other windows: the modifiers, such as `ctrl+alt`, '' for off; and why they cannot be heard. */
  hotkeys: { held: string; problem: string };
  /** Of the profile in use: when, whether with a face of its own, the size of the pictures that its camera was measured
   * on, how many ranges have changed in use, and whether there is one before it. */
  calibrated: { made: string; face: boolean; camera: [number, number] | null; refined: number; before: boolean };
  visited: boolean;
  file: string;
  names: { shapes: string[]; presets: string[] };
  avatar: string;
  avatars: AvatarFile[];
  server: { port: number; lan: boolean; url: string; qr: string };
}

export type Health = 'off' | 'waiting' | 'sending' | 'nobody' | 'refused' | 'failed';

/** The figures that change all the time. */
export interface Vitals {
  fps: number;
  tracked: number;
  /** Width and height of the newest one, px; null while there is none. */
  picture: [number, number] | null;
  frames: number;
  dropped: number;
  /** Milliseconds. */
  stages: Record<string, number>;
  /** Milliseconds: p50, p95, p99. */
  latency: [number, number, number];
  outputs: { state: Health; sent: number; error: string }[];
  /** Weights before and after gain and offset, in the order of `names.shapes`. */
  raw: number[];
  shown: number[];
  viewers: number;
  /** The guided calibration that is under way. */
  calibration: FaceStanding | CameraStanding | null;
}

/** What is seen in the camera's picture, as shares of its width and height. */
export interface Marks {
  points: [number, number][];
  axes: [number, number][][];
  rays: [number, number][][];
}

export interface Finding {
  subject: string;
  ok: boolean;
  /** In English. */
  text: string;
  /** Its name among the texts; '' of one that is in English alone. */
  key: string;
  arguments: Record<string, string>;
}

export interface Camera {
  source: string;
  name: string;
}
