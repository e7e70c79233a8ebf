import { list, number, object, text } from './settings';

/** Usual time in which one part gives way to another, seconds. */
const FADE = 0.5;

interface Member {
  id: string;
  part: number;
  /** Parts that are shown along with it. */
  links: number[];
}

/**
 * Groups of parts of which one is shown at a time, such as arms hanging and arms crossed (.pose3.json). Without it, all of
 * them show at once.
 */
export class PartsPose {
  private readonly groups: Member[][];
  private readonly fade: number;
  private chosen: number[];

  /** @param ids The names of the model's parts */
  constructor(json: Record<string, unknown>, ids: readonly string[]) {
    this.fade = Math.max(number(json['FadeInTime'], FADE), 0);
    this.groups = list(json['Groups'])
      .map((group) => list(group).map((member) => readMember(member, ids)).filter(({ part }) => part >= 0))
      .filter((group) => group.length > 0);
    this.chosen = this.groups.map(() => 0);
  }

  /** Whether a part is one of a group: then this decides over it alone. */
  has(id: string): boolean {
    return this.groups.some((group) => group.some((member) => member.id === id));
  }

  /** Shows in each group the part that a motion shows most, or the first where no motion says anything. */
  choose(shown: ReadonlyMap<string, number>): void {
    this.groups.forEach((group, i) => {
      let most = 0;
      let best = 0;
      group.forEach(({ id }, k) => {
        const opacity = shown.get(id) ?? 0;
        if (opacity > most) [most, best] = [opacity, k];
      });
      this.chosen[i] = best;
    });
  }

  /** Fades on by `dt` seconds; with Infinity to the end. */
  update(opacities: Float32Array, dt: number): void {
    const step = this.fade === 0 ? 1 : Math.min(dt / this.fade, 1);
    this.groups.forEach((group, i) => {
      const shown = group[this.chosen[i]!]!;
      const level = Math.min(opacities[shown.part]! + step, 1);
      group.forEach((member) => {
        // What goes stays until what comes nearly hides it: else one would look through both.
        const behind = Math.min(opacities[member.part]!, Math.min(1, 2 * (1 - level)));
        opacities[member.part] = member === shown ? level : behind;
        for (const link of member.links) opacities[link] = opacities[member.part]!;
      });
    });
  }
}

function readMember(member: unknown, ids: readonly string[]): Member {
  const { Id: id, Link: link } = object(member);
  const links = list(link).map((name) => ids.indexOf(text(name)));
  return { id: text(id), part: ids.indexOf(text(id)), links: links.filter((part) => part >= 0) };
}
