import { MathUtils } from 'three';

/** How the camera was moved from a preset: the same for every size of picture and avatar. */
export interface View {
  /** Degrees that the camera went round to the avatar's left, and up. */
  yaw: number;
  pitch: number;
  /** Times nearer. */
  zoom: number;
  /** How far the picture was moved, as shares of the height that the preset shows: what is shown went right, and up. */
  x: number;
  y: number;
}

export const STRAIGHT: View = { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 };
const STEEPEST = 80;
const NEAREST = 6;
const FARTHEST = 0.2;
const FURTHEST_ASIDE = 2;

/** Holds a view within its limits, in place. */
export function limit(view: View): void {
  view.yaw = MathUtils.euclideanModulo(view.yaw + 180, 360) - 180;
  view.pitch = MathUtils.clamp(view.pitch, -STEEPEST, STEEPEST);
  view.zoom = MathUtils.clamp(view.zoom, FARTHEST, NEAREST);
  view.x = MathUtils.clamp(view.x, -FURTHEST_ASIDE, FURTHEST_ASIDE);
  view.y = MathUtils.clamp(view.y, -FURTHEST_ASIDE, FURTHEST_ASIDE);
}

/** Reads `yaw,pitch,zoom,x,y`; those that are missing are as in the preset. */
export function readView(value: string | null, problems: string[]): View {
  const view = { ...STRAIGHT };
  if (value === null || value === '') return view;
  const numbers = value.split(',').map(Number);
  if (numbers.length > 5 || !numbers.every(Number.isFinite)) {
    problems.push(`view=${value} is not yaw,pitch,zoom,x,y`);
    return view;
  }
  (Object.keys(STRAIGHT) as (keyof View)[]).forEach((key, i) => {
    view[key] = numbers[i] ?? STRAIGHT[key];
  });
  limit(view);
  return view;
}

/** `yaw,pitch,zoom,x,y`, rounded to what can be seen; '' for the preset itself. */
export function writeView(view: View): string {
  const rounded = [view.yaw.toFixed(1), view.pitch.toFixed(1), view.zoom.toFixed(3), view.x.toFixed(3), view.y.toFixed(3)].map(Number);
  const usual = Object.values(STRAIGHT);
  return rounded.every((value, i) => value === usual[i]) ? '' : rounded.join(',');
}
