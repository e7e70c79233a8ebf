import { Euler, MathUtils, Object3D, Quaternion, Vector3 } from 'three';
import type { Pose } from '../../pose';
import { RELAXED } from '../../wire';
import { swayOf } from '../sway';
import type { Description } from './description';
import type { PictureFace } from './face';
import type { Hop } from './hop';
import type { Layer } from './layer';

/** From the hips up to the head: together they make the turn of the head. */
const TRUNK: readonly string[] = ['hips', 'spine', 'chest', 'upperChest', 'neck', 'head'];
/** The shares of the head's tilt that head and body take. */
const HEAD_TILT = 0.75;
const BODY_TILT = 0.14;
/** How far the head goes for a turn or nod of one radian, and its foremost parts before it, as shares of the picture's height. */
const HEAD_SHIFT = 0.035;
const PARALLAX = 0.055;
/** A turned head is narrower, and a nodding one lower: by this much at one radian. */
const NARROWS = 0.1;
/** How far irises and brows go at most, as shares of the height of an eye. */
const IRIS = 0.3;
const BROW_UP = 0.2;
const BROW_DOWN = 0.12;
/** Gaze at which irises have gone as far as they go, radians. */
const GAZE = 0.5;
/** How much a breath lifts the body, as a share of its height. */
const BREATH = 0.006;
/** Breathing turns the shoulders by so much, degrees: see addBreath. */
const BREATH_TURN = 1.1;
/** A picture is so tall as what a camera sees of a sitting person, metres. */
const SEEN = 0.75;

const head = new Quaternion();
const place = new Vector3();
const angles = new Euler();
const DOWN = RELAXED['leftShoulder']?.[2] ?? 0;

/** Measures of a set, on its canvas: points, from the lower left corner. */
export interface Measures {
  width: number;
  height: number;
  headPivot: { x: number; y: number };
  bodyPivot: { x: number; y: number };
  /** Height of an open eye, or what would be one. */
  eye: number;
}

/**
 * The nodes that move the layers: the whole of it sways and hops, body and head tilt about their pivots, layers slide past
 * each other by their depth, irises and brows go where they look.
 */
export class Rig {
  /** In the scene's metres; its children are in points of the canvas. */
  readonly root = new Object3D();
  /** The turn of the head that is shown, to be asked for. */
  readonly turn = new Quaternion();
  private readonly body = new Object3D();
  private readonly head = new Object3D();
  private breath = 0;

  /**
   * @param metres Of one point
   * @param whole Whether the layers are whole pictures: then all of it tilts as the head does
   */
  constructor(
    private readonly layers: readonly Layer[],
    private readonly measures: Measures,
    private readonly description: Description,
    private readonly metres: number,
    private readonly whole: boolean,
  ) {
    const { headPivot, bodyPivot } = measures;
    this.root.scale.setScalar(metres);
    this.root.position.x = (-measures.width * metres) / 2;
    this.root.add(this.body);
    this.body.add(this.head);
    this.body.position.set(bodyPivot.x, bodyPivot.y, 0);
    for (const layer of layers) {
      const onHead = layer.named.part !== 'body' && layer.named.part !== 'whole';
      const [node, pivot] = onHead ? [this.head, headPivot] : [this.body, bodyPivot];
      node.add(layer.mesh);
      layer.mesh.position.set(layer.middle.x - pivot.x, layer.middle.y - pivot.y, 0);
    }
  }

