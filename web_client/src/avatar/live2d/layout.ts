import type { Figure } from '../avatar';
import type { Model } from './model';

/** How a model's own units lie in the scene, and where its parts then are. */
export interface Layout {
  /** Metres of a unit of the model. */
  scale: number;
  /** What is added to the model's scaled x and y, metres. */
  x: number;
  y: number;
  figure: Figure;
}

interface Box {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** Metres: of the whole figure, and the most that its head may have of it. A bust is as large as it would be on its body. */
const HEIGHT = 1.6;
const LARGEST_HEAD = 0.34;
/** A vertex counts as moved when it goes this share of the way of the one that goes furthest. */
const MOVED = 0.3;

/**
 * Measures a model by moving it: the eyes are what shuts with the lids, the mouth what opens, the head what tilts.
 * Leaves the model at its defaults.
 */
export function measure(model: Model): Layout {
  const { parameters } = model;
  parameters.reset();
  model.update();
  const rest = model.drawables.vertexPositions.map((positions) => positions.slice());
  const whole = boxOf(model, rest, () => true) ?? { left: -0.5, right: 0.5, bottom: -1, top: 1 };
  const moved = (ids: readonly string[], share: number): Box | null => movedBy(model, rest, ids, share);
  const lids = moved(['ParamEyeLOpen', 'ParamEyeROpen'], -1);
  const mouth = moved(['ParamMouthOpenY'], 1);
  const tilted = moved(['ParamAngleZ'], 1) ?? moved(['ParamAngleX'], 1);
  parameters.reset();
  model.update();
  const height = whole.top - whole.bottom;
  const top = Math.min(tilted?.top ?? whole.top, whole.top);
  const eyes = lids === null ? top - 0.09 * height : middle(lids);
  const lips = mouth !== null && middle(mouth) < eyes ? middle(mouth) : eyes - 0.45 * (top - eyes);
  const chin = Math.max(lips - 0.6 * (eyes - lips), whole.bottom);
  const skull = boxOf(model, rest, (_x, y) => y > lips && y <= top, tilted) ?? whole;
  const centre = lids === null ? (skull.left + skull.right) / 2 : (lids.left + lids.right) / 2;
  const scale = Math.min(HEIGHT / height, LARGEST_HEAD / Math.max(top - chin, 1e-6));
  // The crown is at one height for all: full figures stand on the floor, busts hang over it.
  const y = HEIGHT - whole.top * scale;
  const halfHead = Math.min(Math.max(skull.right - centre, centre - skull.left), 0.8 * (top - chin));
  const head = chin * scale + y;
  const figure: Figure = {
    hips: Math.max(head - 2 * (top - chin) * scale, whole.bottom * scale + y),
    head,
    eyes: eyes * scale + y,
    top: top * scale + y,
    halfShoulders: Math.min(0.75 * (top - chin), (whole.right - whole.left) / 2) * scale,
    halfHead: halfHead * scale,
    front: 0,
  };
  return { scale, x: -centre * scale, y, figure };
}

/** The box round what goes when parameters are set to a share of their ranges; null when nothing does. */
function movedBy(model: Model, rest: readonly Float32Array[], ids: readonly string[], share: number): Box | null {
  const { parameters } = model;
  parameters.reset();
  for (const id of ids) {
    const index = parameters.find(id);
    if (index >= 0) parameters.set(index, parameters.at(index, share));
  }
  model.update();
  const far = model.drawables.vertexPositions.map((positions, drawable) => {
    const was = rest[drawable]!;
    const way = new Float32Array(positions.length / 2);
    for (let i = 0; i < way.length; i++) way[i] = Math.hypot(positions[2 * i]! - was[2 * i]!, positions[2 * i + 1]! - was[2 * i + 1]!);
    return way;
  });
  const furthest = far.reduce((most, way) => way.reduce((a, b) => Math.max(a, b), most), 0);
  if (furthest < 1e-5) return null;
  return boxOf(model, rest, (_x, _y, drawable, vertex) => far[drawable]![vertex]! > MOVED * furthest);
}

/** The box round the vertices that are seen and chosen; null when there are none. */
function boxOf(
  model: Model,
  positions: readonly Float32Array[],
  choose: (x: number, y: number, drawable: number, vertex: number) => boolean,
  within: Box | null = null,
): Box | null {
  const box: Box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  const { dynamicFlags, opacities } = model.drawables;
  positions.forEach((points, drawable) => {
    if ((dynamicFlags[drawable]! & 1) === 0 || opacities[drawable]! < 0.02) return;
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [points[i]!, points[i + 1]!];
      if (!choose(x, y, drawable, i / 2)) continue;
      if (within !== null && (x < within.left || x > within.right)) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.bottom = Math.min(box.bottom, y);
      box.top = Math.max(box.top, y);
    }
  });
  return box.left <= box.right ? box : null;
}

function middle(box: Box): number {
  return (box.bottom + box.top) / 2;
}
