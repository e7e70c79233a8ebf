import type { Quaternion } from 'three';
import { Pose } from './pose';
import type { AvatarState } from './wire';

/** Packet intervals that are believed, seconds: 120 to 10 packets a second. No viewer is shown more than the longest late. */
const SHORTEST = 1 / 120;
const LONGEST = 1 / 10;
/** Share of a new interval in the running value. */
const INTERVAL_GAIN = 0.1;
/** How fast the least transport delay may grow, seconds per second: covers two clocks drifting apart. */
const DELAY_LEAK = 0.005;
/** A packet this late tells of another clock or a long stall, not of jitter, seconds. */
const NEW_CLOCK = 1;

/**
 * Bridges two packets in time, so that 15 to 60 states a second move smoothly on a 60 Hz display.
 *
 * Each packet is due one packet interval after the least delay ever seen for it: the pose on show moves to it and gets there
 * when it is due. Packets on time are thus played back evenly one interval late, a late one catches up, and the newest
 * state is always the one that is moved to. When packets stop, the last one is held.
 */
export class Timeline {
  private readonly from: Pose;
  private readonly to: Pose;
  private readonly shown: Pose;
  private start = 0;
  private end = 0;
  private received = 0;
  private lastStamp = 0;
  private lastArrival = 0;
  private delay = 0;
  private running = 1 / 30;

  /** @param rest See {@link Pose} */
  constructor(rest: ReadonlyMap<string, Quaternion> = new Map()) {
    this.from = new Pose(rest);
    this.to = new Pose(rest);
    this.shown = new Pose(rest);
  }

  /** The estimated time between two packets, seconds. */
  get interval(): number {
    return this.running;
  }

  /**
   * Takes a state.
   *
   * @param state The state; its `t` is on the sender's clock
   * @param now Arrival, seconds, on the viewer's clock
   */
  push(state: AvatarState, now: number): void {
    const first = this.received === 0;
    this.measure(state.t, now);
    if (!first) this.from.copy(this.sample(now));
    this.to.read(state);
    if (first) this.from.copy(this.to);
    const left = state.t + this.delay + this.running - now;
    this.start = now;
    // Never all at once, however late: a quarter of an interval looks like a quick move, not like a cut.
    this.end = now + Math.min(Math.max(left, this.running / 4), this.running);
  }

  /** The pose at a moment of the viewer's clock, seconds. The same object every time. */
  sample(now: number): Pose {
    const length = this.end - this.start;
    const share = length > 0 ? Math.min(Math.max((now - this.start) / length, 0), 1) : 1;
    this.shown.mix(this.from, this.to, share);
    return this.shown;
  }

  private measure(stamp: number, now: number): void {
    const passed = stamp - this.lastStamp;
    const delay = now - stamp;
    if (this.received === 0 || passed < 0 || Math.abs(delay - this.delay) > NEW_CLOCK) {
      this.delay = delay;
    } else {
      this.delay = Math.min(this.delay + DELAY_LEAK * (now - this.lastArrival), delay);
      if (passed > 0) this.learn(passed);
    }
    this.received += 1;
    this.lastStamp = stamp;
    this.lastArrival = now;
  }

  private learn(interval: number): void {
    const believed = Math.min(Math.max(interval, this.running / 2), this.running * 2);
    const gain = Math.max(INTERVAL_GAIN, 1 / this.received);
    this.running += gain * (believed - this.running);
    this.running = Math.min(Math.max(this.running, SHORTEST), LONGEST);
  }
}
