import type { Cost } from './api';
import { clock } from './connection';
import { median, Pace } from './pace';
import type { Seat } from './seat';
import type { Stage } from './stage';

/** A gap between two pictures after which hair and cloth start anew, seconds. */
const LONG_GAP = 0.5;
/** Calls in a batch, since clocks in browsers are too coarse for one; and how many batches. */
const POSED = { batch: 20, batches: 21 };
/** Few: where a processor stands in for the graphics card, each takes long. */
const DRAWN = { batch: 4, batches: 5 };

/** The pictures, one after the other while anybody sees them. */
export class Show {
  readonly pace = new Pace();
  private last = clock();
  private request = 0;

  constructor(
    private readonly stage: Stage,
    private readonly seats: readonly Seat[],
  ) {}

  /** Begins, or stops until it is called again. */
  run(visible: boolean): void {
    cancelAnimationFrame(this.request);
    if (visible) this.request = requestAnimationFrame(this.picture);
  }

  /** Draws the avatars as they are. */
  draw(): void {
    this.stage.draw();
  }

  /** What a picture costs. The avatars go on as if the time had passed. */
  measure(): Cost {
    let t = this.last;
    const pose = (): void => {
      t += 1 / 60;
      for (const seat of this.seats) seat.update(t, 1 / 60, false);
    };
    return {
      poseMs: batched(pose, POSED),
      drawMs: batched(() => this.stage.draw(), DRAWN),
      emptyMs: batched(() => this.stage.drawNothing(), DRAWN),
    };
  }

  /** @param time When the display began this picture, ms: steadier than the clock, and motion is as smooth as its time. */
  private readonly picture = (time: number): void => {
    this.request = requestAnimationFrame(this.picture);
    if (!this.pace.due(time)) return;
    const now = time / 1000;
    const dt = Math.max(now - this.last, 0);
    this.last = now;
    const began = performance.now();
    for (const seat of this.seats) seat.update(now, dt, dt > LONG_GAP);
    this.pace.count(performance.now() - began);
    this.stage.draw();
  };
}

/** Milliseconds for one call, the median of some batches. */
function batched(work: () => void, { batch, batches }: { batch: number; batches: number }): number {
  const times = new Float32Array(batches);
  for (let i = 0; i < batches; i++) {
    const began = performance.now();
    for (let k = 0; k < batch; k++) work();
    times[i] = (performance.now() - began) / batch;
  }
  return median(times);
}
