import type { VRM } from '@pixiv/three-vrm';
import { Box3, type Object3D, SkinnedMesh, Vector3 } from 'three';
import { AvatarError, type Figure } from './avatar';

const point = new Vector3();

/**
 * Measures an avatar that stands in its T-pose.
 *
 * @throws AvatarError when it has no hips or no head, or its points are nowhere
 */
export function measure(vrm: VRM): Figure {
  vrm.scene.updateMatrixWorld(true);
  const hips = boneAt(vrm, 'hips');
  const head = boneAt(vrm, 'head');
  if (hips === null || head === null) throw new AvatarError('has no hips or head bone: it is no humanoid avatar');
  const height = head.y;
  const box = headBox(vrm);
  const eye = boneAt(vrm, 'leftEye');
  const arm = boneAt(vrm, 'leftUpperArm');
  // Ears, horns and hats count, but not a pole on the back.
  const top = Math.min(Math.max(box.max.y, height * 1.08), height * 1.6);
  const halfHead = Math.max(box.max.x, -box.min.x, height * 0.05);
  const found = eye !== null && eye.y > height && eye.y < top;
  const figure: Figure = {
    hips: hips.y,
    head: height,
    eyes: found ? eye.y : height + (top - height) * 0.4,
    eyesGuessed: !found,
    top,
    halfShoulders: (arm !== null ? Math.abs(arm.x) : height * 0.1) * 1.25,
    halfHead: Math.min(halfHead, height * 0.7),
    front: Math.min(Math.max(box.max.z, height * 0.05), height * 0.4),
  };
  if (!Object.values(figure).every((value) => typeof value === 'boolean' || Number.isFinite(value))) throw new AvatarError('is damaged: its shape cannot be read');
  return figure;
}

function boneAt(vrm: VRM, name: 'hips' | 'head' | 'leftEye' | 'leftUpperArm'): Vector3 | null {
  return vrm.humanoid.getRawBoneNode(name)?.getWorldPosition(new Vector3()) ?? null;
}

/** The box, in the scene, round all that hangs on the head bone, above the bone itself. */
function headBox(vrm: VRM): Box3 {
  const bone = vrm.humanoid.getRawBoneNode('head')!;
  const floor = bone.getWorldPosition(new Vector3()).y;
  const parts = new Set<Object3D>();
  bone.traverse((object) => parts.add(object));
  const box = new Box3();
  vrm.scene.traverse((object) => {
    if (object instanceof SkinnedMesh) addSkin(object, parts, floor, box);
  });
  if (box.isEmpty()) box.setFromObject(bone);
  return box;
}

function addSkin(mesh: SkinnedMesh, parts: ReadonlySet<Object3D>, floor: number, box: Box3): void {
  const { position, skinIndex, skinWeight } = mesh.geometry.attributes;
  if (!position || !skinIndex || !skinWeight) return;
  const onHead = mesh.skeleton.bones.map((bone) => parts.has(bone));
  for (let i = 0; i < position.count; i++) {
    let share = 0;
    for (let k = 0; k < 4; k++) if (onHead[skinIndex.getComponent(i, k)]) share += skinWeight.getComponent(i, k);
    if (share < 0.5) continue;
    mesh.getVertexPosition(i, point).applyMatrix4(mesh.matrixWorld);
    if (point.y > floor) box.expandByPoint(point);
  }
}
