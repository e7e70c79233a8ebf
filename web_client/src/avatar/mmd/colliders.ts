import { type Bone, Euler, Quaternion, Vector3 } from 'three';
import { placed } from './geometry';
import { BodyMode, BodyShape, type Pmx, type PmxBody } from './pmx';
import type { MmdSkeleton } from './skeleton';

interface Collider {
  bone: Bone;
  body: PmxBody;
  radius: number;
  /** The ends of a capsule's middle line, at rest against the bone, and in the scene; one point of a sphere. */
  local: readonly [Vector3, Vector3];
  world: readonly [Vector3, Vector3];
}

const line = new Vector3();
const nearest = new Vector3();
const away = new Vector3();

/** The bodies of head, trunk and limbs, spheres and capsules, that hair and cloth must not enter. */
export class Colliders {
  private readonly all: Collider[] = [];
  /** By the body that swings: how near its end is to each collider at rest. What overlaps there may go on to. */
  private readonly nearAtRest = new Map<PmxBody, Map<Collider, number>>();
  private rested = false;

  constructor(pmx: Pmx, skeleton: MmdSkeleton, scale: number) {
    for (const body of pmx.bodies) {
      const bone = skeleton.bones[body.bone];
      if (!bone || body.mode !== BodyMode.Bone || body.shape === BodyShape.Box) continue;
      const middle = placed(body.position, scale).sub(placed(skeleton.pmx[body.bone]!.position, scale));
      const half = new Vector3(0, body.shape === BodyShape.Capsule ? (body.size[1] * scale) / 2 : 0, 0);
      // Yaw, pitch, roll in the file's axes; z is the other way here.
      const [x, y, z] = body.rotation;
      half.applyQuaternion(new Quaternion().setFromEuler(new Euler(-x, -y, z, 'YXZ')));
      const local = [middle.clone().add(half), middle.clone().sub(half)] as const;
      this.all.push({ bone, body, radius: body.size[0] * scale, local, world: [new Vector3(), new Vector3()] });
    }
  }

  /** Follows the bones. */
  update(): void {
    for (const { bone, local, world } of this.all) {
      world[0].copy(local[0]).applyMatrix4(bone.matrixWorld);
      world[1].copy(local[1]).applyMatrix4(bone.matrixWorld);
    }
    this.rested = true;
  }

  /** Moves the end of what swings out of those that its body collides with; in place. */
  push(end: Vector3, body: PmxBody): void {
    if (!this.rested) return;
    let known = this.nearAtRest.get(body);
    if (known === undefined) this.nearAtRest.set(body, (known = new Map()));
    for (const collider of this.all) {
      if (!collide(collider.body, body)) continue;
      const distance = toLine(end, collider);
      let allowed = known.get(collider);
      if (allowed === undefined) known.set(collider, (allowed = Math.min(collider.radius, distance)));
      if (distance >= allowed || distance < 1e-6) continue;
      end.addScaledVector(away.normalize(), allowed - distance);
    }
  }
}

function collide(a: PmxBody, b: PmxBody): boolean {
  return ((a.mask >> b.group) & 1) === 1 && ((b.mask >> a.group) & 1) === 1;
}

/** How far a point is from a collider's middle line; sets `away`, from the line to the point. */
function toLine(point: Vector3, { world }: Collider): number {
  line.copy(world[1]).sub(world[0]);
  const length = line.lengthSq();
  const share = length > 0 ? Math.min(Math.max(nearest.copy(point).sub(world[0]).dot(line) / length, 0), 1) : 0;
  nearest.copy(world[0]).addScaledVector(line, share);
  return away.copy(point).sub(nearest).length();
}
