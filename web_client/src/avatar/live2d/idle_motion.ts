import { random, smoothstep } from '../../noise';
import type { Curve, Motion } from './motion';
import type { Parameters } from './parameters';

/** A motion and where its curves go. */
interface Track {
  motion: Motion;
  fadeIn: number;
  fadeOut: number;
  /** Each parameter's curve, and its place. */
  parameters: { curve: Curve; index: number }[];
  parts: Curve[];
}

/** The model's own motions for when nobody is there: one after the other, each fading into the next. */
export class IdleMotion {
  private readonly tracks: Track[];
  private current = 0;
  private previous: number | null = null;
  /** Seconds since the current and the previous one began. */
  private time = 0;
  private previousTime = 0;
  private played = 0;
  /** What the motions show of each part now, by its name. */
  readonly parts = new Map<string, number>();

  /**
   * @param motions With the fades that the model gives them instead of their own, seconds
   * @param groups The parameters that a motion moves together when it says EyeBlink or LipSync
   */
  constructor(
    motions: readonly { motion: Motion; fadeIn: number | null; fadeOut: number | null }[],
    parameters: Parameters,
    groups: Readonly<Record<string, readonly string[]>>,
    private readonly seed: number,
  ) {
    this.tracks = motions.filter(({ motion }) => motion.duration > 0).map(({ motion, fadeIn, fadeOut }) => ({
      motion,
      fadeIn: fadeIn ?? motion.fadeIn,
      fadeOut: fadeOut ?? motion.fadeOut,
      parameters: motion.curves.flatMap((curve) =>
        idsOf(curve, groups)
          .map((id) => ({ curve, index: parameters.index(id) }))
          .filter(({ index }) => index >= 0),
      ),
      parts: motion.curves.filter(({ target }) => target === 'PartOpacity'),
    }));
  }

  get empty(): boolean {
    return this.tracks.length === 0;
  }

  /**
   * Goes on by `dt` seconds, and moves the parameters' values towards the motion's.
   *
   * @param share How much of the motion is shown, 0..1
   */
  apply(parameters: Parameters, share: number, dt: number): void {
    const track = this.tracks[this.current];
    if (track === undefined) return;
    this.time += dt;
    this.previousTime += dt;
    this.parts.clear();
    const fade = track.fadeIn === 0 ? 1 : smoothstep(this.time / track.fadeIn);
    if (this.previous !== null && fade < 1) show(this.tracks[this.previous]!, this.previousTime, share, 1, parameters, this.parts);
    show(track, this.time, share, this.previous === null ? 1 : fade, parameters, this.parts);
    if (this.time >= track.motion.duration - (this.tracks.length > 1 ? track.fadeOut : 0)) this.next();
  }

  private next(): void {
    this.played += 1;
    this.previous = this.current;
    this.previousTime = this.time;
    this.time = 0;
    if (this.tracks.length < 2) return;
    // Another than the last one.
    const step = 1 + Math.floor(random(this.seed, this.played) * (this.tracks.length - 1));
    this.current = (this.current + step) % this.tracks.length;
  }
}

/** The parameters that a curve moves. */
function idsOf({ target, id }: Curve, groups: Readonly<Record<string, readonly string[]>>): readonly string[] {
  if (target === 'Parameter') return [id];
  return target === 'Model' ? (groups[id] ?? []) : [];
}

function show(track: Track, time: number, share: number, fade: number, parameters: Parameters, parts: Map<string, number>): void {
  for (const { curve, index } of track.parameters) {
    const own = curve.fadeIn === null ? fade : curve.fadeIn === 0 ? 1 : smoothstep(time / curve.fadeIn);
    const now = parameters.values[index]!;
    parameters.set(index, now + (curve.at(time) - now) * share * own);
  }
  for (const curve of track.parts) parts.set(curve.id, curve.at(time));
}
