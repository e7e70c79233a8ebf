import { smoothstep } from '../../noise';
import type { Parameters } from './parameters';
import { list, number, object, text } from './settings';

const FADE = 1;

/** One .exp3.json: changes to parameters. */
export class Expression {
  /** How much of it is shown, 0..1. */
  level = 0;
  private readonly fadeIn: number;
  private readonly fadeOut: number;
  private readonly changes: { index: number; value: number; blend: 'Add' | 'Multiply' | 'Overwrite' }[];

  constructor(
    readonly name: string,
    json: Record<string, unknown>,
    parameters: Parameters,
  ) {
    this.fadeIn = Math.max(number(json['FadeInTime'], FADE), 0);
    this.fadeOut = Math.max(number(json['FadeOutTime'], FADE), 0);
    this.changes = list(json['Parameters']).map(object).flatMap((change) => {
      const index = parameters.index(text(change['Id']));
      const value = number(change['Value'], null);
      const given = change['Blend'];
      const blend = given === 'Multiply' || given === 'Overwrite' ? given : 'Add';
      return index < 0 || value === null ? [] : [{ index, value, blend } as const];
    });
  }

  /** Fades on by `dt` seconds, and changes the parameters. `time`: seconds of a fade, in place of the file's. */
  apply(parameters: Parameters, wanted: boolean, dt: number, time: number | null = null): void {
    const fade = time ?? (wanted ? this.fadeIn : this.fadeOut);
    const step = fade === 0 ? 1 : dt / fade;
    this.level = Math.min(Math.max(this.level + (wanted ? step : -step), 0), 1);
    if (this.level === 0) return;
    const share = smoothstep(this.level);
    for (const { index, value, blend } of this.changes) {
      const now = parameters.values[index]!;
      if (blend === 'Add') parameters.set(index, now + value * share);
      else if (blend === 'Multiply') parameters.set(index, now * (1 + (value - 1) * share));
      else parameters.set(index, now + (value - now) * share);
    }
  }
}
