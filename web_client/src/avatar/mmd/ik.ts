import { type Bone, Euler, MathUtils, Quaternion, Vector3 } from 'three';
import type { PmxIk, Triple } from './pmx';

/** Close enough, metres. */
const NEAR = 1e-4;
const MOST_LOOPS = 32;

interface Link {
  bone: Bone;
  limits: { lower: Vector3; upper: Vector3 } | null;
  /** Turns about x alone, as a knee does. */
  hinge: boolean;
}

const target = new Vector3();
const there = new Vector3();
const wanted = new Vector3();
const inverse = new Quaternion();
const turn = new Quaternion();
const axis = new Vector3();
const euler = new Euler();

/** One chain of inverse kinematics: turns its links until the effector is where the goal is, by cyclic coordinate descent. */
export class Chain {
  private readonly links: Link[];
  /** From the uppermost link down to the effector. */
  private readonly path: Bone[] = [];
  private readonly loops: number;
  /** Of a chain with one hinge between two stiff parts: their lengths, and by how much it is bent at rest, radians. */
  private readonly leg: { upper: number; lower: number; bent: number } | null;

  /** @param goal The bone that carries the chain in the file */
  constructor(
    private readonly goal: Bone,
    private readonly effector: Bone,
    private readonly ik: PmxIk,
    bones: readonly Bone[],
  ) {
    this.links = ik.links.filter(({ bone }) => bones[bone] !== undefined).map(({ bone, limits }) => makeLink(bones[bone]!, limits));
    this.loops = Math.min(ik.loops, MOST_LOOPS);
    const top = this.links.at(-1)?.bone;
    for (let at: Bone | null = effector; at; at = at === top ? null : (at.parent as Bone | null)) this.path.unshift(at);
    if (this.path[0] !== top) this.links.length = 0;
    this.leg = this.measureLeg();
  }

  /** Brings the chain to its goal, from however the links were turned before. */
  solve(): void {
    const top = this.links.at(-1)?.bone;
    if (top === undefined) return;
    this.goal.updateWorldMatrix(true, false);
    target.setFromMatrixPosition(this.goal.matrixWorld);
    for (const link of this.links) hold(link);
    top.parent?.updateWorldMatrix(true, false);
    this.follow(top);
    if (this.leg) this.bend(this.leg);
    for (let loop = 0; loop < this.loops; loop++) {
      if (there.setFromMatrixPosition(this.effector.matrixWorld).distanceTo(target) < NEAR) return;
      this.links.forEach((link, i) => {
        if (this.leg === null || !link.hinge) this.turn(link, this.ik.step * (i + 1));
      });
    }
  }

  private measureLeg(): Chain['leg'] {
    const [knee, hip] = this.links;
    if (this.links.length !== 2 || !knee!.hinge) return null;
    for (const bone of this.path) bone.updateWorldMatrix(true, false);
    const at = (bone: Bone): Vector3 => new Vector3().setFromMatrixPosition(bone.matrixWorld);
    const upper = at(knee!.bone).sub(at(hip!.bone));
    const lower = at(this.effector).sub(at(knee!.bone));
    return { upper: upper.length(), lower: lower.length(), bent: upper.angleTo(lower) };
  }

  /** Bends the hinge so that both ends are as far apart as they are to be: what coordinate descent finds only slowly. */
  private bend({ upper, lower, bent }: NonNullable<Chain['leg']>): void {
    const [knee, hip] = this.links as [Link, Link];
    const far = there.setFromMatrixPosition(hip.bone.matrixWorld).distanceTo(target);
    const cosine = (upper * upper + lower * lower - far * far) / (2 * upper * lower);
    const angle = Math.PI - Math.acos(MathUtils.clamp(cosine, -1, 1)) - bent;
    knee.bone.quaternion.setFromAxisAngle(axis.set(1, 0, 0), angle);
    hold(knee);
    this.follow(knee.bone);
  }

  private turn(link: Link, most: number): void {
    inverse.setFromRotationMatrix(link.bone.matrixWorld).invert();
    axis.setFromMatrixPosition(link.bone.matrixWorld);
    there.setFromMatrixPosition(this.effector.matrixWorld).sub(axis).applyQuaternion(inverse).normalize();
    wanted.copy(target).sub(axis).applyQuaternion(inverse).normalize();
    let angle = Math.acos(MathUtils.clamp(there.dot(wanted), -1, 1));
    if (angle < 1e-5) return;
    angle = Math.min(angle, most);
    axis.crossVectors(there, wanted);
    if (link.hinge) axis.set(axis.x < 0 ? -1 : 1, 0, 0);
    else axis.normalize();
    link.bone.quaternion.multiply(turn.setFromAxisAngle(axis, angle));
    hold(link);
    this.follow(link.bone);
  }

  /** Brings the places of a link and of all below it up to date. */
  private follow(from: Bone): void {
    for (let i = this.path.indexOf(from); i < this.path.length; i++) {
      const bone = this.path[i]!;
      bone.updateMatrix();
      if (bone.parent) bone.matrixWorld.multiplyMatrices(bone.parent.matrixWorld, bone.matrix);
    }
  }
}

/** The file's axes have z the other way: turns about x and y change their sign, and so their limits their order. */
function makeLink(bone: Bone, limits: { lower: Triple; upper: Triple } | null): Link {
  if (limits === null) return { bone, limits, hinge: false };
  const { lower, upper } = limits;
  const held = {
    lower: new Vector3(-upper[0], -upper[1], lower[2]),
    upper: new Vector3(-lower[0], -lower[1], upper[2]),
  };
  const flat = (a: number, b: number): boolean => Math.abs(a) < 1e-3 && Math.abs(b) < 1e-3;
  return { bone, limits: held, hinge: flat(lower[1], upper[1]) && flat(lower[2], upper[2]) };
}

function hold({ bone, limits }: Link): void {
  if (limits === null) return;
  euler.setFromQuaternion(bone.quaternion, 'XYZ');
  const { lower, upper } = limits;
  euler.set(MathUtils.clamp(euler.x, lower.x, upper.x), MathUtils.clamp(euler.y, lower.y, upper.y), MathUtils.clamp(euler.z, lower.z, upper.z));
  bone.quaternion.setFromEuler(euler);
}
