import { MathUtils, Quaternion, Vector3 } from 'three';
import type { Pose } from '../../pose';
import { swayOf } from '../sway';
import { headOf } from './figure';
import { BONE_NAMES, BOTH_EYES, CENTRES } from './names';
import type { PmxVertices } from './pmx';
import type { MmdSkeleton } from './skeleton';

/** From the hips up to the head, in the order in which they hang on each other. */
const TRUNK: readonly string[] = ['hips', 'spine', 'chest', 'upperChest', 'neck', 'head'];
const EYES: readonly string[] = ['leftEye', 'rightEye'];
/** Eyes of such models are painted on shallow bowls: they turn less than real ones to look as far. */
const EYE_SHARE = 0.5;
const EYE_MOST = MathUtils.degToRad(11);
/** The bone of each arm that says how the one below it hangs at rest. */
const ARM_ENDS: Readonly<Record<string, string>> = { leftUpperArm: 'leftLowerArm', leftLowerArm: 'leftHand', rightUpperArm: 'rightLowerArm', rightLowerArm: 'rightHand' };

const carried = new Quaternion();
const forward = new Vector3();
const offset = new Vector3();
const AHEAD = new Vector3(0, 0, 1);

/** Turns the bones of one model as a pose says. */
export class Body {
  /** VRM bone -> the model's. */
  private readonly found = new Map<string, number>();
  /** How arms and hands are turned at rest against VRM's T-pose, and so what is above them. */
  private readonly fromT = new Map<string, Quaternion>();
  private readonly toT = new Map<string, Quaternion>();
  private readonly bothEyes: number;
  private readonly centre: number;
  /** Height of the head at rest, metres. */
  private readonly height: number;

  constructor(
    private readonly skeleton: MmdSkeleton,
    vertices: PmxVertices,
  ) {
    for (const [name, spellings] of BONE_NAMES) {
      const bone = skeleton.find(spellings);
      if (bone >= 0) this.found.set(name, bone);
    }
    const head = this.found.get('head') ?? headOf(skeleton, vertices);
    this.found.set('head', head);
    this.height = skeleton.bones[head]!.getWorldPosition(offset).y;
    this.bothEyes = skeleton.find(BOTH_EYES);
    this.centre = skeleton.find(CENTRES);
    for (const side of ['left', 'right']) this.measureArm(side);
  }

  /** Whether there are bones for the gaze. */
  get hasEyes(): boolean {
    return this.found.has('leftEye') || this.bothEyes >= 0;
  }

  /** The model's bone for a VRM one; undefined when it has none. */
  index(name: string): number | undefined {
    return this.found.get(name);
  }

  /** Writes the pose to the skeleton's `rotations` and `moves`, which are at rest. */
  apply(pose: Pose): void {
    this.skeleton.feetStand = !pose.bones.has('leftUpperLeg') && !pose.bones.has('rightUpperLeg');
    for (const [name, rotation] of pose.bones) {
      if (!TRUNK.includes(name) && !EYES.includes(name)) this.turn(name, rotation);
    }
    this.turnTrunk(pose);
    this.turnEyes(pose);
    this.skeleton.moves[this.centre]?.add(swayOf(pose.position, this.height, offset));
  }

  /** The local rotation that a bone was given, VRM's axes and T-pose; null when there is no such bone. */
  rotation(name: string): Quaternion | null {
    const bone = this.found.get(name);
    if (bone === undefined) return null;
    const rotation = this.skeleton.bones[bone]!.quaternion.clone();
    const [above, own] = [this.toT.get(aboveOf(name)), this.fromT.get(name)];
    if (above) rotation.premultiply(above);
    return own ? rotation.multiply(own) : rotation;
  }

  private turn(name: string, rotation: Quaternion): boolean {
    const bone = this.found.get(name);
    if (bone === undefined) return false;
    const target = this.skeleton.rotations[bone]!.copy(rotation);
    const [above, own] = [this.fromT.get(aboveOf(name)), this.toT.get(name)];
    if (above) target.premultiply(above);
    if (own) target.multiply(own);
    return true;
  }

  /** The turn of a part that is missing goes to the next one above it. */
  private turnTrunk(pose: Pose): void {
    carried.identity();
    for (const name of TRUNK) {
      const rotation = pose.bones.get(name);
      if (rotation) carried.multiply(rotation);
      if (this.turn(name, carried)) carried.identity();
    }
  }

  private turnEyes(pose: Pose): void {
    const single = this.found.has('leftEye') && this.found.has('rightEye');
    for (const name of single ? EYES : EYES.slice(0, 1)) {
      const rotation = pose.bones.get(name);
      const bone = single ? this.found.get(name)! : this.bothEyes;
      if (rotation && bone >= 0) this.look(bone, rotation);
    }
  }

  private look(bone: number, rotation: Quaternion): void {
    forward.copy(AHEAD).applyQuaternion(rotation);
    const angle = forward.angleTo(AHEAD);
    const shown = EYE_MOST * Math.tanh((EYE_SHARE * angle) / EYE_MOST);
    forward.crossVectors(AHEAD, forward).normalize();
    if (angle > 1e-6) this.skeleton.rotations[bone]!.setFromAxisAngle(forward, shown);
  }

  /** MMD's arms hang at 35 degrees or so at rest; the wire's rotations begin from level ones. */
  private measureArm(side: string): void {
    const level = new Vector3(side === 'left' ? 1 : -1, 0, 0);
    let last: Quaternion | null = null;
    for (const [name] of BONE_NAMES) {
      if (!name.startsWith(side) || !/Arm|Hand|Proximal|Intermediate|Distal|Metacarpal/.test(name)) continue;
      const along = this.along(name, ARM_ENDS[name]);
      if (along) last = new Quaternion().setFromUnitVectors(level, along.normalize());
      if (last === null) continue;
      this.fromT.set(name, last.clone());
      this.toT.set(name, last.clone().invert());
    }
  }

  private along(from: string, to: string | undefined): Vector3 | null {
    const [a, b] = [this.found.get(from), this.found.get(to ?? '')];
    if (a === undefined || b === undefined) return null;
    const along = this.skeleton.bones[b]!.getWorldPosition(new Vector3()).sub(this.skeleton.bones[a]!.getWorldPosition(offset));
    return along.lengthSq() > 1e-8 ? along : null;
  }
}

const ABOVE: Readonly<Record<string, string>> = { LowerArm: 'UpperArm', Hand: 'LowerArm' };

/** The bone of the arm on which another hangs; '' for those of no arm. */
function aboveOf(name: string): string {
  const side = /^(left|right)/.exec(name)?.[0];
  if (side === undefined) return '';
  const part = name.slice(side.length);
  if (ABOVE[part]) return side + ABOVE[part];
  // Fingers rest as the hand does.
  return /Proximal|Intermediate|Distal|Metacarpal/.test(part) ? `${side}Hand` : '';
}
