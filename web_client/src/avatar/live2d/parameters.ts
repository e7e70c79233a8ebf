/**
 * The parameters of one model: their names, ranges and what they are set to. All else works on this table, and the Core gets
 * a copy of the values in each frame.
 */
export class Parameters {
  readonly values: Float32Array;
  private readonly indices = new Map<string, number>();
  private readonly folded = new Map<string, number>();

  /** All of one length, and in one order. */
  constructor(
    readonly ids: readonly string[],
    readonly minimum: Float32Array,
    readonly maximum: Float32Array,
    readonly defaults: Float32Array,
  ) {
    this.values = defaults.slice();
    ids.forEach((id, i) => {
      this.indices.set(id, i);
      if (!this.folded.has(fold(id))) this.folded.set(fold(id), i);
    });
  }

  /** Where a parameter stands; -1 when the model has none of that name. */
  index(id: string): number {
    return this.indices.get(id) ?? -1;
  }

  /** The same, whatever the case and the underscores: `PARAM_ANGLE_X`, as Cubism 2 wrote it, is ParamAngleX. */
  find(id: string): number {
    return this.indices.get(id) ?? this.folded.get(fold(id)) ?? -1;
  }

  /** All at their defaults. */
  reset(): void {
    this.values.set(this.defaults);
  }

  /** Sets one, held within its range. */
  set(index: number, value: number): void {
    this.values[index] = Math.min(Math.max(value, this.minimum[index]!), this.maximum[index]!);
  }

  /** The value for a share of the range: -1 the minimum, 0 the default, 1 the maximum. */
  at(index: number, share: number): number {
    const rest = this.defaults[index]!;
    const held = Math.min(Math.max(share, -1), 1);
    return rest + held * (held < 0 ? rest - this.minimum[index]! : this.maximum[index]! - rest);
  }

  /** The opposite of `at`: which share of the range is shown now; 0 at the default. */
  share(index: number): number {
    const apart = this.values[index]! - this.defaults[index]!;
    const way = apart < 0 ? this.defaults[index]! - this.minimum[index]! : this.maximum[index]! - this.defaults[index]!;
    return way === 0 ? 0 : apart / way;
  }
}

function fold(id: string): string {
  return id.replaceAll('_', '').toLowerCase();
}