  apply(pose: Pose, face: PictureFace): void {
    head.identity();
    for (const name of TRUNK) {
      const rotation = pose.bones.get(name);
      if (rotation) head.multiply(rotation);
    }
    this.turn.copy(head);
    angles.setFromQuaternion(head, 'YXZ');
    const [yaw, pitch, roll] = [angles.y, -angles.x, angles.z];
    const { tilt, shift } = this.description;
    const { height, headPivot, bodyPivot } = this.measures;
    const share = this.whole ? HEAD_TILT * 0.6 : BODY_TILT;
    this.body.rotation.z = roll * share * tilt;
    this.head.rotation.z = roll * HEAD_TILT * tilt;
    const [aside, up] = [Math.sin(yaw) * shift, Math.sin(pitch) * shift];
    const lean = this.whole ? HEAD_SHIFT : HEAD_SHIFT * 0.35;
    this.body.position.x = bodyPivot.x + aside * lean * height;
    this.head.position.set(headPivot.x - bodyPivot.x + aside * HEAD_SHIFT * height, headPivot.y - bodyPivot.y + up * HEAD_SHIFT * 0.8 * height, 0);
    this.head.scale.set(1 - NARROWS * yaw * yaw, 1 - NARROWS * pitch * pitch, 1);
    this.breath = breathOf(pose);
    this.sway(pose);
    for (const layer of this.layers) this.slide(layer, aside, up, pose, face);
  }

  /** Puts the hop on top. */
  update(hop: Hop): void {
    const { height, bodyPivot } = this.measures;
    this.body.position.y = bodyPivot.y + Math.max(hop.height, 0) * height;
    const stretch = MathUtils.clamp(hop.height * 1.3, -0.05, 0.05) + BREATH * this.breath;
    this.body.scale.set(1 - stretch * 0.5, 1 + stretch, 1);
  }

  private sway(pose: Pose): void {
    const height = this.measures.height * this.metres;
    swayOf(place.copy(pose.position), (1.5 * height) / SEEN, place);
    const nearer = 1 + (0.5 * place.z) / height;
    this.root.scale.setScalar(this.metres * nearer);
    this.root.position.set((-this.measures.width / 2) * this.metres * nearer + place.x, Math.min(place.y, 0), 0);
  }

  private slide(layer: Layer, aside: number, up: number, pose: Pose, face: PictureFace): void {
    const { height, headPivot, bodyPivot, eye } = this.measures;
    const { part } = layer.named;
    const pivot = part === 'body' || part === 'whole' ? bodyPivot : headPivot;
    let x = aside * PARALLAX * layer.depth * height;
    let y = up * PARALLAX * 0.8 * layer.depth * height;
    if (part === 'iris') {
      const [gazeX, gazeY] = gazeOf(pose, layer.side);
      layer.moveWithin(gazeX * IRIS * eye, gazeY * IRIS * eye * 0.7);
      x += gazeX * IRIS * eye;
      y += gazeY * IRIS * eye * 0.7;
    } else if (part === 'brows') {
      const raised = layer.side === null ? (face.brows.left + face.brows.right) / 2 : face.brows[layer.side];
      y += (raised > 0 ? BROW_UP : BROW_DOWN) * eye * raised;
    }
    layer.mesh.position.set(layer.middle.x - pivot.x + x, layer.middle.y - pivot.y + y, 0);
  }
}

/** Where an eye looks: to the right of the picture and up, -1..1. */
function gazeOf(pose: Pose, side: 'left' | 'right' | null): [number, number] {
  const rotation = pose.bones.get(side === 'right' ? 'rightEye' : 'leftEye');
  if (rotation === undefined) return [0, 0];
  place.set(0, 0, 1).applyQuaternion(rotation);
  return [MathUtils.clamp(Math.atan2(place.x, place.z) / GAZE, -1, 1), MathUtils.clamp(Math.asin(MathUtils.clamp(place.y, -1, 1)) / GAZE, -1, 1)];
}

/** How far the breath is drawn, about 0..1, by what it does to the shoulders of a pose. */
function breathOf(pose: Pose): number {
  const shoulder = pose.bones.get('leftShoulder');
  if (shoulder === undefined) return 0;
  const degrees = MathUtils.radToDeg(2 * Math.atan2(shoulder.z, shoulder.w));
  return MathUtils.clamp((degrees - DOWN) / BREATH_TURN, -1, 1);
}
