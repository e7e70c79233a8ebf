import { Vector3 } from 'three';
import type { Avatar, AvatarInfo, AvatarParameter } from './avatar/avatar';
import type { AvatarState, Quaternion, Vector } from './wire';

export interface Stats {
  /** States a second. */
  fps: number;
  /** States since the page was opened. */
  received: number;
  /** From capture to here, milliseconds. */
  latencyMs: number;
}

/** `window.vtuber`: what the viewer shows, for tests and other tools. All of it is read-only. */
export interface ViewerApi {
  /** Settled when the first avatar is on the stage. */
  readonly ready: Promise<void>;
  /** The last state that was taken over. */
  state(): AvatarState | null;
  avatar(): AvatarInfo | null;
  /** The local rotation of a VRM bone now, VRM 1.0 axes, whatever the avatar's version. */
  bone(name: string): Quaternion | null;
  /** The weight of a VRM expression or ARKit shape now, 0..1. */
  weight(name: string): number | null;
  /** Where the avatar's own bone looks and which way its top points, unit vectors in the scene: x to the avatar's left, y up, z to the viewer. */
  boneWorld(name: string): { forward: Vector; up: Vector } | null;
  /** The parameters of a Live2D model now; [] for other avatars. */
  parameters(): AvatarParameter[];
  /** The last message to the user. */
  message(): string;
  stats(): Stats;
}

declare global {
  interface Window {
    vtuber?: ViewerApi;
  }
}

/** What the API is read from. */
export interface Sources {
  ready: Promise<void>;
  state(): AvatarState | null;
  avatar(): Avatar | null;
  message(): string;
  stats(): Stats;
}

export function makeApi(sources: Sources): ViewerApi {
  const { ready, state, message, stats } = sources;
  return {
    ready,
    state,
    message,
    stats,
    avatar: () => sources.avatar()?.info ?? null,
    bone: (name) => sources.avatar()?.bone(name)?.toArray() ?? null,
    weight: (name) => sources.avatar()?.weight(name) ?? null,
    parameters: () => sources.avatar()?.parameters?.() ?? [],
    boneWorld: (name) => {
      const forward = new Vector3(0, 0, 1);
      const up = new Vector3(0, 1, 0);
      if (!sources.avatar()?.boneWorld(name, forward, up)) return null;
      return { forward: forward.toArray(), up: up.toArray() };
    },
  };
}
