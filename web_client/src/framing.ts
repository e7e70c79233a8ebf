import type { Figure } from './avatar/avatar';
import type { CameraName } from './look';

/** Where the camera stands and where it looks, metres; straight before the middle of the stage. */
export interface Framing {
  height: number;
  distance: number;
}

/** An avatar and where it stands, metres from the middle to the picture's right, which is the avatar's left. */
export interface Placed {
  figure: Figure;
  x: number;
}

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
  const spans = placed.map(({ figure, x }) => ({ ...span(camera, figure), x: Math.abs(x) }));
  const bottom = Math.min(...spans.map((span) => span.bottom));
  const top = Math.max(...spans.map((span) => span.top));
  const halfWidth = Math.max(...spans.map((span) => span.x + span.halfWidth));
  const tangent = Math.tan((fov * Math.PI) / 360);
  const forHeight = (top - bottom) / 2 / tangent;
  const forWidth = halfWidth / (tangent * aspect);
  // What is to fit stands before the origin by this much, and looks larger for it.
  const front = Math.max(...placed.map(({ figure }) => figure.front));
  return { height: (top + bottom) / 2, distance: Math.max(forHeight, forWidth) + front };
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
