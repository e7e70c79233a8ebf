import type { VRM, VRMExpression } from '@pixiv/three-vrm';
import { Mesh, type Object3D } from 'three';
import type { Pose } from '../pose';
import { PRESETS } from '../wire';
import { isPerfectSync, matchArkit } from './names';

/** Sets one weight of an avatar, 0..1. */
type Setter = (weight: number) => void;

interface MorphTarget {
  influences: number[];
  index: number;
}

/**
 * The weights of one avatar, each looked up by name once.
 *
 * An avatar with the ARKit shapes is driven by these alone, as VRM expressions or, where it has none, as bare morph targets.
 * Every other avatar is driven by the VRM presets it has.
 */
export class Face {
  readonly perfectSync: boolean;
  private readonly blendshapes = new Map<string, Setter>();
  private readonly expressions = new Map<string, Setter>();
  /** Morph targets outside the expressions and their weights, set after the expressions have been worked out. */
  private readonly morphs: { target: MorphTarget; name: string }[] = [];
  private readonly values = new Map<string, number>();
  /** The expressions that the maker gave the avatar and that nothing drives: their own ones, and moods that ARKit's shapes replace. */
  readonly own: readonly string[];
  private holding: readonly VRMExpression[] | null = null;
  private readonly arkitNames = new Map<string, string>();

  /** @param eyesByBone Whether the avatar's eyes turn as bones: then the look presets stay out of it */
  constructor(
    private readonly vrm: VRM,
    eyesByBone: boolean,
  ) {
    const names = Object.keys(vrm.expressionManager?.expressionMap ?? {});
    const byExpression = matchArkit(names);
    const morphs = isPerfectSync(byExpression) ? new Map<string, MorphTarget[]>() : findMorphs(vrm.scene);
    const byMorph = matchArkit(morphs.keys());
    this.perfectSync = isPerfectSync(byExpression) || isPerfectSync(byMorph);
    if (isPerfectSync(byExpression)) this.driveExpressions(byExpression);
    else if (this.perfectSync) this.driveMorphs(byMorph, morphs);
    else this.drivePresets(names);
    if (!eyesByBone && !this.blendshapes.has('eyeLookUpLeft')) this.drive(names, LOOKS);
    const spelled = new Set([...byExpression.values()].flat());
    const presets: readonly string[] = PRESETS;
    this.own = names.filter((name) => !spelled.has(name) && !this.expressions.has(name) && (MOODS.includes(name) || !presets.includes(name)));
  }

  /** Takes the weights of a pose; names that it lacks count as 0. */
  apply(pose: Pose): void {
    for (const [name, set] of this.blendshapes) set(pose.blendshapes.get(name) ?? 0);
    for (const [name, set] of this.expressions) set(pose.expressions.get(name) ?? 0);
  }

  /** Sets the bare morph targets. After the expressions' update, which writes to all that they know. */
  update(): void {
    for (const { target, name } of this.morphs) target.influences[target.index] = this.values.get(name) ?? 0;
  }

  /** The weight an expression or ARKit shape has now; null when there is none of that name. */
  weight(name: string): number | null {
    return this.values.get(name) ?? this.vrm.expressionManager?.getValue(this.arkitNames.get(name) ?? name) ?? null;
  }

  /**
   * How far the eyes may follow the gaze, 0..1: an expression such as a laugh with closed eyes may hold them. VRM asks for it
   * of the expressions that look (three-vrm does that) and of the eye bones alike.
   */
  get gazeShare(): number {
    let share = 1;
    for (const expression of this.holders) share -= expression.overrideLookAtAmount;
    return Math.max(share, 0);
  }

  /** The expressions that hold the gaze while they are shown. */
  private get holders(): readonly VRMExpression[] {
    return (this.holding ??= (this.vrm.expressionManager?.expressions ?? []).filter(({ overrideLookAt }) => overrideLookAt !== 'none'));
  }

  /** What holds blinks, gaze and mouth back, see VRM's override settings, holds the ARKit shapes of them as well. */
  private groupShapes(arkit: string, spellings: readonly string[]): void {
    const manager = this.vrm.expressionManager;
    if (!manager) return;
    for (const spelling of spellings) {
      if (/^eye(Blink|Squint|Wide)/.test(arkit)) manager.blinkExpressionNames.push(spelling);
      if (/^eyeLook/.test(arkit)) manager.lookAtExpressionNames.push(spelling);
      if (/^(jaw|mouth|tongue|cheekPuff)/.test(arkit)) manager.mouthExpressionNames.push(spelling);
      const expression = manager.getExpression(spelling);
      // A tracked shape holds back no other, whatever the file says: it would hold back itself.
      if (expression) Object.assign(expression, { overrideBlink: 'none', overrideLookAt: 'none', overrideMouth: 'none' });
    }
  }

  private driveExpressions(found: ReadonlyMap<string, string[]>): void {
    for (const [arkit, spellings] of found) {
      this.arkitNames.set(arkit, spellings[0]!);
      this.groupShapes(arkit, spellings);
      this.blendshapes.set(arkit, (weight) => {
        for (const spelling of spellings) this.vrm.expressionManager?.setValue(spelling, weight);
      });
    }
  }

  private driveMorphs(found: ReadonlyMap<string, string[]>, targets: ReadonlyMap<string, MorphTarget[]>): void {
    for (const [arkit, spellings] of found) {
      for (const target of spellings.flatMap((spelling) => targets.get(spelling) ?? [])) this.morphs.push({ target, name: arkit });
      this.blendshapes.set(arkit, (weight) => this.values.set(arkit, weight));
    }
  }

  private drivePresets(names: readonly string[]): void {
    const bothLids = names.includes('blinkLeft') && names.includes('blinkRight');
    const unused = bothLids ? ['blink'] : ['blinkLeft', 'blinkRight'];
    this.drive(names, PRESETS.filter((name) => !LOOKS.includes(name) && !unused.includes(name)));
  }

  private drive(present: readonly string[], wanted: readonly string[]): void {
    for (const name of wanted) {
      if (present.includes(name)) this.expressions.set(name, (weight) => this.vrm.expressionManager?.setValue(name, weight));
    }
  }
}

const MOODS: readonly string[] = ['happy', 'angry', 'sad', 'relaxed', 'surprised'];
const LOOKS: readonly string[] = PRESETS.filter((name) => name.startsWith('look'));

function findMorphs(root: Object3D): Map<string, MorphTarget[]> {
  const found = new Map<string, MorphTarget[]>();
  root.traverse((object) => {
    if (!(object instanceof Mesh) || !object.morphTargetDictionary || !object.morphTargetInfluences) return;
    for (const [name, index] of Object.entries(object.morphTargetDictionary)) {
      const target = { influences: object.morphTargetInfluences, index };
      const list = found.get(name);
      if (list === undefined) found.set(name, [target]);
      else list.push(target);
    }
  });
  return found;
}
