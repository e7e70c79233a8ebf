import { Vector3 } from 'three';
import type { Avatar, AvatarInfo, AvatarParameter } from './avatar/avatar';
import type { Resources } from './stage';
import type { AvatarState, Quaternion, Vector } from './wire';

export interface Stats {
  /** States a second. */
  fps: number;
  /** States since the page was opened. */
  received: number;
  /** From capture to here, milliseconds. */
  latencyMs: number;
  /** Pictures drawn since the page was opened. */
  drawn: number;
  /** Milliseconds of script for a picture, the drawing apart: the median of the last ones. */
  scriptMs: number;
  /** What the graphics card holds. */
  resources: Resources;
}

/** Milliseconds of script for one picture, each the median over some batches. */
export interface Cost {
  /** To pose the avatars, with hair and cloth. */
  poseMs: number;
  /** To draw them, without the graphics card's own work. */
  drawMs: number;
  /** To draw nothing with the same renderer: what any three.js page pays. */
  emptyMs: number;
}

/**
 * `window.vtuber`: what the viewer shows, for tests and other tools. All of it is read-only. Where several performers are on
 * the stage, `seat` says whose, 0 the first.
 */
export interface ViewerApi {
  /** Settled when the first avatar is on the stage. */
  readonly ready: Promise<void>;
  /** The last state that was taken over. */
  state(seat?: number): AvatarState | null;
  avatar(seat?: number): AvatarInfo | null;
  /** The local rotation of a VRM bone now, VRM 1.0 axes, whatever the avatar's version. */
  bone(name: string, seat?: number): Quaternion | null;
  /** The weight of a VRM expression or ARKit shape now, 0..1. */
  weight(name: string, seat?: number): number | null;
  /** Where the avatar's own bone looks and which way its top points, unit vectors in the scene: x to the avatar's left, y up, z to the viewer. */
  boneWorld(name: string, seat?: number): { forward: Vector; up: Vector } | null;
  /** The parameters of a Live2D model now; [] for other avatars. */
  parameters(seat?: number): AvatarParameter[];
  /** The names of the expressions that the avatar's maker gave it, beside those that are driven. */
  expressions(seat?: number): string[];
  /** How the camera stands now, in the words of the page's address. */
  framing(): { cam: string; view: string };
  /** The last message to the user. */
  message(): string;
  stats(): Stats;
  /** Draws the avatars once more as they are: for who looks at a picture now and then, and stops the rest. */
  draw(): void;
  /** Poses the avatars some hundreds of times, draws them some times, and says what that costs. */
  measure(): Cost;
}

declare global {
  interface Window {
    vtuber?: ViewerApi;
  }
}

/** What the API is read from. */
export interface Sources {
  ready: Promise<void>;
  state(seat: number): AvatarState | null;
  avatar(seat: number): Avatar | null;
  framing(): { cam: string; view: string };
  message(): string;
  stats(): Stats;
  draw(): void;
  measure(): Cost;
}

export function makeApi(sources: Sources): ViewerApi {
  const { ready, framing, message, stats, draw, measure } = sources;
  return {
    ready,
    framing,
    message,
    stats,
    draw,
    measure,
    state: (seat = 0) => sources.state(seat),
    avatar: (seat = 0) => sources.avatar(seat)?.info ?? null,
    bone: (name, seat = 0) => sources.avatar(seat)?.bone(name)?.toArray() ?? null,
    weight: (name, seat = 0) => sources.avatar(seat)?.weight(name) ?? null,
    parameters: (seat = 0) => sources.avatar(seat)?.parameters?.() ?? [],
    expressions: (seat = 0) => [...(sources.avatar(seat)?.expressions ?? [])],
    boneWorld: (name, seat = 0) => {
      const forward = new Vector3(0, 0, 1);
      const up = new Vector3(0, 1, 0);
      if (!sources.avatar(seat)?.boneWorld(name, forward, up)) return null;
      return { forward: forward.toArray(), up: up.toArray() };
    },
  };
}
