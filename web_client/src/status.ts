import type { Tracking } from './wire';

/** What the status shows; times in milliseconds, rates per second. */
export interface Vitals {
  connected: boolean;
  /** Of the last state; null before there was one, or when none came lately. */
  tracking: Tracking | null;
  fps: number;
  latencyMs: number;
}

/** How many arrivals the rate is taken over. */
const WINDOW = 32;
/** Seconds of silence after which the rate is 0. */
const SILENCE = 1;
/** Seconds that must be seen before a rate is told: two arrivals at once would make thousands a second. */
const LEAST = 0.25;

/** Counts arrivals a second. */
export class Rate {
  private readonly times: number[] = [];

  /** @param now Seconds */
  count(now: number): void {
    if (now - (this.times.at(-1) ?? now) > SILENCE) this.times.length = 0;
    this.times.push(now);
    if (this.times.length > WINDOW) this.times.shift();
  }

  /** Arrivals a second over the last ones; 0 after a second of silence. */
  at(now: number): number {
    const [first, last] = [this.times[0], this.times.at(-1)];
    if (first === undefined || last === undefined || now - last > SILENCE || last - first < LEAST) return 0;
    return (this.times.length - 1) / (last - first);
  }
}

const WORDS: Record<Tracking, string> = {
  tracked: 'tracking',
  coasting: 'holding',
  lost: 'no face',
  reacquired: 'tracking',
};

/** What the status says in words. Figures apart, so that a screen reader is not told of every change of them. */
export function describe(vitals: Vitals): { state: 'off' | 'idle' | 'live'; words: string; figures: string } {
  if (!vitals.connected) return { state: 'off', words: 'connecting …', figures: '' };
  if (vitals.tracking === null) return { state: 'idle', words: 'waiting for the camera', figures: '' };
  const figures = `${Math.round(vitals.fps)} fps · ${Math.round(vitals.latencyMs)} ms`;
  return { state: vitals.tracking === 'lost' ? 'idle' : 'live', words: WORDS[vitals.tracking], figures };
}

/** The small status in the corner. */
export class Status {
  private readonly root = document.createElement('div');
  private readonly words = document.createElement('span');
  private readonly figures = document.createElement('span');

  constructor(parent: HTMLElement) {
    this.root.className = 'status';
    this.words.setAttribute('role', 'status');
    this.words.setAttribute('aria-live', 'polite');
    this.figures.className = 'figures';
    this.root.append(this.words, this.figures);
    parent.append(this.root);
  }

  show(vitals: Vitals): void {
    const { state, words, figures } = describe(vitals);
    this.root.dataset['state'] = state;
    if (this.words.textContent !== words) this.words.textContent = words;
    if (this.figures.textContent !== figures) this.figures.textContent = figures;
  }
}
