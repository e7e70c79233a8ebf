import { type Bone, Euler, Quaternion, Vector3 } from 'three';
import { placed } from './geometry';
import { BodyMode, BodyShape, type Pmx, type PmxBody } from './pmx';
import type { MmdSkeleton } from './skeleton';

interface Collider {
  bone: Bone;
  body: PmxBody;
  radius: number;
  /** The ends of a capsule's middle line, against the bone, in the file's rest pose, and in the scene; one point of a sphere. */
  local: Line;
  rest: Line;
  world: Line;
}

type Line = readonly [Vector3, Vector3];

/** A collider, and how near to its middle line an end may come, metres. */
export interface Guard {
  collider: Collider;
  allowed: number;
}

const line = new Vector3();
const nearest = new Vector3();
const away = new Vector3();

/** The bodies of head, trunk and limbs, spheres and capsules, that hair and cloth must not enter. */
export class Colliders {
  private readonly all: Collider[] = [];

  constructor(pmx: Pmx, skeleton: MmdSkeleton, scale: number) {
    for (const body of pmx.bodies) {
      const bone = skeleton.bones[body.bone];
      if (!bone || body.mode !== BodyMode.Bone || body.shape === BodyShape.Box) continue;
      const middle = placed(body.position, scale);
      const root = placed(skeleton.pmx[body.bone]!.position, scale);
      const half = new Vector3(0, body.shape === BodyShape.Capsule ? (body.size[1] * scale) / 2 : 0, 0);
      // Yaw, pitch, roll in the file's axes; z is the other way here.
      const [x, y, z] = body.rotation;
      half.applyQuaternion(new Quaternion().setFromEuler(new Euler(-x, -y, z, 'YXZ')));
      const rest = [middle.clone().add(half), middle.clone().sub(half)] as const;
      const local = [rest[0].clone().sub(root), rest[1].clone().sub(root)] as const;
      this.all.push({ bone, body, radius: body.size[0] * scale, local, rest, world: [new Vector3(), new Vector3()] });
    }
  }

  /** Those that a body that swings collides with; what overlaps in the file may go on to. `end` is where the file has it, metres. */
  guards(body: PmxBody, end: Vector3): Guard[] {
    const met = this.all.filter((collider) => collide(collider.body, body));
    return met.map((collider) => ({ collider, allowed: Math.min(collider.radius, toLine(end, collider.rest)) }));
  }

  /** Follows the bones. */
  update(): void {
    for (const { bone, local, world } of this.all) {
      world[0].copy(local[0]).applyMatrix4(bone.matrixWorld);
      world[1].copy(local[1]).applyMatrix4(bone.matrixWorld);
    }
  }
}

/** Moves the end of what swings out of what guards against it; in place. */
export function push(end: Vector3, guards: readonly Guard[]): void {
  for (const { collider, allowed } of guards) {
    const distance = toLine(end, collider.world);
    if (distance >= allowed || distance < 1e-6) continue;
    end.addScaledVector(away.normalize(), allowed - distance);
  }
}

function collide(a: PmxBody, b: PmxBody): boolean {
  return ((a.mask >> b.group) & 1) === 1 && ((b.mask >> a.group) & 1) === 1;
}

/** How far a point is from a collider's middle line; sets `away`, from the line to the point. */
function toLine(point: Vector3, [from, to]: Line): number {
  line.copy(to).sub(from);
  const length = line.lengthSq();
  const share = length > 0 ? Math.min(Math.max(nearest.copy(point).sub(from).dot(line) / length, 0), 1) : 0;
  nearest.copy(from).addScaledVector(line, share);
  return away.copy(point).sub(nearest).length();
}
