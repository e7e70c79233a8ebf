import { type MToonMaterial, MToonMaterialLoaderPlugin, type VRM, type VRMHumanBoneName, VRMLoaderPlugin, VRMUtils } from '@pixiv/three-vrm';
import { LoadingManager, type Material, type Object3D, Quaternion, type Vector3 } from 'three';
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js';
import type { Quality } from '../look';
import type { Pose } from '../pose';
import { type Avatar, AvatarError, type AvatarInfo, type Figure } from './avatar';
import { Eyes } from './eyes';
import { Face } from './face';
import { Fading, type Wanted } from './fading';
import { measure } from './figure';
import type { AvatarFiles } from './files';
import { readVrm, type VrmFile } from './glb';
import type { LoadOptions } from './load';
import { Stance } from './stance';
import { UnlitMaterialPlugin } from './unlit';

/** From the hips up to the head, in the order in which they hang on each other. */
const TRUNK: readonly string[] = ['spine', 'chest', 'upperChest', 'neck', 'head'];
const EYES: readonly string[] = ['leftEye', 'rightEye'];
/** Longest step of hair and cloth, seconds: a longer one makes the springs overshoot. */
const LONGEST_STEP = 1 / 20;
/** How long an expression of the maker's takes to come or go, seconds. */
const FADE = 0.25;

const carried = new Quaternion();
const scratch = new Quaternion();

/** Loads the .vrm file of the given path; see {@link loadVrm}. */
export async function loadVrmFiles(files: AvatarFiles, main: string, { url, quality }: LoadOptions): Promise<Avatar> {
  return loadVrm(await files.bytes(main), url, quality);
}

/**
 * Loads a VRM 0.x or 1.0 avatar.
 *
 * @throws AvatarError when the file is not one, or is damaged
 */
export async function loadVrm(bytes: ArrayBuffer, url: string, quality: Quality): Promise<Avatar> {
  const file = readVrm(bytes);
  // GLTFLoader only warns of a picture that it cannot read, and would show the avatar white.
  const manager = new LoadingManager();
  let broken = false;
  manager.onError = () => {
    broken = true;
  };
  const loader = new GLTFLoader(manager);
  loader.register((parser) => {
    const low = quality === 'low';
    return new VRMLoaderPlugin(parser, {
      mtoonMaterialPlugin: low ? new UnlitMaterialPlugin(parser) : new MToonMaterialLoaderPlugin(parser),
    });
  });
  const gltf = await loader.parseAsync(bytes, '');
  const vrm = gltf.userData['vrm'] as VRM | undefined;
  try {
    if (broken) throw new AvatarError('is damaged: a picture in it cannot be read');
    if (!vrm?.humanoid) throw new AvatarError('has no VRM skeleton');
    return new VrmAvatar(vrm, file, url);
  } catch (error) {
    VRMUtils.deepDispose(gltf.scene);
    throw error;
  }
}

class VrmAvatar implements Avatar {
  readonly info: AvatarInfo;
  readonly figure: Figure;
  private readonly eyes: Eyes;
  private readonly face: Face;
  private readonly stance: Stance;
  private readonly fading: Fading;
  /** VRM 0.x bones look along -Z in their own frame: half a turn about y from VRM 1.0's. */
  private readonly facing: 1 | -1;
  private readonly outlines: readonly Material[];
  private readonly restWorld = new Map<Object3D, Quaternion>();

  constructor(
    private readonly vrm: VRM,
    file: VrmFile,
    url: string,
  ) {
    this.facing = vrm.meta.metaVersion === '0' ? -1 : 1;
    VRMUtils.removeUnnecessaryVertices(vrm.scene);
    VRMUtils.combineSkeletons(vrm.scene);
    VRMUtils.rotateVRM0(vrm);
    // A skin's bounds do not follow its bones, so a bent avatar would vanish at the edge of the picture.
    vrm.scene.traverse((object) => {
      object.frustumCulled = false;
    });
    hideFirstPerson(vrm);
    this.outlines = (vrm.materials ?? []).filter((material) => (material as MToonMaterial).isOutline);
    this.figure = measure(vrm);
    this.eyes = new Eyes(vrm);
    this.face = new Face(vrm, this.eyes.byBone);
    this.fading = new Fading(this.face.own, FADE);
    this.stance = new Stance(vrm, this.figure.head);
    for (const bone of Object.values(vrm.humanoid.humanBones)) {
      if (bone) this.restWorld.set(bone.node, bone.node.getWorldQuaternion(new Quaternion()));
    }
    this.info = { kind: 'vrm', name: file.title, metaVersion: file.metaVersion, perfectSync: this.face.perfectSync, url };
  }

