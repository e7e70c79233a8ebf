import { Bone, Quaternion, Skeleton, Vector3 } from 'three';
import { AvatarError } from '../avatar';
import { placed } from './geometry';
import { Chain } from './ik';
import { fold, FOOT_IK } from './names';
import { BoneFlag, type Pmx, type PmxBone } from './pmx';

const NO_TURN = new Quaternion();
const whole = new Quaternion();
const share = new Quaternion();
const moved = new Vector3();

/** A model without bones hangs on this one. */
const ONLY: PmxBone = { name: '', englishName: '', position: [0, 0, 0], parent: -1, layer: 0, flags: 0, tail: [0, 0, 0], grant: null, ik: null };

/**
 * The bones of one model. At rest none of them is turned, so that all of their axes are the scene's.
 *
 * Every picture: set `rotations` and `moves`, {@link solve} what comes before physics, let hair and cloth move, {@link solve}
 * what comes after.
 */
export class MmdSkeleton {
  readonly bones: readonly Bone[];
  /** Those that hang on no other. */
  readonly roots: readonly Bone[];
  /** As the file has them. */
  readonly pmx: readonly PmxBone[];
  /** By bone: its own turn and move, before what it takes over from others. */
  readonly rotations: readonly Quaternion[];
  readonly moves: readonly Vector3[];
  readonly skeleton: Skeleton;
  /** Whether the feet stay where they are; off when somebody drives the legs. */
  feetStand = true;
  private readonly rest: readonly Vector3[];
  private readonly order: readonly [readonly number[], readonly number[]];
  private readonly chains = new Map<number, Chain>();
  private readonly byName = new Map<string, number>();

  /** @throws AvatarError when bones hang on each other in a ring */
  constructor(pmx: Pmx, scale: number) {
    this.pmx = pmx.bones.length > 0 ? pmx.bones : [ONLY];
    this.bones = this.pmx.map(({ name }) => Object.assign(new Bone(), { name }));
    this.rotations = this.pmx.map(() => new Quaternion());
    this.moves = this.pmx.map(() => new Vector3());
    this.rest = this.pmx.map(({ position, parent }) => {
      const above = this.pmx[parent];
      return above ? placed(position, scale).sub(placed(above.position, scale)) : placed(position, scale);
    });
    this.roots = this.hang();
    this.order = [this.sorted(false), this.sorted(true)];
    this.pmx.forEach(({ ik }, i) => {
      const effector = this.bones[ik?.effector ?? -1];
      // Chains of arms, ties and hair would hold back what the wire and the springs move.
      if (ik && effector && FOOT_IK.test(fold(this.pmx[i]!.name))) this.chains.set(i, new Chain(this.bones[i]!, effector, ik, this.bones));
    });
    for (const spelling of ['name', 'englishName'] as const) {
      this.pmx.forEach((bone, i) => {
        const name = fold(bone[spelling]);
        if (name !== '' && !this.byName.has(name)) this.byName.set(name, i);
      });
    }
    for (const root of this.roots) root.updateMatrixWorld(true);
    this.skeleton = new Skeleton([...this.bones]);
  }

  /** The first bone of these names, folded; -1 when there is none. */
  find(names: readonly string[]): number {
    for (const name of names) {
      const found = this.byName.get(name);
      if (found !== undefined) return found;
    }
    return -1;
  }

  /** Every bone back to rest. */
  reset(): void {
    for (const rotation of this.rotations) rotation.identity();
    for (const move of this.moves) move.set(0, 0, 0);
  }

  /** Works the bones out in the file's order: their own movement, what they take over from others, and inverse kinematics. */
  solve(afterPhysics: boolean): void {
    for (const i of this.order[afterPhysics ? 1 : 0]) {
      const bone = this.bones[i]!;
      bone.quaternion.copy(this.rotations[i]!);
      bone.position.copy(this.rest[i]!).add(this.moves[i]!);
      this.takeOver(i, bone);
      if (this.feetStand) this.chains.get(i)?.solve();
    }
  }

  private takeOver(i: number, bone: Bone): void {
    const { grant, flags } = this.pmx[i]!;
    const from = grant ? this.bones[grant.bone] : undefined;
    if (!grant || !from) return;
    if (flags & BoneFlag.RotationGrant) {
      whole.copy(from.quaternion);
      if (grant.ratio < 0) whole.invert();
      bone.quaternion.multiply(share.slerpQuaternions(NO_TURN, whole, Math.abs(grant.ratio)));
    }
    if (flags & BoneFlag.MoveGrant) {
      bone.position.addScaledVector(moved.copy(from.position).sub(this.rest[grant.bone]!), grant.ratio);
    }
  }

  private hang(): Bone[] {
    const roots: Bone[] = [];
    this.pmx.forEach(({ parent }, i) => {
      for (let at = parent, steps = 0; at >= 0; at = this.pmx[at]!.parent) {
        if (++steps > this.pmx.length) throw new AvatarError('is damaged: its bones hang on each other in a ring');
      }
      const bone = this.bones[i]!;
      bone.position.copy(this.rest[i]!);
      const above = this.bones[parent];
      if (above) above.add(bone);
      else roots.push(bone);
    });
    return roots;
  }

  private sorted(afterPhysics: boolean): number[] {
    const meant = this.pmx.map((_, i) => i).filter((i) => (this.pmx[i]!.flags & BoneFlag.AfterPhysics) !== 0 === afterPhysics);
    return meant.sort((a, b) => this.pmx[a]!.layer - this.pmx[b]!.layer || a - b);
  }
}
