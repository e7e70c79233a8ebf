import { type Bone, Matrix4, Quaternion, Vector3 } from 'three';
import { Colliders, type Guard, push } from './colliders';
import { placed } from './geometry';
import { BodyMode, type Pmx, type PmxBody, type PmxBone } from './pmx';
import type { MmdSkeleton } from './skeleton';

/** Longest step, seconds. */
const STEP = 1 / 60;
/** How often a chain swings to and fro in a second: one that may hardly turn, and one that may turn far. */
const STIFF_HZ = 3.2;
const LOOSE_HZ = 1.5;
/** A chain that may turn this far swings freely, radians. */
const LOOSE = 0.8;
/** How fast swinging dies away: 1 would not swing at all. */
const DAMPING = 0.32;
/** How much a loose chain hangs down instead of standing off from a tilted head. */
const HANGS = 0.6;
/** Bones that may turn less than this do not swing, radians. */
const FIXED = 0.02;

interface Swing {
  bone: Bone;
  /** Where it points at rest, unit, and how far, metres. */
  axis: Vector3;
  length: number;
  /** Radians a second. */
  rate: number;
  hangs: number;
  limit: number;
  guards: readonly Guard[];
  /** Where its end is and how fast it goes, in the scene. */
  end: Vector3;
  speed: Vector3;
}

const start = new Vector3();
const before = new Vector3();
const rest = new Vector3();
const hanging = new Vector3();
const aim = new Vector3();
const parentTurn = new Quaternion();
const turn = new Quaternion();
const modelTurn = new Quaternion();
const rotationOnly = new Matrix4();

/**
 * Hair, skirts and ribbons: each bone with a body that physics moves becomes a damped pendulum that is drawn to its rest
 * pose. What the file's joints allow bounds how far it turns. Far lighter than rigid bodies, and it cannot blow up.
 */
export class Springs {
  private readonly swings: Swing[] = [];
  private readonly colliders: Colliders;
  private started = false;

  constructor(
    pmx: Pmx,
    private readonly skeleton: MmdSkeleton,
    scale: number,
  ) {
    this.colliders = new Colliders(pmx, skeleton, scale);
    const swinging = new Map<number, number>();
    pmx.bodies.forEach((body, i) => {
      if (body.mode !== BodyMode.Bone && skeleton.bones[body.bone] && !swinging.has(body.bone)) swinging.set(body.bone, i);
    });
    const depth = (bone: number): number => (bone < 0 ? 0 : 1 + depth(skeleton.pmx[bone]!.parent));
    for (const [bone, body] of [...swinging].sort((a, b) => depth(a[0]) - depth(b[0]))) this.add(pmx, bone, body, scale);
  }

  /** How many bones swing. */
  get count(): number {
    return this.swings.length;
  }

  /** Everything at rest where it is now. */
  settle(): void {
    this.started = false;
  }

  /** @param dt Seconds since the last call; the bones' places must be those of now */
  update(dt: number): void {
    if (this.swings.length === 0) return;
    modelTurn.setFromRotationMatrix(rotationOnly.extractRotation(this.skeleton.roots[0]!.parent?.matrixWorld ?? rotationOnly.identity()));
    this.colliders.update();
    if (!this.started) {
      this.started = true;
      for (const swing of this.swings) this.begin(swing);
      return;
    }
    const steps = Math.max(1, Math.ceil(dt / STEP));
    for (let i = 0; i < steps; i++) for (const swing of this.swings) this.swing(swing, dt / steps);
  }

  private add(pmx: Pmx, bone: number, body: number, scale: number): void {
    const limit = limitOf(pmx, body);
    const axis = tailOf(this.skeleton.pmx[bone]!, pmx.bodies[body]!, this.skeleton.pmx, scale);
    const length = axis.length();
    if (limit < FIXED || length < 1e-4) return;
    const loose = Math.min(limit / LOOSE, 1);
    const end = placed(this.skeleton.pmx[bone]!.position, scale).add(axis);
    this.swings.push({
      bone: this.skeleton.bones[bone]!,
      axis: axis.divideScalar(length),
      length,
      rate: 2 * Math.PI * (STIFF_HZ + (LOOSE_HZ - STIFF_HZ) * loose),
      hangs: HANGS * loose,
      limit,
      guards: this.colliders.guards(pmx.bodies[body]!, end),
      end: new Vector3(),
      speed: new Vector3(),
    });
  }

