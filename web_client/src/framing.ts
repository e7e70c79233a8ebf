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
  return { height: (top + bottom) / 2, distance: Math.max(forHeight, forWidth) };
}

function span(camera: CameraName, figure: Figure): Span {
  const { hips, head, top, halfHead, halfShoulders } = figure;
  const skull = top - head;
  switch (camera) {
    case 'face':
      return { bottom: head - 0.25 * skull, top: top + 0.12 * skull, halfWidth: halfHead * 1.15 };
    case 'full':
      return { bottom: -0.04 * top, top: top * 1.05, halfWidth: Math.max(halfShoulders, halfHead) * 1.8 };
    default:
      return {
        bottom: head - Math.min(0.62 * (head - hips), 1.35 * skull),
        top: top + 0.22 * skull,
        halfWidth: Math.max(halfShoulders, halfHead) * 1.1,
      };
  }
}
