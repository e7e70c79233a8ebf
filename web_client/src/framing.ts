import type { Figure } from './avatar/avatar';
import type { CameraName } from './look';

/** Where the camera stands and where it looks, metres; straight before the middle of the stage. */
export interface Framing {
  height: number;
  distance: number;
}

/** An avatar and where it stands, metres from the middle to the picture's right, which is the avatar's left, and up from the floor. */
export interface Placed {
  figure: Figure;
  x: number;
  y: number;
}

/** Where feet are not seen, no head is lower than this share of the highest one's height. */
const LOWEST_HEAD = 0.94;

interface Span {
  bottom: number;
  top: number;
  halfWidth: number;
}

/**
 * Fits a part of an avatar, or of several, into the picture, whatever the size of either.
 *
 * @param fov The camera's vertical angle, degrees
 * @param aspect Width of the picture / height
 */
export function frame(camera: CameraName, placed: readonly Placed[], fov: number, aspect: number): Framing {
  const spans = placed.map(({ figure, x, y }) => ({ ...span(camera, figure), x: Math.abs(x), y }));
  const bottom = Math.min(...spans.map((span) => span.bottom + span.y));
  const top = Math.max(...spans.map((span) => span.top + span.y));
  const halfWidth = Math.max(...spans.map((span) => span.x + span.halfWidth));
  const tangent = Math.tan((fov * Math.PI) / 360);
  const forHeight = (top - bottom) / 2 / tangent;
  const forWidth = halfWidth / (tangent * aspect);
  // What is to fit stands before the origin by this much, and looks larger for it.
  const front = Math.max(...placed.map(({ figure }) => figure.front));
  const distance = Math.max(forHeight, forWidth) + front;
  // In a narrow picture there is room to spare: above the heads, not below where a picture of somebody ends.
  const floor = camera === 'full' ? -Infinity : Math.max(...placed.map(({ y }) => y));
  return { height: Math.max((top + bottom) / 2, floor + distance * tangent), distance };
}

function span(camera: CameraName, figure: Figure): Span {
  const { hips, head, eyes, top, halfHead, halfShoulders } = figure;
  const skull = top - head;
  const face = eyes - head;
  switch (camera) {
    case 'face':
      // Where the eyes are is a guess: the whole head, whatever its shape.
      if (figure.eyesGuessed) return { bottom: head - 0.25 * skull, top: top + 0.1 * skull, halfWidth: halfHead * 1.05 };
      // Bows, buns and hats may be cut here, the crown of the head not.
      return { bottom: head - 0.7 * face, top: Math.min(top + 0.3 * face, eyes + 2.4 * face), halfWidth: Math.min(halfHead, 2 * face) };
    case 'full':
      return { bottom: -0.07 * top, top: top * 1.04, halfWidth: Math.max(halfShoulders, halfHead) * 1.8 };
    default:
      return {
        bottom: head - Math.min(0.62 * (head - hips), 1.35 * skull),
        top: top + 0.22 * skull,
        halfWidth: Math.max(halfShoulders, halfHead) * 1.1,
      };
  }
}

/**
 * How far performers are lifted from the floor, metres: seen from the chest up, a small one, or one who is drawn only so far,
 * does not stand at the others' knees.
 *
 * @param figures Their avatars; null for one that is not there yet
 */
export function liftsOf(camera: CameraName, figures: readonly (Figure | null)[]): number[] {
  const highest = Math.max(...figures.map((figure) => figure?.head ?? 0));
  return figures.map((figure) => (figure === null || camera === 'full' ? 0 : Math.max(LOWEST_HEAD * highest - figure.head, 0)));
}

/**
 * Where performers stand side by side, metres to the picture's right: the first leftmost.
 *
 * @param figures Their avatars; null for one that is not there yet
 * @param chosen Places that the user chose instead
 */
export function placesOf(figures: readonly (Figure | null)[], chosen: readonly number[] | null): number[] {
  const halves = figures.map((figure) => (figure === null ? 0 : Math.max(figure.halfShoulders * 1.35, figure.halfHead * 1.05)));
  const width = 2 * halves.reduce((sum, half) => sum + half, 0);
  let edge = -width / 2;
  return halves.map((half, i) => {
    const place = edge + half;
    edge += 2 * half;
    return chosen?.[i] ?? place;
  });
}
