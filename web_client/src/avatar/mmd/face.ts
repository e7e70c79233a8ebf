import type { Pose } from '../../pose';
import { isPerfectSync, matchArkit } from '../names';
import type { ArkitName } from '../../wire';
import type { Morphs } from './morphs';
import { fold, MORPHS, type Shown, WINKS } from './names';
import type { Pmx, PmxVertices } from './pmx';

type Side = 'Left' | 'Right';
type Weigh = (pose: Pose) => number;

/** The weight of a shape: of one name, or the mean of those of both sides. */
const shape = (pose: Pose, name: string): number => pose.blendshapes.get(name) ?? 0;
const both = (pose: Pose, name: string): number => (shape(pose, `${name}Left`) + shape(pose, `${name}Right`)) / 2;
const preset = (pose: Pose, name: string): number => pose.expressions.get(name) ?? 0;
const closed = (pose: Pose, side: Side): number => preset(pose, `blink${side}`);

/**
 * What makes each morph of MMD's usual face. The one mapping of its kind: no other output speaks to such models.
 *
 * Lids are not among them: see {@link MmdFace.close}.
 */
const WEIGHTS: Readonly<Partial<Record<Shown, Weigh>>> = {
  aa: (pose) => preset(pose, 'aa'),
  ih: (pose) => preset(pose, 'ih'),
  ou: (pose) => preset(pose, 'ou'),
  ee: (pose) => preset(pose, 'ee'),
  oh: (pose) => preset(pose, 'oh'),
  wide: (pose) => Math.max(both(pose, 'eyeWide'), preset(pose, 'surprised')) * (1 - (closed(pose, 'Left') + closed(pose, 'Right')) / 2),
  browsUp: (pose) => Math.max(both(pose, 'browOuterUp'), 0.4 * shape(pose, 'browInnerUp')),
  browsTroubled: (pose) => Math.max(shape(pose, 'browInnerUp') - both(pose, 'browOuterUp'), preset(pose, 'sad'), 0),
  browsDown: (pose) => 0.6 * both(pose, 'browDown'),
  browsAngry: (pose) => Math.max(0.5 * both(pose, 'browDown'), preset(pose, 'angry')),
  browsSmiling: (pose) => preset(pose, 'happy') * (1 - both(pose, 'browDown')),
  smile: (pose) => Math.max(both(pose, 'mouthSmile'), preset(pose, 'happy')),
  frown: (pose) => Math.max(both(pose, 'mouthFrown'), 0.7 * preset(pose, 'sad')),
  tongue: (pose) => shape(pose, 'tongueOut'),
  puff: (pose) => shape(pose, 'cheekPuff'),
};
const LOOKS: readonly Shown[] = ['lookLeft', 'lookRight', 'lookUp', 'lookDown'];

/** The face of one model: by the 52 ARKit shapes when it has them, else by the morphs that MMD models usually have. */
export class MmdFace {
  readonly perfectSync: boolean;
  private readonly arkit: ReadonlyMap<ArkitName, number[]>;
  /** What is shown -> the morph for it. */
  private readonly shown = new Map<Shown, number>();
  private readonly winks: Record<Side, number> = { Left: -1, Right: -1 };
  private readonly byName = new Map<string, number>();

  /** @param hasEyes Whether bones turn the eyes: then morphs do not */
  constructor(
    private readonly pmx: Pmx,
    private readonly morphs: Morphs,
    hasEyes: boolean,
  ) {
    morphs.names.forEach((name, i) => {
      if (!this.byName.has(fold(name))) this.byName.set(fold(name), i);
    });
    this.arkit = indexed(matchArkit(morphs.names), morphs.names);
    this.perfectSync = isPerfectSync(this.arkit);
    for (const [shown, names] of Object.entries(MORPHS) as [Shown, readonly string[]][]) {
      const morph = this.find(names);
      if (morph !== undefined && !(hasEyes && LOOKS.includes(shown))) this.shown.set(shown, morph);
    }
    this.findWinks();
  }

  /** Mean height of what moves as the eyes close, in the file's units; null when nothing does. */
  get lids(): number | null {
    const morph = this.shown.get('blink') ?? this.winks.Left;
    return middleOf(this.pmx, morph)?.y ?? null;
  }

  apply(pose: Pose): void {
    if (this.perfectSync) {
      for (const [name, morphs] of this.arkit) for (const morph of morphs) this.morphs.set(morph, shape(pose, name));
      return;
    }
    for (const [shown, morph] of this.shown) {
      const weigh = WEIGHTS[shown];
      if (weigh) this.morphs.set(morph, Math.min(Math.max(weigh(pose), 0), 1));
      else if (LOOKS.includes(shown)) this.morphs.set(morph, preset(pose, shown));
    }
    this.close(pose);
  }

