import { list, number, object, text } from './settings';

/** How a curve goes on from a point, as .motion3.json counts it. */
const LINEAR = 0;
const BEZIER = 1;
const STEPPED = 2;
const INVERSE_STEPPED = 3;
/** Halvings until the place on a Bezier curve is known: to a thousandth of a frame. */
const HALVINGS = 18;

export type CurveTarget = 'Model' | 'Parameter' | 'PartOpacity';

/** One value over time. */
export class Curve {
  /** Of each segment: its kind, and where in `points` it begins. It ends where the next begins. */
  private readonly kinds: number[] = [];
  private readonly starts: number[] = [];
  /** Time in seconds and value, one after the other. */
  private readonly points: number[] = [];

  /**
   * @param segments The numbers as they stand in a .motion3.json
   * @param restricted Whether the handles of all Bezier curves are at a third and two thirds of the way in time
   * @throws RangeError when they are cut short, or mean nothing
   */
  constructor(
    readonly target: CurveTarget,
    readonly id: string,
    segments: readonly number[],
    private readonly restricted: boolean,
    /** Seconds; null when the motion's own count. */
    readonly fadeIn: number | null = null,
    readonly fadeOut: number | null = null,
  ) {
    if (segments.length < 2 || !segments.every(Number.isFinite)) throw new RangeError('a curve without a point');
    this.points.push(segments[0]!, segments[1]!);
    for (let i = 2; i < segments.length; ) {
      const kind = segments[i]!;
      const length = kind === BEZIER ? 6 : 2;
      if (![LINEAR, BEZIER, STEPPED, INVERSE_STEPPED].includes(kind) || i + length >= segments.length) {
        throw new RangeError('a curve that is cut short');
      }
      this.kinds.push(kind);
      this.starts.push(this.points.length - 2);
      this.points.push(...segments.slice(i + 1, i + 1 + length));
      i += 1 + length;
    }
  }

  /** The value at a time, seconds; before the first and after the last point theirs. */
  at(time: number): number {
    const { points } = this;
    if (time <= points[0]!) return points[1]!;
    for (let i = 0; i < this.kinds.length; i++) {
      const start = this.starts[i]!;
      const end = this.starts[i + 1] ?? points.length - 2;
      if (time < points[end]!) return this.within(this.kinds[i]!, start, end, time);
    }
    return points.at(-1)!;
  }

  private within(kind: number, start: number, end: number, time: number): number {
    const { points } = this;
    if (kind === STEPPED) return points[start + 1]!;
    if (kind === INVERSE_STEPPED) return points[end + 1]!;
    const share = (time - points[start]!) / (points[end]! - points[start]!);
    if (kind === LINEAR) return points[start + 1]! + (points[end + 1]! - points[start + 1]!) * share;
    return cubic(points, start + 1, this.restricted ? share : this.shareAt(start, time));
  }

  /** How far along a Bezier curve its time is the given one: time only ever grows along it. */
  private shareAt(start: number, time: number): number {
    let low = 0;
    let high = 1;
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2;
      if (cubic(this.points, start, middle) < time) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }
}

/** The cubic Bezier curve through four numbers that stand two apart. */
function cubic(points: readonly number[], start: number, t: number): number {
  const s = 1 - t;
  return (
    s * s * s * points[start]! + 3 * s * s * t * points[start + 2]! + 3 * s * t * t * points[start + 4]! + t * t * t * points[start + 6]!
  );
}

/** A .motion3.json. */
export class Motion {
  /** Seconds. */
  readonly duration: number;
  readonly loop: boolean;
  readonly fadeIn: number;
  readonly fadeOut: number;
  readonly curves: readonly Curve[];

  /** What of it cannot be read is left out. */
  constructor(json: Record<string, unknown>) {
    const meta = object(json['Meta']);
    this.duration = Math.max(number(meta['Duration'], 0), 0);
    this.loop = meta['Loop'] === true;
    this.fadeIn = Math.max(number(meta['FadeInTime'], 1), 0);
    this.fadeOut = Math.max(number(meta['FadeOutTime'], 1), 0);
    const restricted = meta['AreBeziersRestricted'] === true;
    this.curves = list(json['Curves']).map(object).flatMap((curve) => {
      const target = curve['Target'];
      if (target !== 'Model' && target !== 'Parameter' && target !== 'PartOpacity') return [];
      const fades = [fade(curve['FadeInTime']), fade(curve['FadeOutTime'])] as const;
      try {
        return [new Curve(target, text(curve['Id']), list(curve['Segments']) as number[], restricted, ...fades)];
      } catch {
        return [];
      }
    });
  }
}

/** A negative time stands for "as the motion". */
function fade(value: unknown): number | null {
  const seconds = number(value, -1);
  return seconds < 0 ? null : seconds;
}
