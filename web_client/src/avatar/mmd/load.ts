import { Group, type Object3D, type Quaternion, SkinnedMesh, type Vector3 } from 'three';
import type { Pose } from '../../pose';
import type { Avatar, AvatarInfo, Figure } from '../avatar';
import { Fading, type Wanted } from '../fading';
import type { AvatarFiles } from '../files';
import type { LoadOptions } from '../load';
import { Body } from './body';
import { MmdFace } from './face';
import { measure } from './figure';
import { makeSurface, scaleOf, type Surface } from './geometry';
import { MmdMaterial } from './material';
import { Morphs } from './morphs';
import { parsePmx } from './parse';
import type { Pmx } from './pmx';
import { MmdSkeleton } from './skeleton';
import { Springs } from './springs';
import { Textures } from './textures';

/** Longest step of hair and cloth, seconds. */
const LONGEST_STEP = 1 / 20;
/** How long an expression takes to come or go, seconds. */
const FADE = 0.25;

/**
 * Loads an MMD avatar, PMX 2.0 or 2.1, with its textures.
 *
 * @param main Path of the .pmx
 * @throws AvatarError when it is damaged, or one of its pictures is missing
 */
export async function loadMmd(files: AvatarFiles, main: string, { url, quality }: LoadOptions): Promise<Avatar> {
  const pmx = parsePmx(await files.bytes(main));
  const textures = new Textures(files, main, quality);
  const materials: MmdMaterial[] = [];
  try {
    let start = 0;
    for (const material of pmx.materials) {
      const uvs = cornersOf(pmx, start, material.indexCount);
      materials.push(new MmdMaterial(material, await textures.load(pmx, material, uvs), quality, pmx.vertices.spheres !== null));
      start += material.indexCount;
    }
    return new MmdAvatar(pmx, materials, textures, url);
  } catch (error) {
    for (const material of materials) material.dispose();
    textures.dispose();
    throw error;
  }
}

class MmdAvatar implements Avatar {
  readonly info: AvatarInfo;
  readonly figure: Figure;
  readonly object: Object3D = new Group();
  private readonly surface: Surface;
  private readonly skeleton: MmdSkeleton;
  private readonly morphs: Morphs;
  private readonly body: Body;
  private readonly face: MmdFace;
  private readonly springs: Springs;
  private outlines: SkinnedMesh | null = null;
  private readonly fading: Fading;

  constructor(
    pmx: Pmx,
    private readonly materials: readonly MmdMaterial[],
    private readonly textures: Textures,
    url: string,
  ) {
    const scale = scaleOf(pmx);
    this.surface = makeSurface(pmx, scale);
    this.skeleton = new MmdSkeleton(pmx, scale);
    this.morphs = new Morphs(pmx, this.surface, materials, scale);
    this.body = new Body(this.skeleton, pmx.vertices);
    this.face = new MmdFace(pmx, this.morphs, this.body.hasEyes);
    this.fading = new Fading(this.face.extras, FADE);
    this.springs = new Springs(pmx, this.skeleton, scale);
    this.figure = measure(this.skeleton, this.body, pmx.vertices, scale, this.face.lids);
    this.info = { kind: 'mmd', name: pmx.name, url, perfectSync: this.face.perfectSync };
    this.object.add(...this.skeleton.roots);
    this.addMeshes();
  }

  apply(pose: Pose): void {
    this.skeleton.reset();
    this.body.apply(pose);
    this.face.apply(pose);
    for (const [name, weight] of this.fading.weights()) this.morphs.set(this.morphs.names.indexOf(name), weight);
    this.morphs.update();
    this.morphs.addToBones(this.skeleton.rotations, this.skeleton.moves);
    this.skeleton.solve(false);
  }

  get expressions(): readonly string[] {
    return this.face.extras;
  }

  express(wanted: Wanted): void {
    this.fading.want(wanted);
  }

  update(dt: number): void {
    this.fading.update(dt);
    this.object.updateWorldMatrix(true, true);
    this.springs.update(Math.min(dt, LONGEST_STEP));
    this.skeleton.solve(true);
  }

  settle(): void {
    this.springs.settle();
  }

  bone(name: string): Quaternion | null {
    return this.body.rotation(name);
  }

  boneWorld(name: string, forward: Vector3, up: Vector3): boolean {
    const index = this.body.index(name);
    if (index === undefined) return false;
    const bone = this.skeleton.bones[index]!;
    bone.updateWorldMatrix(true, false);
    // At rest no bone is turned.
    forward.transformDirection(bone.matrixWorld);
    up.transformDirection(bone.matrixWorld);
    return true;
  }

  feet(left: Vector3, right: Vector3): boolean {
    const [leftFoot, rightFoot] = [this.body.index('leftFoot'), this.body.index('rightFoot')];
    if (leftFoot === undefined || rightFoot === undefined) return false;
    this.skeleton.bones[leftFoot]!.getWorldPosition(left);
    this.skeleton.bones[rightFoot]!.getWorldPosition(right);
    return true;
  }

  showOutline(shown: boolean): void {
    if (this.outlines) this.outlines.visible = shown;
  }

  weight(name: string): number | null {
    return this.face.weight(name);
  }

  dispose(): void {
    this.object.removeFromParent();
    this.surface.geometry.dispose();
    this.skeleton.skeleton.dispose();
    for (const material of this.materials) material.dispose();
    this.textures.dispose();
  }

  /** The surface, and the outlines of those materials that have one: they share points and bones. */
  private addMeshes(): void {
    const { geometry } = this.surface;
    this.addMesh(geometry, this.materials.map(({ surface }) => surface));
    const outlined = this.materials.map(({ outline }) => outline);
    if (outlined.every((outline) => outline === null)) return;
    // A group without a material of its own is passed over.
    this.outlines = this.addMesh(geometry, outlined as MmdMaterial['surface'][]);
  }

  private addMesh(geometry: Surface['geometry'], materials: MmdMaterial['surface'][]): SkinnedMesh {
    const mesh = new SkinnedMesh(geometry, materials);
    // A skin's bounds do not follow its bones, so a bent avatar would vanish at the edge of the picture.
    mesh.frustumCulled = false;
    this.object.add(mesh);
    mesh.bind(this.skeleton.skeleton, mesh.matrixWorld);
    return mesh;
  }
}

/** Texture coordinates of a material's triangles, corner by corner. */
function cornersOf({ indices, vertices }: Pmx, start: number, count: number): Float32Array {
  const uvs = new Float32Array(count * 2);
  for (let i = 0; i < count; i++) {
    uvs[i * 2] = vertices.uvs[indices[start + i]! * 2]!;
    uvs[i * 2 + 1] = vertices.uvs[indices[start + i]! * 2 + 1]!;
  }
  return uvs;
}