  /** What its maker gave it beside what is driven: blushes, tears, stars in the eyes. In the file's order. */
  get extras(): readonly string[] {
    const driven = new Set([...this.shown.values(), ...Object.values(this.winks), ...[...this.arkit.values()].flat()]);
    const twins = new Set(WINKS.flat().map(fold));
    return this.morphs.names.filter((name, i) => name !== '' && !driven.has(i) && !twins.has(fold(name)));
  }

  /** The weight of a morph, by the model's own name for it, the ARKit shape's or the VRM preset's; null when there is none. */
  weight(name: string): number | null {
    const own = this.morphs.names.indexOf(name);
    const shown = name in MORPHS ? this.shown.get(name as Shown) : undefined;
    const lid = name === 'blinkLeft' ? this.winks.Left : name === 'blinkRight' ? this.winks.Right : -1;
    const morph = this.arkit.get(name as ArkitName)?.[0] ?? shown ?? (lid >= 0 ? lid : own >= 0 ? own : undefined);
    return morph === undefined ? null : this.morphs.get(morph);
  }

  /**
   * Lids: what both have in common is the model's own blink, or the smiling one while the mouth smiles; the rest is a wink.
   * A model that cannot wink blinks with both.
   */
  private close(pose: Pose): void {
    const [left, right] = [closed(pose, 'Left'), closed(pose, 'Right')];
    const [blink, smiling] = [this.shown.get('blink'), this.shown.get('smilingBlink')];
    const winks = this.winks.Left >= 0 && this.winks.Right >= 0;
    const common = winks ? (blink === undefined ? 0 : Math.min(left, right)) : (left + right) / 2;
    const smile = smiling === undefined ? 0 : preset(pose, 'happy');
    if (blink !== undefined) this.morphs.set(blink, common * (1 - smile));
    if (smiling !== undefined) this.morphs.set(smiling, common * smile);
    if (!winks) return;
    this.morphs.set(this.winks.Left, left - common);
    this.morphs.set(this.winks.Right, right - common);
  }

  private find(names: readonly string[]): number | undefined {
    for (const name of names) {
      const found = this.byName.get(fold(name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Models do not agree whose left a wink without a side is: its points do. */
  private findWinks(): void {
    for (const names of WINKS) {
      const found = { Left: -1, Right: -1 };
      for (const name of names) {
        const morph = this.byName.get(fold(name));
        if (morph === undefined) continue;
        const side = sideOf(this.pmx, morph, name);
        if (found[side] < 0) found[side] = morph;
      }
      if (found.Left >= 0 && found.Right >= 0) {
        Object.assign(this.winks, found);
        return;
      }
    }
  }
}

function indexed(found: ReadonlyMap<ArkitName, string[]>, names: readonly string[]): Map<ArkitName, number[]> {
  return new Map([...found].map(([arkit, spellings]) => [arkit, spellings.map((spelling) => names.indexOf(spelling))]));
}

function sideOf(pmx: Pmx, morph: number, name: string): Side {
  const middle = middleOf(pmx, morph);
  if (middle !== null && Math.abs(middle.x) > 1e-3) return middle.x > 0 ? 'Left' : 'Right';
  return /右|right|r2?$/.test(name) ? 'Right' : 'Left';
}

/** The middle of the points that a morph moves, or those of its group do, by how far they go; in the file's units. */
function middleOf(pmx: Pmx, morph: number): { x: number; y: number } | null {
  const sum = { x: 0, y: 0, weight: 0 };
  const add = (index: number, depth: number): void => {
    const found = pmx.morphs[index];
    if (found?.type === 'group' && depth < 4) for (const item of found.items) add(item.morph, depth + 1);
    if (found?.type === 'vertex') addPoints(pmx.vertices, found.vertices, found.offsets, sum);
  };
  add(morph, 0);
  return sum.weight > 0 ? { x: sum.x / sum.weight, y: sum.y / sum.weight } : null;
}

function addPoints(vertices: PmxVertices, moved: Uint32Array, offsets: Float32Array, sum: { x: number; y: number; weight: number }): void {
  moved.forEach((vertex, i) => {
    const weight = Math.hypot(offsets[i * 3]!, offsets[i * 3 + 1]!, offsets[i * 3 + 2]!);
    sum.x += weight * vertices.positions[vertex * 3]!;
    sum.y += weight * vertices.positions[vertex * 3 + 1]!;
    sum.weight += weight;
  });
}