  private begin(swing: Swing): void {
    this.aimAt(swing);
    swing.end.copy(start).addScaledVector(aim, swing.length);
    swing.speed.set(0, 0, 0);
    this.bound(swing);
    this.show(swing);
  }

  private swing(swing: Swing, dt: number): void {
    this.aimAt(swing);
    const { end, speed, length, rate } = swing;
    if (dt <= 0) {
      this.bound(swing);
      this.show(swing);
      return;
    }
    before.copy(end);
    aim.multiplyScalar(length).add(start).sub(end);
    speed.multiplyScalar(Math.exp(-2 * DAMPING * rate * dt)).addScaledVector(aim, rate * rate * dt);
    end.addScaledVector(speed, dt);
    push(end, swing.guards);
    this.bound(swing);
    speed.copy(end).sub(before).divideScalar(dt);
    this.show(swing);
  }

  /** Sets `start`, `rest` and `aim`: where the bone is, where it points with its parent, and where it is drawn to. */
  private aimAt({ bone, axis, hangs }: Swing): void {
    const parent = bone.parent!;
    start.copy(bone.position).applyMatrix4(parent.matrixWorld);
    parentTurn.setFromRotationMatrix(rotationOnly.extractRotation(parent.matrixWorld));
    rest.copy(axis).applyQuaternion(parentTurn);
    hanging.copy(axis).applyQuaternion(modelTurn);
    aim.copy(rest).lerp(hanging, hangs);
    if (aim.lengthSq() < 1e-6) aim.copy(rest);
    aim.normalize();
  }

  /** Keeps the end at its distance, and the turn within its limit. */
  private bound({ end, length, limit }: Swing): void {
    end.sub(start);
    if (end.lengthSq() < 1e-12) end.copy(rest);
    end.normalize();
    const angle = end.angleTo(rest);
    if (angle > limit) {
      turn.setFromUnitVectors(rest, end);
      // The part of the turn that is allowed.
      end.copy(rest).applyQuaternion(turn.slerp(parentTurn.identity(), 1 - limit / angle));
    }
    end.multiplyScalar(length).add(start);
  }

  private show({ bone, end }: Swing): void {
    aim.copy(end).sub(start).normalize();
    turn.setFromUnitVectors(rest, aim);
    parentTurn.setFromRotationMatrix(rotationOnly.extractRotation(bone.parent!.matrixWorld));
    bone.quaternion.copy(parentTurn).invert().multiply(turn).multiply(parentTurn);
    bone.updateMatrix();
    bone.matrixWorld.multiplyMatrices(bone.parent!.matrixWorld, bone.matrix);
  }
}

/** How far the joints let a body turn, radians; one without joints turns freely. */
function limitOf(pmx: Pmx, body: number): number {
  const joints = pmx.joints.filter(({ b }) => b === body);
  if (joints.length === 0) return LOOSE;
  const widest = joints.map(({ lower, upper }) => Math.max(...[...lower, ...upper].map(Math.abs)));
  return Math.min(Math.min(...widest), Math.PI / 2);
}

/** Where a bone points, metres: to its tail, else through the middle of its body. */
function tailOf(bone: PmxBone, body: PmxBody, bones: readonly PmxBone[], scale: number): Vector3 {
  const from = placed(bone.position, scale);
  if (typeof bone.tail !== 'number') {
    const tail = placed(bone.tail, scale);
    if (tail.lengthSq() > 1e-8) return tail;
  } else if (bones[bone.tail]) {
    return placed(bones[bone.tail]!.position, scale).sub(from);
  }
  return placed(body.position, scale).sub(from).multiplyScalar(2);
}
