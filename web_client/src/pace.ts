/** How many pictures the timing is taken over. */
const WINDOW = 240;
/** A picture that comes this much early counts as due, ms: displays are not exact. */
const EARLY_MS = 2;

/** Which of the display's pictures are drawn, and what they cost. */
export class Pace {
  /** Pictures a second at most; 0 for all. */
  limit = 0;
  /** How many were drawn. */
  drawn = 0;
  private next = 0;
  private readonly costs = new Float32Array(WINDOW);

  /** Whether a picture is to be drawn at `time`, ms. */
  due(time: number): boolean {
    if (this.limit === 0) return true;
    if (time < this.next - EARLY_MS) return false;
    // From when it was due, so that 24 of 60 stay 24; after a gap from now.
    const step = 1000 / this.limit;
    this.next = Math.max(this.next + step, time + step / 2);
    return true;
  }

  /** Notes a picture that was drawn, and the milliseconds that its script took. */
  count(ms: number): void {
    this.costs[this.drawn % WINDOW] = ms;
    this.drawn += 1;
  }

  /** Milliseconds of script in the middle one of the last pictures, without the drawing; 0 before there were any. */
  get scriptMs(): number {
    return median(this.costs.slice(0, Math.min(this.drawn, WINDOW)));
  }
}

export function median(values: Float32Array): number {
  return values.slice().sort()[values.length >> 1] ?? 0;
}
