import { Group, type Object3D, type Quaternion, type Vector3 } from 'three';
import type { Pose } from '../../pose';
import { type Avatar, AvatarError, type AvatarInfo, type Figure } from '../avatar';
import type { AvatarFiles } from '../files';
import type { Image } from '../images';
import type { LoadOptions } from '../load';
import { type Description, DESCRIPTION, described, type DescribedLayer, readDescription } from './description';
import { PictureFace } from './face';
import { Hop } from './hop';
import { type Box, decodePicture, Layer, Picture } from './layer';
import { type Named, PAIRED, type Part, PARTS, readNames } from './names';
import { type Measures, Rig } from './rig';

const PICTURES = /\.(png|webp|gif)$/i;
/** More pictures than any set has, and more points than a graphics card can be asked to hold. */
const MOST = 200;
const MOST_POINTS = 1 << 27;
/** How tall a picture stands on the stage, metres. */
const TALL = 0.8;
/** Of a picture that is cut off below, so much stays below the camera's: the edge must not come up with hop and tilt. */
const HIDDEN = 0.05;
/** Longest step of the hop, seconds. */
const LONGEST_STEP = 0.1;
/** How near each part is: 0 moves with the body, 1 slides furthest as the head turns. */
const DEPTH: Readonly<Record<Part, number>> = { hairBack: -0.5, body: 0, head: 0.25, mouth: 1, nose: 1.15, eyes: 0.95, iris: 0.95, lashes: 0.95, brows: 0.9, hairFront: 0.65, front: 0.5, whole: 0 };

/** Each picture avatar is drawn in one go, after those that came before it: its layers must not mix with another's. */
let drawn = 0;

/**
 * Loads a picture avatar: a set of PNGs, see docs/picture-avatars.md.
 *
 * @param main Path of one of its pictures; the others are in the same folder, or in folders below
 * @throws AvatarError when one of them cannot be read
 */
export async function loadPicture(files: AvatarFiles, main: string, { url }: LoadOptions): Promise<Avatar> {
  const folder = main.includes('/') ? main.slice(0, main.lastIndexOf('/') + 1) : '';
  const description = readDescription(files.has(folder + DESCRIPTION) ? new TextDecoder().decode(await files.bytes(folder + DESCRIPTION)) : null);
  const set = chooseFiles(files, folder, description);
  const pictures = await readPictures(files, set);
  const bare = files.name.replace(/\.[^.]*$/, '');
  return new PictureAvatar(pictures, set, description, { kind: 'picture', name: description.name ?? bare, url });
}

interface Chosen {
  named: Named;
  layer: DescribedLayer | undefined;
}

/** The pictures of the set, from the back to the front. */
function chooseFiles(files: AvatarFiles, folder: string, { layers }: Description): Chosen[] {
  const paths = files.paths().filter((path) => path.startsWith(folder) && PICTURES.test(path));
  if (paths.length > MOST) throw new AvatarError(`holds ${paths.length} pictures: too many for a picture avatar`);
  if (layers === undefined) {
    const named = readNames(paths, folder).map((one) => ({ named: one, layer: undefined }));
    return named.sort((a, b) => PARTS.indexOf(a.named.part) - PARTS.indexOf(b.named.part));
  }
  for (const { file } of layers) if (!files.has(folder + file)) throw new AvatarError(`needs ${file}, which its ${DESCRIPTION} names and which is not there`);
  const names = readNames(layers.map(({ file }) => folder + file), folder);
  return layers.map((layer, i) => ({ named: described(names[i]!, layer), layer }));
}

async function readPictures(files: AvatarFiles, set: readonly Chosen[]): Promise<Picture[]> {
  const images: Image[] = [];
  try {
    for (const { named } of set) {
      images.push(await decodePicture(await files.bytes(named.path), named.path));
      if (images.reduce((sum, { width, height }) => sum + width * height, 0) > MOST_POINTS) throw new AvatarError('is too large: make its pictures smaller');
    }
  } catch (error) {
    for (const image of images) if (image instanceof ImageBitmap) image.close();
    throw error;
  }
  const canvas = { width: Math.max(...images.map(({ width }) => width)), height: Math.max(...images.map(({ height }) => height)) };
  return images.map((image, i) => new Picture(set[i]!.named, image, canvas, set[i]!.layer?.offset ?? [0, 0]));
}

class PictureAvatar implements Avatar {
  readonly figure: Figure;
  readonly object: Object3D = new Group();
  private readonly layers: Layer[];
  private readonly face: PictureFace;
  private readonly rig: Rig;
  private readonly hop = new Hop();

  constructor(
    private readonly pictures: readonly Picture[],
    set: readonly Chosen[],
    private readonly description: Description,
    readonly info: AvatarInfo,
  ) {
    const measures = measure(pictures, description);
    this.layers = makeLayers(pictures, set);
    this.face = new PictureFace(this.layers);
    const metres = TALL / measures.height;
    const whole = pictures.every(({ named }) => named.part === 'whole');
    this.rig = new Rig(this.layers, measures, description, metres, whole);
    this.figure = figureOf(pictures, measures, metres);
    drawn += 1;
    this.object.renderOrder = drawn;
    this.object.add(this.rig.root);
  }

