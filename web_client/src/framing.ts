import type { Figure } from './avatar/avatar';
import type { CameraName } from './options';

/** Where the camera stands and where it looks, metres; straight before the avatar, which stands at the origin. */
export interface Framing {
  height: number;
  distance: number;
}

interface Span {
  bottom: number;
  top: number;
  halfWidth: number;
}

/**
 * Fits a part of an avatar into the picture, whatever the size of either.
 *
 * @param fov The camera's vertical angle, degrees
 * @param aspect Width of the picture / height
 */
export function frame(camera: CameraName, figure: Figure, fov: number, aspect: number): Framing {
  const { bottom, top, halfWidth } = span(camera, figure);
  const tangent = Math.tan((fov * Math.PI) / 360);
  const forHeight = (top - bottom) / 2 / tangent;
  const forWidth = halfWidth / (tangent * aspect);
  // What is to fit stands before the origin by this much, and looks larger for it.
  return { height: (top + bottom) / 2, distance: Math.max(forHeight, forWidth) + figure.front };
}

function span(camera: CameraName, figure: Figure): Span {
  const { hips, head, eyes, top, halfHead, halfShoulders } = figure;
  const skull = top - head;
  const face = eyes - head;
  switch (camera) {
    case 'face':
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
