import type { Pose } from '../../pose';
import type { Layer } from './layer';
import type { Side } from './names';

/** From where on lids and lips show their next picture, and how far back they must go for the last: else they flicker. */
const HALF = 0.35;
const CLOSED = 0.62;
const SPEAKS = 0.12;
const SLACK = 0.05;
/** From where on a vowel has its own picture, and a smile. */
const VOWEL = 0.3;
const SMILES = 0.5;
/** How far brows go before they change their picture. */
const BROWS = 0.45;
const VOWELS: readonly (readonly [string, string])[] = [['aa', 'a'], ['ih', 'i'], ['ou', 'u'], ['ee', 'e'], ['oh', 'o']];

/** What the face of a picture avatar shows now. */
export class PictureFace {
  /** How far the mouth is open, 0..1. */
  speech = 0;
  /** How far each brow is raised, or lowered below 0. */
  readonly brows: Record<Side, number> = { left: 0, right: 0 };
  private readonly lids: Record<Side, 'open' | 'half' | 'closed'> = { left: 'open', right: 'open' };
  private mouth = 'closed';
  private readonly mouthSteps: string[];
  private readonly states: ReadonlySet<string>;

  /** @param layers All of them; which are seen is set by {@link apply} */
  constructor(private readonly layers: readonly Layer[]) {
    const named = layers.map((layer) => layer.named);
    this.states = new Set(named.map(({ part, state }) => `${part}:${state}`));
    const steps = named.filter(({ part, state }) => part === 'mouth' && /^(\d+|half|open)$/.test(state)).map(({ state }) => state);
    this.mouthSteps = [...new Set(steps)].sort((a, b) => stepOf(a) - stepOf(b));
  }

  apply(pose: Pose): void {
    const weight = (name: string): number => pose.expressions.get(name) ?? 0;
    const shape = (name: string): number => pose.blendshapes.get(name) ?? 0;
    this.speech = Math.min(1, VOWELS.reduce((sum, [preset]) => sum + weight(preset), 0));
    for (const side of ['left', 'right'] as const) {
      const name = side === 'left' ? 'Left' : 'Right';
      this.lids[side] = this.lidOf(weight(`blink${name}`), this.lids[side]);
      this.brows[side] = Math.max(shape(`browOuterUp${name}`), 0.7 * shape('browInnerUp')) - shape(`browDown${name}`);
    }
    this.mouth = this.mouthOf(weight);
    this.show();
  }

  /** Whether the lids of that side, or of both, are shut. */
  shut(side: Side | null): boolean {
    return side === null ? this.lids.left === 'closed' && this.lids.right === 'closed' : this.lids[side] === 'closed';
  }

  /** The picture that the mouth shows. */
  get mouthState(): string {
    return this.mouth;
  }

  private lidOf(closing: number, now: 'open' | 'half' | 'closed'): 'open' | 'half' | 'closed' {
    if (closing > CLOSED - (now === 'closed' ? SLACK : 0)) return 'closed';
    const half = this.states.has('eyes:half') && closing > HALF - (now === 'open' ? 0 : SLACK);
    return half ? 'half' : 'open';
  }

  private mouthOf(weight: (name: string) => number): string {
    const speaks = this.speech > SPEAKS - (this.mouth === 'closed' || this.mouth === 'smile' ? 0 : SLACK);
    if (!speaks) return this.states.has('mouth:smile') && weight('happy') > SMILES - (this.mouth === 'smile' ? SLACK : 0) ? 'smile' : 'closed';
    const [preset, vowel] = VOWELS.reduce((most, next) => (weight(next[0]) > weight(most[0]) ? next : most));
    if (this.states.has(`mouth:${vowel}`) && weight(preset) > VOWEL - (this.mouth === vowel ? SLACK : 0)) return vowel;
    const steps = this.mouthSteps;
    if (steps.length === 0) return VOWELS.map(([, name]) => name).find((name) => this.states.has(`mouth:${name}`)) ?? (this.layers.some(({ named }) => named.part === 'whole') ? 'open' : 'closed');
    const held = steps.indexOf(this.mouth);
    const share = (this.speech - SPEAKS) / (0.75 - SPEAKS);
    const step = Math.min(Math.max(Math.floor(share * steps.length + (held > 0 && share * steps.length < held ? SLACK * steps.length : 0)), 0), steps.length - 1);
    return steps[step]!;
  }

  private show(): void {
    const best = this.bestWhole();
    for (const layer of this.layers) {
      const { part, state } = layer.named;
      const side = layer.side;
      let seen = true;
      if (part === 'whole') seen = layer === best;
      else if (part === 'mouth') seen = state === this.mouth;
      else if (part === 'eyes') seen = state === this.lid(side, part);
      else if (part === 'lashes') seen = state === (this.shut(side) ? 'closed' : this.lid(side, part));
      else if (part === 'iris') seen = !this.shut(side);
      else if (part === 'brows') seen = state === this.browState(side);
      layer.mesh.visible = seen;
    }
  }

  private lid(side: Side | null, part: string): string {
    const state = side === null ? (this.shut(null) ? 'closed' : this.lids.left) : this.lids[side];
    if (this.states.has(`${part}:${state}`)) return state;
    return state === 'half' ? 'open' : this.states.has(`${part}:open`) ? 'open' : state;
  }

  private browState(side: Side | null): string {
    const raised = side === null ? (this.brows.left + this.brows.right) / 2 : this.brows[side];
    if (raised > BROWS && this.states.has('brows:up')) return 'up';
    if (raised < -BROWS && this.states.has('brows:down')) return 'down';
    return this.states.has('brows:') ? '' : this.states.has('brows:up') && raised > 0 ? 'up' : 'down';
  }

  /** Of whole pictures the one that comes nearest: the mouth counts more than the eyes. */
  private bestWhole(): Layer | undefined {
    const [shut, open] = [this.shut(null), this.mouth !== 'closed'];
    const cost = ({ named }: Layer): number => (named.mouthOpen === open ? 0 : 2) + (named.eyesClosed === shut ? 0 : named.eyesClosed ? 2 : 1);
    const wholes = this.layers.filter(({ named }) => named.part === 'whole');
    return wholes.reduce<Layer | undefined>((best, next) => (best === undefined || cost(next) < cost(best) ? next : best), undefined);
  }
}

function stepOf(state: string): number {
  return state === 'half' ? 50 : state === 'open' ? 100 : Number(state);
}