  apply(pose: Pose): void {
    this.face.apply(pose);
    this.rig.apply(pose, this.face);
  }

  update(dt: number): void {
    this.hop.update(this.face.speech, Math.min(dt, LONGEST_STEP), this.description.bounce);
    this.rig.update(this.hop);
  }

  settle(): void {
    this.hop.rest();
    this.rig.update(this.hop);
  }

  bone(name: string): Quaternion | null {
    return name === 'head' ? this.rig.turn.clone() : null;
  }

  boneWorld(name: string, forward: Vector3, up: Vector3): boolean {
    if (name !== 'head') return false;
    forward.applyQuaternion(this.rig.turn);
    up.applyQuaternion(this.rig.turn);
    return true;
  }

  /** Of lids 1 when they are shut, of `aa` how far the mouth is open; of a picture's path 1 when it is shown. */
  weight(name: string): number | null {
    const lid = /^(?:blink|eyeBlink)(Left|Right)?$/.exec(name);
    if (lid) return Number(this.face.shut(lid[1] === undefined ? null : lid[1] === 'Left' ? 'left' : 'right'));
    if (name === 'aa' || name === 'jawOpen') return this.face.speech;
    const shown = this.layers.filter(({ named }) => named.path === name);
    return shown.length === 0 ? null : shown.filter(({ mesh }) => mesh.visible).length / shown.length;
  }

  dispose(): void {
    this.object.removeFromParent();
    for (const layer of this.layers) layer.dispose();
    for (const picture of this.pictures) picture.dispose();
  }
}

/** One layer for each picture, two for one with both eyes in it: so that each winks for itself. */
function makeLayers(pictures: readonly Picture[], set: readonly Chosen[]): Layer[] {
  const eyes = pictures.filter(({ named }) => named.part === 'eyes' && named.side === null);
  const both = union(eyes.map(({ box }) => box));
  const layers: Layer[] = [];
  pictures.forEach((picture, i) => {
    const { box, named } = picture;
    const depth = set[i]!.layer?.depth ?? DEPTH[named.part];
    const middle = both === null ? (box.left + box.right) / 2 : (both.left + both.right) / 2;
    const cut = PAIRED.includes(named.part) && named.side === null && middle > box.left && middle < box.right;
    if (!cut) layers.push(new Layer(picture, box, named.side, depth, i));
    // The avatar's left is on the right of the picture.
    else layers.push(new Layer(picture, { ...box, right: middle }, 'right', depth, i), new Layer(picture, { ...box, left: middle }, 'left', depth, i));
  });
  for (const layer of layers) {
    if (layer.named.part !== 'iris') continue;
    const within = pictures.find(({ named }) => named.part === 'eyes' && named.state === 'open' && (named.side === null || named.side === layer.side));
    if (within) layer.keepWithin(within);
  }
  return layers;
}

function measure(pictures: readonly Picture[], { pivots }: Description): Measures {
  const frame = union(pictures.map((picture) => picture.frame))!;
  const of = (...parts: Part[]): Box | null => union(pictures.filter(({ named }) => parts.includes(named.part)).map(({ box }) => box));
  const [width, height] = [frame.right - frame.left, frame.top - frame.bottom];
  const skull = of('head') ?? of('mouth', 'eyes') ?? { left: 0, right: width, bottom: height * 0.45, top: height };
  const eyes = of('eyes');
  const pivot = (at: readonly [number, number] | undefined, usual: { x: number; y: number }): { x: number; y: number } => (at ? { x: at[0], y: height - at[1] } : usual);
  return {
    width,
    height,
    headPivot: pivot(pivots.head, { x: (skull.left + skull.right) / 2, y: skull.bottom + (skull.top - skull.bottom) * 0.1 }),
    bodyPivot: pivot(pivots.body, { x: width / 2, y: 0 }),
    eye: eyes === null ? height * 0.08 : eyes.top - eyes.bottom,
  };
}

/** The bust is the whole picture: the camera's shares of a body give it back. */
function figureOf(pictures: readonly Picture[], { width, height }: Measures, metres: number): Figure {
  const top = Math.max(...pictures.map(({ box }) => box.top)) * metres;
  const floor = Math.min(...pictures.map(({ box }) => box.bottom)) < 0.01 * height ? HIDDEN * top : 0;
  const head = floor + (top - floor) * (1.35 / 2.35);
  const eyes = union(pictures.filter(({ named }) => named.part === 'eyes').map(({ box }) => box));
  const eyeHeight = eyes === null ? top * 0.68 : ((eyes.top + eyes.bottom) / 2) * metres;
  return {
    hips: head - top,
    head,
    eyes: Math.min(Math.max(eyeHeight, head + 0.02 * height * metres), top * 0.95),
    top,
    halfShoulders: (width * metres) / 2.2,
    halfHead: (width * metres) / 4,
    front: 0,
  };
}

function union(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    bottom: Math.min(...boxes.map(({ bottom }) => bottom)),
    right: Math.max(...boxes.map(({ right }) => right)),
    top: Math.max(...boxes.map(({ top }) => top)),
  };
}