  get object(): Object3D {
    return this.vrm.scene;
  }

  apply(pose: Pose): void {
    this.stance.apply(pose.position, this.facing);
    for (const [name, rotation] of this.stance.rotations) this.turn(name, rotation);
    for (const [name, rotation] of pose.bones) {
      if (!TRUNK.includes(name) && !EYES.includes(name)) this.turn(name, rotation);
    }
    this.turnTrunk(pose);
    this.face.apply(pose);
    for (const [name, weight] of this.fading.weights()) this.vrm.expressionManager?.setValue(name, weight);
    const share = this.face.gazeShare;
    this.turnEye('left', pose, share);
    this.turnEye('right', pose, share);
  }

  get expressions(): readonly string[] {
    return this.face.own;
  }

  express(wanted: Wanted): void {
    this.fading.want(wanted);
  }

  update(dt: number): void {
    this.fading.update(dt);
    this.vrm.update(Math.min(dt, LONGEST_STEP));
    this.face.update();
  }

  settle(): void {
    this.vrm.springBoneManager?.reset();
  }

  bone(name: string): Quaternion | null {
    const node = this.vrm.humanoid.getNormalizedBoneNode(name as VRMHumanBoneName);
    return node ? faced(node.quaternion.clone(), this.facing) : null;
  }

  boneWorld(name: string, forward: Vector3, up: Vector3): boolean {
    const node = this.vrm.humanoid.getRawBoneNode(name as VRMHumanBoneName);
    const rest = node ? this.restWorld.get(node) : undefined;
    if (!node || !rest) return false;
    node.getWorldQuaternion(scratch).multiply(carried.copy(rest).invert());
    forward.applyQuaternion(scratch);
    up.applyQuaternion(scratch);
    return true;
  }

  feet(left: Vector3, right: Vector3): boolean {
    const { humanoid } = this.vrm;
    const [a, b] = [humanoid.getRawBoneNode('leftFoot'), humanoid.getRawBoneNode('rightFoot')];
    a?.getWorldPosition(left);
    b?.getWorldPosition(right);
    return a !== null && b !== null;
  }

  showOutline(shown: boolean): void {
    for (const outline of this.outlines) outline.visible = shown;
  }

  weight(name: string): number | null {
    return this.face.weight(name);
  }

  dispose(): void {
    this.vrm.scene.removeFromParent();
    VRMUtils.deepDispose(this.vrm.scene);
  }

  /** Chest, upper chest and neck are optional in VRM: the turn of one that is missing goes to the next one above it. */
  private turnTrunk(pose: Pose): void {
    carried.identity();
    for (const name of TRUNK) {
      const rotation = pose.bones.get(name);
      if (rotation) carried.multiply(rotation);
      if (this.turn(name, carried)) carried.identity();
    }
  }

  private turnEye(side: 'left' | 'right', pose: Pose, share: number): void {
    const rotation = pose.bones.get(`${side}Eye`);
    if (!rotation || !this.eyes.byBone) return;
    carried.identity().slerp(rotation, share);
    this.eyes.limit(side, carried);
    this.turn(`${side}Eye`, carried);
  }

  private turn(name: string, rotation: Quaternion): boolean {
    const node = this.vrm.humanoid.getNormalizedBoneNode(name as VRMHumanBoneName);
    if (node) faced(node.quaternion.copy(rotation), this.facing);
    return node !== null;
  }
}

/** What only the avatar's own eyes may see, such as hands without a head, is no part of a picture of it. */
function hideFirstPerson(vrm: VRM): void {
  for (const { type, meshes } of vrm.firstPerson?.meshAnnotations ?? []) {
    if (type === 'firstPersonOnly') for (const mesh of meshes) mesh.visible = false;
  }
}

/** From VRM 1.0 axes to an avatar's own, or back: half a turn about y negates x and z. In place. */
function faced(rotation: Quaternion, facing: 1 | -1): Quaternion {
  return rotation.set(rotation.x * facing, rotation.y, rotation.z * facing, rotation.w);
}
