import { Follow } from './follow';
import { addBreath, idlePose, Presence } from './idle';
import { Pose } from './pose';
import type { Quaternion } from 'three';
import { Timeline } from './timeline';
import type { AvatarState } from './wire';

/** Another performer is followed when the one on show has been silent for this long, seconds. */
const NEXT_PERFORMER = 1;

/** A state with one of these bones tells of the whole body. */
const BODY: readonly string[] = ['hips', 'leftShoulder', 'leftUpperArm', 'rightUpperArm'];

/** What there is to show: the tracked states, the idle motion, and the way from one to the other. */
export class Performer {
  /** The last state that was taken. */
  state: AvatarState | null = null;
  /** When it came, seconds. */
  arrival = -Infinity;
  private readonly timeline: Timeline;
  private readonly idle: Pose;
  private readonly shown: Pose;
  private readonly follow = new Follow();
  private readonly presence = new Presence();
  private last: number | null = null;
  /** Whether the trunk may follow the head: nobody else says where it goes. */
  private trunkFree = true;

  /**
   * @param seed Of the idle motion: the same seed moves alike
   * @param rest See {@link Pose}
   */
  constructor(
    private readonly seed: number,
    rest: ReadonlyMap<string, Quaternion>,
  ) {
    this.timeline = new Timeline(rest);
    this.idle = new Pose(rest);
    this.shown = new Pose(rest);
  }

  /** Whether nothing was heard of the performer for so long that another may be followed. */
  silent(now: number): boolean {
    return now - this.arrival >= NEXT_PERFORMER;
  }

  /** Takes a state that came at `now`, seconds. */
  push(state: AvatarState, now: number): void {
    this.timeline.push(state, now);
    this.state = state;
    this.trunkFree = !BODY.some((name) => name in state.bones);
    this.arrival = now;
  }

  /** The pose to show at `now`, seconds. The same object every time. */
  sample(now: number): Pose {
    const dt = this.last === null ? 0 : Math.max(now - this.last, 0);
    this.last = now;
    this.presence.update(this.state?.tracking === 'lost', now - this.arrival, dt);
    const tracked = this.timeline.sample(now);
    if (this.presence.share > 0) {
      idlePose(this.seed, now, this.idle);
      this.shown.mix(tracked, this.idle, this.presence.share);
    } else {
      this.shown.copy(tracked);
    }
    this.shown.idle = this.presence.share;
    this.follow.apply(this.shown, dt, this.trunkFree);
    addBreath(this.seed, now, this.shown);
    return this.shown;
  }
}
