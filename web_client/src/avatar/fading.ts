import { smoothstep } from '../noise';

/** The expressions that are to be shown: name -> seconds that it takes to come and go; null: as long as the avatar's maker says. */
export type Wanted = ReadonlyMap<string, number | null>;

/** How far each of an avatar's own expressions is shown. */
export class Fading {
  private readonly levels = new Map<string, number>();
  /** The time of each one that was ever wanted: it goes as slowly as it came. */
  private readonly times = new Map<string, number>();
  private wanted: Wanted = new Map();

  /**
   * @param known The names of the avatar's expressions; others are passed by
   * @param usual Seconds that one takes for which no time is named
   */
  constructor(
    private readonly known: readonly string[],
    private readonly usual: number,
  ) {}

  /** These and no others from now on. */
  want(wanted: Wanted): void {
    this.wanted = wanted;
    for (const [name, time] of wanted) {
      if (!this.known.includes(name)) continue;
      this.times.set(name, time ?? this.usual);
      if (!this.levels.has(name)) this.levels.set(name, 0);
    }
  }

  /** On by `dt` seconds. */
  update(dt: number): void {
    for (const [name, level] of this.levels) {
      const time = this.times.get(name) ?? this.usual;
      const step = time > 0 ? dt / time : 1;
      this.levels.set(name, Math.min(Math.max(level + (this.wanted.has(name) ? step : -step), 0), 1));
    }
  }

  /** Every expression that was ever wanted, with its weight, 0..1. */
  *weights(): Generator<[string, number]> {
    for (const [name, level] of this.levels) yield [name, smoothstep(level)];
  }
}
